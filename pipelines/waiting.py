"""What waits for a person: held files, headers and rows that are only alike; and their answers.

What belongs here: the list, the exact command for each entry, which answers make sense. What does
not: why something waits (dbt for files, `workbook/match.py`, `workbook/row_match.py`), what nobody
asked (`corrections.py`), how an answer is kept (`intake/archive.py`).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

import duckdb

from pipelines import corrections, warehouse
from pipelines.corrections import NoAnswer, UnknownQuestion
from pipelines.intake.archive import Decision, append_decision, read_decisions, read_receipts
from pipelines.published import connect
from pipelines.settings import Settings
from pipelines.workbook.template import Form, Template, load_templates

Kind = Literal["held_submission", "header_match", "row_match"]
OF_HELD_FILES = ("accept", "refuse")
WORDS = {*OF_HELD_FILES, *corrections.OF_FILES, *corrections.OF_FINDINGS}
"""All that can be answered about a file or a finding."""
NONE = "none"
"""The answer that a header is no column, or a row speaks of nothing in the register."""
LONGEST = 90
"""Letters of a row that are shown: two lines of a terminal hold question and file."""

HELD = """
    select submission_id, agency_code, file_name,
        coalesce(cast(reporting_date as varchar), '?'),
        coalesce(reason_vi, reason_code) || coalesce(' (' || detail || ')', ''),
        coalesce(reason_en, reason_code) || coalesce(' (' || detail || ')', '')
    from marts.fct_submissions
    where status = 'HELD'
    group by all order by min(received_at), submission_id"""
HEADERS = """
    select decision_key, max_by(agency_code, received_at), max_by(file_name, received_at),
        max_by(sheet_name, received_at), max_by(header_text, received_at),
        max_by(column_name, received_at)
    from raw.header_questions inner join raw.receipts using (submission_id)
    where verdict = 'asked'
    group by decision_key order by min(received_at), decision_key"""
ROWS = """
    select decision_key, max_by(agency_code, received_at), max_by(file_name, received_at),
        max_by(sheet_name || '!' || row_number, received_at),
        max_by(coalesce(sheet_rows."{title}_raw", '?'), received_at),
        max_by(matches.record_key, received_at),
        max_by((select any_value(known."{title}_raw") from raw.{register} as known
            where known.record_key = matches.record_key), received_at)
    from raw.row_matches as matches
    inner join raw.receipts using (submission_id)
    inner join raw.{table} as sheet_rows using (submission_id, sheet_name, row_number)
    where verdict = 'asked' and matches.form = ?
    group by decision_key order by min(received_at), decision_key"""


@dataclass(frozen=True)
class Question:
    """Something that only a person can tell."""

    kind: Kind
    key: str
    agency_code: str
    file_name: str
    place: str
    """The day of a file, the sheet of a header, sheet and number of a row."""
    asked_vi: str
    asked_en: str
    proposal: str
    answer: str | None = None
    """Given since the question was asked; counts from the next run on."""

    @property
    def command(self) -> str:
        """What to type to answer as proposed."""
        words = shlex.join(["nq57", "decide", self.key, self.proposal])
        return f'{words} --by "…" --reason "…"'


@dataclass(frozen=True)
class Waiting:
    """All questions, oldest first; `busy` says why those of headers and rows are missing."""

    questions: tuple[Question, ...]
    busy: str | None = None


def waiting(settings: Settings) -> Waiting:
    """What waits as of the newest release and the last load. Raises NothingPublished."""
    with connect(settings) as release:
        held = list(_held(release))
    try:
        asked = _asked(settings)
    except warehouse.WarehouseBusy as error:
        return Waiting(tuple(_answered(settings, held)), str(error))
    return Waiting(tuple(_answered(settings, [*held, *asked])))


def questions(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[Question]:
    """What waits by a warehouse in which a run has just computed everything."""
    forms = _forms(load_templates(settings.templates))
    found = [*_held(connection), *_headers(connection), *_rows(connection, forms)]
    return list(_answered(settings, found))


def as_markdown(found: Sequence[Question]) -> str:
    """The list as a table for Dagster's pages."""
    if not found:
        return "Không có gì chờ quyết định · Nothing waits for a decision."
    names = (
        "Cơ quan · Agency",
        "Tệp · File",
        "Ở đâu · Where",
        "Câu hỏi · Question",
        "Trả lời · Answer",
    )
    rows = [names, ("---",) * len(names)]
    for one in found:
        said = f"answered: {one.answer}" if one.answer else f"`{one.command}`"
        rows.append((one.agency_code, one.file_name, one.place, one.asked_en, said))
    return "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in rows)


def decide(  # noqa: PLR0913, PLR0917 - the fields of a decision
    settings: Settings,
    key: str,
    answer: str,
    by: str,
    reason: str,
    now: datetime,
    until: date | None = None,
) -> None:
    """Keep a person's answer. Raises UnknownQuestion, NoAnswer, WarehouseBusy."""
    now = _after_the_last(settings, key, now.replace(microsecond=0))
    files = {receipt.submission_id for receipt in read_receipts(settings.archive)}
    if "|" not in key and answer not in WORDS:
        raise NoAnswer(
            "Tệp đang giữ: accept hoặc refuse; tệp bất kỳ: withdraw hoặc keep; phát hiện: accept"
            " hoặc end · A held file is answered accept or refuse, any file withdraw or keep,"
            " a finding accept or end."
        )
    if "|" not in key and key not in files:
        kind, answer = corrections.of_finding(settings, key, answer, until, now)
    elif until is not None:
        raise NoAnswer("--until chỉ dùng cho phát hiện · --until is for findings alone.")
    else:
        kind = _kind(settings, key, answer)
    append_decision(settings.archive, Decision(now, by, kind, key, answer, reason))


