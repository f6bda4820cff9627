"""What a reader says of a case: a value or a flag for every cell that it found.

What belongs here: the shape of an answer, and the three readers as their users use them. What does
not: whether an answer is right (`score.py`).

The two libraries get what a careful script would do: the sheet and the columns by name whatever
their case, the first row as header, texts stripped, dates day first, words and names looked up. A
sheet or column that is not found, and a text that does not convert, count as flagged: the script
would stop there. Only what comes back as a value, or as a blank without a word, can be silently
wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from deformation.book import Mark
from deformation.cases import Case
from deformation.clean import Meaning, deadline
from pipelines.workbook.addresses import column_letter
from pipelines.workbook.desk import Desk, Sent
from pipelines.workbook.record import record_keys
from pipelines.workbook.submission import FormReading, read_file
from pipelines.workbook.template import Column, Form, Template
from pipelines.workbook.values import Parsed


@dataclass(frozen=True)
class Answer:
    """What was made of a cell, and where it was found: sheet, row and letter of the column."""

    value: object = None
    is_flagged: bool = False
    address: tuple[str, int, str] | None = None


FLAGGED = Answer(is_flagged=True)


@dataclass
class Answers:
    """What was made of a file."""

    is_refused: bool = False
    has_rules: bool = False
    """Whether rules come after, that find what is readable and cannot be true."""
    cells: dict[Mark, Answer] = field(default_factory=dict)
    headers: set[tuple[str, str]] = field(default_factory=set)
    """Form and column of each header that was recognised."""
    not_read: set[str] = field(default_factory=set)
    """Forms that were reported as not read."""
    rows_without_key: set[tuple[str, int]] = field(default_factory=set)
    """Sheet and number of rows that were reported as nobody's."""
    reported_rows: set[tuple[str, str]] = field(default_factory=set)
    """Form and key of rows in which a cell that must be filled in is reported as blank."""


Reader = Callable[[Case], Answers]


def ours(desk: Desk) -> Reader:
    """The reader of the daily run."""

    def read(case: Case) -> Answers:
        reading = read_file(Sent(case.path, case.agency, case.file_name), desk)
        answers = Answers(reading.status == "REFUSED", has_rules=True)
        for form in reading.forms if reading.status == "READ" else ():
            _take(answers, form)
        said = {*reading.unmatched_sheets, *(s for f in reading.forms for s in f.other_sheets)}
        sheets = {mark.form: place[0] for mark, place in case.places.items()}
        answers.not_read = {form for form, sheet in sheets.items() if sheet in said}
        return answers

    return read


def _take(answers: Answers, form: FormReading) -> None:
    keys = record_keys(form)
    letters = {source.column_name: source.column_letter for source in form.source_columns}
    answers.headers |= {(form.form, name) for name in letters}
    for number, key in zip(form.row_numbers, keys, strict=True):
        if key is None:
            answers.rows_without_key.add((form.sheet_name, number))
    for column, parsed in form.columns:
        if not (column.is_optional or column.excused_when):
            answers.reported_rows |= {
                (form.form, key or "")
                for key, cell in zip(keys, parsed, strict=True)
                if cell.state != "present"
            }
        letter = letters.get(column.name, "")
        for number, key, cell in zip(form.row_numbers, keys, parsed, strict=True):
            if key is not None:
                address = form.sheet_name, number, letter
                is_missing = column.name in form.missing_columns
                mark = Mark(form.form, key, column.name)
                answers.cells[mark] = _answer(cell, address, is_missing=is_missing)


def _answer(cell: Parsed, address: tuple[str, int, str], *, is_missing: bool) -> Answer:
    value: Any = cell.value
    match type(value).__name__:
        case "Deadline":
            value = (value.day, value.precision, value.kind) if cell.state == "present" else None
        case "Quantity":
            value = (value.main, value.operator)
        case "Unit":
            value = (value.main, value.scale)
        case "SuffixedCode":
            value = value.main
        case "int":
            value = float(value)
    is_flagged = is_missing or cell.problem is not None or cell.state in ("unreadable", "filler")
    return Answer(None if cell.problem else value, is_flagged, address)


