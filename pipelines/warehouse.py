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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from pyarrow.parquet import ParquetFile

from pipelines import durable
from pipelines.intake.archive import Decision, Receipt, read_decisions, read_receipts
from pipelines.settings import Settings
from pipelines.workbook.template import COLUMN_TYPES, Form, Template, load_templates

log = logging.getLogger(__name__)

Columns = list[tuple[str, str]]
"""Names and DuckDB types, in order."""


class WarehouseBusy(Exception):
    """Another run holds the data root; the sentence says which, in both languages."""


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
    """Make schema `raw` anew, all or nothing, from what was known at `known_at` (None: all).

    Every table is there with its columns also when nothing was read. Other tables of the schema
    stay as they are.
    """
    receipts = [one for one in read_receipts(settings.archive) if _is_known(one, known_at)]
    decisions = [one for one in read_decisions(settings.archive) if _is_known(one, known_at)]
    folders = [settings.raw / f"{one.submission_id}-{reading_key}" for one in receipts]
    folders = [folder for folder in folders if folder.is_dir()]
    readings = [json.loads((folder / "reading.json").read_bytes()) for folder in folders]
    forms = [
        {"submission_id": reading["submission_id"], **form}
        for reading in readings
        for form in reading["forms"]
    ]
    tables = raw_tables(load_templates(settings.templates))
    written = _ROW_FILES | tables
    with _open_or_rebuild(settings.warehouse) as connection:
        connection.execute("begin")
        connection.execute("create schema if not exists raw")
        _load_rows(connection, "receipts", [asdict(one) for one in receipts])
        _load_rows(connection, "readings", readings)
        _load_rows(connection, "reading_forms", forms)
        _load_rows(connection, "decisions", [asdict(one) for one in decisions])
        rows = {
            table: _load_files(connection, table, columns, folders)
            for table, columns in written.items()
        }
        if sum(rows[table] for table in tables) != rows["form_rows"]:
            raise RuntimeError(f"raw.form_rows does not list every row of {', '.join(tables)}")
        durable.commit(connection)
    received = sum(one.status == "RECEIVED" for one in receipts)
    return RawCounts(len(receipts), len(readings), len(decisions), received - len(readings), rows)


def write_run(path: Path, as_of: date, rule_set_hash: str) -> None:
    """Say which day is reported under which rules: the only parameters that SQL has."""
    with connect(path) as connection:
        connection.execute("begin")
        _create(connection, "run", _columns("as_of_date:date rule_set_hash"))
        connection.execute("insert into raw.run values (?, ?)", [as_of, rule_set_hash])
        durable.commit(connection)


def raw_columns(form: Form) -> Columns:
    """The columns of the raw table of a form: address, then each value with what is known of it."""
    columns = _columns("submission_id sheet_name row_number:integer record_key")
    for column in form.columns:
        name = column.name
        kind, parts = COLUMN_TYPES[column.type]
        columns.append((name, kind))
        columns += [(f"{name}_{part}", of_part) for part, of_part in parts.items()]
        columns += [(f"{name}_{part}", "varchar") for part in ("raw", "state", "problem", "repair")]
    return columns


def raw_tables(templates: Sequence[Template]) -> dict[str, Columns]:
    """Raw tables by name; two templates that feed one table both add their columns to it."""
    tables: dict[str, dict[str, str]] = {}
    for template in templates:
        for name, form in template.forms.items():
            if form.layout == "table":
                known = tables.setdefault(form.raw_table or name, {})
                for column, kind in raw_columns(form):
                    if known.setdefault(column, kind) != kind:
                        raise ValueError(f"{template.template}: {name}.{column} is no {kind}")
    return {table: list(columns.items()) for table, columns in tables.items()}


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


def _columns(text: str) -> Columns:
    """Columns written as `name` (varchar) or `name:type`."""
    named = [word.partition(":") for word in text.split()]
    return [(name, kind or "varchar") for name, _, kind in named]


_RECORDS = {
    "receipts": _columns(
        "submission_id agency_code channel file_name sha256 size_bytes:bigint sent_at:timestamp"
        " received_at:timestamp status reason_code detail"
    ),
    "readings": _columns(
        "submission_id reading_key status reason_code detail template template_version"
        " claimed_agency_raw claimed_agency_code reporting_date:date period_start:date"
        " period_end:date content_hash is_invented:boolean unmatched_sheets:varchar[]"
    ),
    "reading_forms": _columns(
        "submission_id form sheet_name header_row:integer rows_received:bigint"
        " missing_columns:varchar[] unmatched_columns:varchar[] other_sheets:varchar[]"
    ),
    "decisions": _columns("decided_at:timestamp decided_by kind key answer reason"),
}
"""Tables made of JSON records, one row each."""

_ROW_FILES = {
    "source_columns": _columns(
        "submission_id form sheet_name column_name column_letter header_text"
    ),
    "structure_rows": _columns("submission_id form sheet_name row_number:integer row_class text"),
    "form_rows": _columns("submission_id form sheet_name row_number:integer record_key"),
    "gaps": _columns("submission_id form sheet_name row_number:integer column_name state"),
}
"""Tables made of Parquet files that every reading may have, whatever its template."""


_BATCH = 500
"""Files read before they are inserted: some 40 MB of rows."""


def _is_known(record: Receipt | Decision, known_at: datetime | None) -> bool:
    instant = record.received_at if isinstance(record, Receipt) else record.decided_at
    return known_at is None or instant <= known_at.astimezone(UTC)


def _load_rows(
    connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]
) -> None:
    columns = _RECORDS[table]
    _create(connection, table, columns)
    if rows:
        values = {name: [_naive(row.get(name)) for row in rows] for name, _ in columns}
        connection.register("incoming", pa.table(values))
        connection.execute(f"insert into raw.{table} by name select * from incoming")
        connection.unregister("incoming")


def _load_files(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Columns, folders: list[Path]
) -> int:
    """Fill a table from the readings that have a file of its name; gives the number of rows.

    Arrow reads 5,000 files of 76 columns in 14 s; DuckDB, with `union_by_name`, took 60 s and 8 GB
    (2026-11).
    """
    _create(connection, table, columns)
    files = [path for folder in folders if (path := folder / f"{table}.parquet").is_file()]
    selected = ", ".join(
        f"coalesce(\"{name}\", 'blank')" if name.endswith("_state") else f'"{name}"'
        for name, _ in columns
    )
    rows = 0
    for start in range(0, len(files), _BATCH):
        batch = [ParquetFile(path).read() for path in files[start : start + _BATCH]]
        incoming = pa.concat_tables(batch, promote_options="permissive").combine_chunks()
        connection.register("incoming", incoming)
        # The empty table stands in the union for columns that no file has.
        connection.execute(
            f"""
            insert into raw.{table}
            select {selected} from (
                select * from raw.{table} where false
                union all by name
                select * from incoming
            )
            """
        )
        connection.unregister("incoming")
        rows += incoming.num_rows
    return rows


def _create(connection: duckdb.DuckDBPyConnection, table: str, columns: Columns) -> None:
    described = ", ".join(f'"{name}" {kind}' for name, kind in columns)
    connection.execute(f"create or replace table raw.{table} ({described})")


def _naive(value: object) -> object:
    """Instants without their zone, UTC, as TIMESTAMP holds them."""
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


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