def _after_the_last(settings: Settings, key: str, now: datetime) -> datetime:
    """Now, or a second after the last answer: of one second nobody could tell which came later."""
    given = (one.decided_at for one in read_decisions(settings.archive) if one.key == key)
    return max([now, *(at + timedelta(seconds=1) for at in given)])


def _kind(settings: Settings, key: str, answer: str) -> Kind | corrections.Kind:
    """What sort of question a key asks, when the answer fits it."""
    if "|" not in key:
        if answer in corrections.OF_FILES:
            return corrections.of_file(settings, key, answer)
        if answer not in OF_HELD_FILES:
            raise NoAnswer("Hãy trả lời accept hoặc refuse · A file is answered accept or refuse.")
        return "held_submission"
    asked = _asked_at_all(settings, key)
    if asked is None:
        raise UnknownQuestion(
            f"Chưa từng có câu hỏi {key} · No question {key} was ever asked: nq57 decide lists them"
        )
    kind, answers = asked
    if answer not in {*answers, NONE}:
        known = f": {', '.join(sorted(answers))}" if len(answers) <= 60 else ""
        raise NoAnswer(
            f"{answer}: không có trong danh mục; hoặc trả lời none"
            f" · {answer} is not known{known}; or answer none"
        )
    return kind


def _asked_at_all(settings: Settings, key: str) -> tuple[Kind, set[str]] | None:
    """The kind of a question that the last load knows, answered or not, and what may be said."""
    if not settings.warehouse.exists():
        return None
    form_name = key.split("|")[1]
    forms = [form for name, form in _forms(load_templates(settings.templates)) if name == form_name]
    with _warehouse(settings) as connection:
        if _count(connection, "header_questions", key):
            return "header_match", {column.name for form in forms for column in form.columns}
        if _count(connection, "row_matches", key):
            registers = {form.match.to for form in forms if form.match}
            return "row_match", {
                record_key
                for register in registers
                for (record_key,) in connection.execute(
                    f"select distinct record_key from raw.{register} where record_key is not null"
                ).fetchall()
            }
    return None


def _asked(settings: Settings) -> list[Question]:
    if not settings.warehouse.exists():
        return []
    forms = _forms(load_templates(settings.templates))
    with _warehouse(settings) as connection:
        return [*_headers(connection), *_rows(connection, forms)]


@contextmanager
def _warehouse(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse for a moment in which no run begins: it could not open it."""
    with (
        warehouse.lock(settings, "nq57 decide"),
        warehouse.connect(settings.warehouse, read_only=True) as connection,
    ):
        yield connection


def _forms(templates: Iterable[Template]) -> list[tuple[str, Form]]:
    return [(name, form) for template in templates for name, form in template.forms.items()]


def _held(connection: duckdb.DuckDBPyConnection) -> Iterator[Question]:
    for key, agency, file_name, day, vi, en in connection.execute(HELD).fetchall():
        yield Question("held_submission", key, agency, file_name, day, vi, en, "accept")


def _headers(connection: duckdb.DuckDBPyConnection) -> Iterator[Question]:
    if not _is_there(connection, "header_questions"):
        return
    for key, agency, file_name, sheet, header, column in connection.execute(HEADERS).fetchall():
        yield Question(
            *("header_match", key, agency, file_name, sheet),
            f"Cột “{header}” có phải là {column}?",
            f"Is the column “{header}” {column}?",
            column or NONE,
        )


def _rows(
    connection: duckdb.DuckDBPyConnection, forms: Iterable[tuple[str, Form]]
) -> Iterator[Question]:
    if not _is_there(connection, "row_matches"):
        return
    asked = {(name, form.raw_table or name, form.match) for name, form in forms if form.match}
    for name, table, match in sorted(asked, key=lambda one: one[:2]):
        query = ROWS.format(title=match.title, table=table, register=match.to)
        for key, agency, file_name, place, text, record, known in connection.execute(
            query, [name]
        ).fetchall():
            row, listed = f"“{_short(text)}”", f"{record or '?'} “{_short(known or '?')}”"
            yield Question(
                *("row_match", key, agency, file_name, place),
                f"{row} có phải là {listed}?",
                f"Is {row} {listed}?",
                record or NONE,
            )


def _answered(settings: Settings, found: Iterable[Question]) -> Iterator[Question]:
    answers = {(one.kind, one.key): one.answer for one in read_decisions(settings.archive)}
    return (replace(one, answer=answers.get((one.kind, one.key))) for one in found)


def _is_there(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    found = connection.execute(
        "select count(*) from duckdb_tables() where schema_name = 'raw' and table_name = ?", [table]
    ).fetchall()
    return found[0][0] > 0


def _count(connection: duckdb.DuckDBPyConnection, table: str, key: str) -> int:
    if not _is_there(connection, table):
        return 0
    query = f"select count(*) from raw.{table} where decision_key = ?"
    return connection.execute(query, [key]).fetchall()[0][0]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
