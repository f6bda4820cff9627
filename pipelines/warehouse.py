"""The warehouse: the DuckDB file that a run works in. Disposable, and held by one run at a time.

What belongs here: the lock, how the file is opened, and schema `raw` as it is loaded from the
archive and the readings. What does not: reading workbooks (`workbook/`), every later schema (dbt).
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines import durable, raw_load
from pipelines.intake.archive import Decision, Receipt, read_decisions, read_receipts
from pipelines.raw_schema import RECORDS, ROW_FILES, raw_tables
from pipelines.row_matches import load_row_matches
from pipelines.settings import Settings
from pipelines.standing import CERTIFIED_RELEASE
from pipelines.workbook.layout.header_answers import HeaderAnswers
from pipelines.workbook.template import load_templates

log = logging.getLogger(__name__)


class WarehouseBusy(Exception):
    """Another run holds the data root; the sentence says which, in both languages."""


BUILT = ("intermediate", "marts", "quality")
"""Schemas that dbt fills from schema `raw` and what was measured."""
STEPS = ("facts", "quality", "scores")
"""What a run does with the days that it builds, in order; a part leaves them for the next run."""
BOOKS = {
    "run": "as_of_date date, rule_set_hash varchar",
    "steps_done": "step varchar",
    "built_days": "as_of_date date, inputs_hash varchar",
    "built_senders": "form varchar, agency_code varchar, inputs_hash varchar",
}
"""Tables of schema `raw` that keep what this run does and what stands from earlier ones."""
STANDING = {"built_days": "int_day_inputs", "built_senders": "int_sender_inputs"}
"""What stands, and where a run has put down what it would build it from."""


@dataclass(frozen=True)
class RawCounts:
    """What was loaded; `unread` receipts are received files without a reading."""

    receipts: int
    readings: int
    decisions: int
    unread: int
    rows: dict[str, int] = field(default_factory=dict)


@contextmanager
def lock(settings: Settings, purpose: str) -> Iterator[None]:
    """Hold the data root alone; the system lets go of it when the process dies.

    The file itself stays: removing it would let two runs lock two files of one name.
    """
    settings.data_root.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(settings.lock, os.O_RDWR | os.O_CREAT), "r+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise WarehouseBusy(_busy_sentence(file.read())) from error
        since = datetime.now(UTC).isoformat(timespec="seconds")
        holder = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": since,
            "purpose": purpose,
        }
        file.truncate(0)
        file.write(json.dumps(holder, ensure_ascii=False))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def connect(path: Path, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open a database as the whole project does: in UTC, without fetching extensions."""
    config: dict[str, Any] = {"autoinstall_known_extensions": False}
    connection = duckdb.connect(str(path), read_only=read_only, config=config)
    connection.execute("set TimeZone = 'UTC'")
    return connection


def load_raw(settings: Settings, reading_key: str, known_at: datetime | None = None) -> RawCounts:
    """Bring schema `raw` to what was known at `known_at` (None: all), all or nothing.

    Readings that it holds already stay; the others come or go. Every table is there with its
    columns also when nothing was read. Other tables of the schema stay as they are.
    """
    receipts = [one for one in read_receipts(settings.archive) if _is_known(one, known_at)]
    decisions = [one for one in _deciding(settings.archive) if _is_known(one, known_at)]
    answers = HeaderAnswers.of(decisions)
    folders = [
        settings.raw / f"{one.submission_id}-{answers.reading_key(reading_key, one.agency_code)}"
        for one in receipts
    ]
    templates = load_templates(settings.templates)
    forms = raw_tables(templates)
    with _open_or_rebuild(settings.warehouse) as connection:
        connection.execute("begin")
        connection.execute("create schema if not exists raw")
        answered = [{**asdict(one), "expires_on": one.expires_on} for one in decisions]
        sent = [asdict(one) for one in receipts]
        for table, records in (("receipts", sent), ("decisions", answered)):
            raw_load.create(connection, table, RECORDS[table])
            raw_load.insert(connection, table, RECORDS[table], records)
        rows = raw_load.load_readings(connection, folders, ROW_FILES | forms)
        if sum(rows[table] for table in forms) != rows["form_rows"]:
            raise RuntimeError(f"raw.form_rows does not list every row of {', '.join(forms)}")
        load_row_matches(connection, templates, settings.seeds)
        durable.commit(connection)
    received = sum(one.status == "RECEIVED" for one in receipts)
    read = rows["readings"]
    return RawCounts(len(receipts), read, len(decisions), received - read, rows)