def table_reader(
    sheets_of: Callable[[Case], dict[str, Sequence[Sequence[object]]]],
    dates_of: Callable[[Sequence[object]], list[object]],
    templates: dict[str, Template],
    meaning: Meaning,
) -> Reader:
    """A library as a script uses it; `dates_of` converts a column of dates."""

    def read(case: Case) -> Answers:
        try:
            sheets = sheets_of(case)
        except Exception:  # noqa: BLE001 -- whatever it raises, the script stops
            return Answers(is_refused=True)
        answers = Answers()
        for name, form in templates[case.template].forms.items():
            if form.layout != "table" or all(mark.form != name for mark in case.expected):
                continue
            rows = next((r for n, r in sheets.items() if _same(n, form.sheet) or n == "CSV"), None)
            if rows is None or not _read_table(answers, name, form, rows, dates_of, meaning):
                answers.not_read.add(name)
        return answers

    return read


def _same(found: object, wanted: str) -> bool:
    return str(found).strip().casefold() == wanted.casefold()


def _read_table(
    answers: Answers,
    name: str,
    form: Form,
    rows: Sequence[Sequence[object]],
    dates_of: Callable[[Sequence[object]], list[object]],
    meaning: Meaning,
) -> bool:
    header = rows[0] if rows else ()
    found = {
        column.name: place
        for column in form.columns
        for place, text in enumerate(header)
        if _same(text, column.header)
    }
    answers.headers |= {(name, column) for column in found}
    if not set(form.key) <= set(found):
        return False
    read = {
        column.name: list(_column(column, [_at(row, found[column.name]) for row in rows[1:]],
                                  dates_of, meaning))
        for column in form.columns if column.name in found
    }  # fmt: skip
    for number in range(len(rows) - 1):
        key = "/".join(str(read[column][number].value) for column in form.key)
        for column in form.columns:
            answer = read[column.name][number] if column.name in read else FLAGGED
            answers.cells[Mark(name, key, column.name)] = answer
    return True


def _at(row: Sequence[object], place: int) -> object:
    return row[place] if place < len(row) else None


def _column(
    column: Column,
    values: list[object],
    dates_of: Callable[[Sequence[object]], list[object]],
    meaning: Meaning,
) -> Iterator[Answer]:
    """Convert a column as its type suggests."""
    values = [None if _is_nothing(value) else value for value in values]
    if column.type == "date":
        for value, day in zip(values, dates_of(values), strict=True):
            yield Answer(day, is_flagged=value is not None and day is None)
        return
    for value in values:
        try:
            yield Answer(None if value is None else _converted(column, value, meaning))
        except (LookupError, ValueError, TypeError, AssertionError):
            yield FLAGGED


def _is_nothing(value: object) -> bool:
    return value is None or value == "" or value != value  # noqa: PLR0124 -- NaN alone differs


def _converted(column: Column, value: Any, meaning: Meaning) -> object:
    text = str(value).strip()
    if column.type in ("count", "number", "percent"):
        return float(value) if isinstance(value, (int, float)) else float(text)
    if column.type == "quantity":
        return (float(text), "=")
    if column.type == "deadline":
        if isinstance(value, date):
            return value.date() if isinstance(value, datetime) else value, "day", "fixed"
        try:
            return datetime.strptime(text, "%d/%m/%Y").date(), "day", "fixed"
        except ValueError:
            return deadline(text)
    if column.type == "agencies":
        return tuple(meaning.agencies[name] for name in text.split("; "))
    if column.word_list or column.type == "unit":
        return meaning.of(column, text)
    return text


__all__ = ["FLAGGED", "Answer", "Answers", "Reader", "column_letter", "ours", "table_reader"]