def write_run(path: Path, as_of: date, rule_set_hash: str) -> None:
    """Say which day is reported under which rules: the only parameters that SQL has.

    Under other rules no table that was built before stands, so all of them go; readings, and what
    was measured under a rule that is the same, stay.
    """
    with connect(path) as connection:
        connection.execute("begin")
        for table, shape in BOOKS.items():
            connection.execute(f"create table if not exists raw.{table} ({shape})")
        before = connection.execute("select rule_set_hash from raw.run").fetchall()
        if before != [(rule_set_hash,)]:
            for schema in BUILT:
                connection.execute(f"drop schema if exists {schema} cascade")
            for table in STANDING:
                connection.execute(f"delete from raw.{table}")
        connection.execute("delete from raw.run")
        connection.execute("delete from raw.steps_done")
        connection.execute("insert into raw.run values (?, ?)", [as_of, rule_set_hash])
        durable.commit(connection)


def note_step(path: Path, step: str) -> None:
    """Say that a step of the run has built all its tables; after the last one its days stand."""
    with connect(path) as connection:
        connection.execute("begin")
        connection.execute(
            "delete from raw.steps_done where step in (select unnest(?))",
            [list(STEPS[STEPS.index(step) :])],
        )
        connection.execute("insert into raw.steps_done values (?)", [step])
        (done,) = connection.execute("select count(*) from raw.steps_done").fetchall()[0]
        if done == len(STEPS):
            for table, inputs in STANDING.items():
                connection.execute(f"delete from raw.{table}")
                connection.execute(f"insert into raw.{table} from intermediate.{inputs}")
        durable.commit(connection)


def newest_reporting_date(path: Path) -> date | None:
    """The newest reporting date that an agency sent under its own name; None when there is none."""
    with connect(path, read_only=True) as connection:
        found = connection.execute(
            """
            select max(readings.reporting_date)
            from raw.readings as readings
            inner join raw.receipts as receipts using (submission_id)
            where readings.status = 'READ' and receipts.agency_code <> 'BCD'
                and coalesce(readings.claimed_agency_code, receipts.agency_code)
                    = receipts.agency_code
            """
        ).fetchone()
    return found[0] if found else None


_DAMAGE = (duckdb.IOException, duckdb.SerializationException, duckdb.InternalException)
"""What DuckDB says of a file that it cannot read, or whose log it cannot replay."""


def leaves_out(archive: Path, known_at: datetime) -> bool:
    """Whether a file or a decision that counts is later than an instant."""
    return any(
        not _is_known(one, known_at) for one in (*read_receipts(archive), *_deciding(archive))
    )


def _deciding(archive: Path) -> Iterator[Decision]:
    """Decisions that decide about figures; what a release is called does not."""
    return (one for one in read_decisions(archive) if one.kind != CERTIFIED_RELEASE)


def _is_known(record: Receipt | Decision, known_at: datetime | None) -> bool:
    instant = record.received_at if isinstance(record, Receipt) else record.decided_at
    return known_at is None or instant <= known_at.astimezone(UTC)


def _open_or_rebuild(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        return connect(path)
    except _DAMAGE as error:
        if "Could not set lock" in str(error):
            raise WarehouseBusy(_busy_sentence(str(error))) from error
        log.warning("%s cannot be opened and is built anew: %s", path, error)
    for part in (path, path.with_name(f"{path.name}.wal")):
        part.unlink(missing_ok=True)
    return connect(path)


def _busy_sentence(holder: str) -> str:
    try:
        known = json.loads(holder)
        vi = "{purpose}, tiến trình {pid} trên máy {host}, từ {since}".format(**known)
        en = "{purpose}, process {pid} on {host}, since {since}".format(**known)
    except (ValueError, KeyError):
        vi = en = holder or "?"
    return (
        f"Kho dữ liệu đang được dùng ({vi}). Hãy đợi lượt ấy xong rồi chạy lại."
        f" · The data root is in use ({en}). Wait for that run to end, then try again."
    )
