"""The rows below a header: which hold data, which only structure, and what the data rows say.

What belongs here: classes of rows, rows that go on with the one above, columns made of constants
and formats. What does not: what a cell means (`values.py`).

Every row below the header comes out once: as data, or as structure with its class and text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from pipelines.workbook.cells import Cell, Row
from pipelines.workbook.locate import Table
from pipelines.workbook.template import Column, Form
from pipelines.workbook.text import clean_text, fold

RowClass = Literal[
    "blank", "index", "section", "total", "continuation", "note", "example", "unanswered"
]

_INDEX = re.compile(r"\(?(\d{1,2})\)?(?: ?=.*)?")
_NUMERAL = re.compile(r"(?:[ivx]{1,5}|[a-z])")
_NUMBERED_TITLE = re.compile(r"(?:[IVX]{1,5}|[A-Z])[.)] ?\S.*", re.DOTALL)
_TOTAL = re.compile(r"(?:tong|tong cong|tong so|cong|toan quoc)(?: nhiem vu.*| ?[:(].*)?")
_NOTE = re.compile(
    r"(?:ghi chu|chu thich|nguon|luu y|nguoi lap|thu truong)\b.*"
    r"|.{0,30}\bngay\b.*\bthang\b.*\bnam\b.*"  # place and date above a signature
)
_MARKED_NOTE = re.compile(r"\s*(?:\(\*+\)|\*|\[\d+\]).*", re.DOTALL)
_EXAMPLE = re.compile(r"(?:vi du|example)\b.*")
_FEWEST_INDEXES = 3
_SOURCE = re.compile(r"\{(\w+)(?::[^}]*)?\}")


@dataclass(frozen=True)
class StructureRow:
    """A row that holds no data of its own."""

    row_number: int
    row_class: RowClass
    text: str


@dataclass(frozen=True)
class Rows:
    """Data rows by column, and the rest; a column that the sheet lacks is all None."""

    row_numbers: tuple[int, ...]
    columns: Mapping[str, Sequence[Cell | None]]
    structure: tuple[StructureRow, ...]


def read_rows(table: Table, constants: Mapping[str, str]) -> Rows:
    """Sort the rows of a table, join continuations to the row above, make the made columns."""
    form = table.form
    data: list[tuple[int, dict[str, Cell | None], Row]] = []
    structure: list[StructureRow] = []
    for number, row in enumerate(table.sheet.rows[table.first_row :], start=table.first_row + 1):
        cells = {name: _at(row, place) for name, place in table.headers.columns.items()}
        row_class = _row_class(table, row, cells, has_data=bool(data))
        if row_class == "continuation":
            last_number, last_cells, last_row = data[-1]
            joined = {name: _joined(last_cells[name], cell) for name, cell in cells.items()}
            data[-1] = (last_number, joined, last_row)
        if row_class is None:
            data.append((number, cells, row))
        else:
            structure.append(StructureRow(number, row_class, _text(row)))
    columns = {
        column.name: _column(table, column, constants, [(cells, row) for _, cells, row in data])
        for column in form.columns
    }
    return Rows(tuple(number for number, _, _ in data), columns, tuple(structure))


def _row_class(  # noqa: PLR0911 -- one line per class
    table: Table, row: Row, cells: Mapping[str, Cell | None], *, has_data: bool
) -> RowClass | None:
    """The class of a row, or None for data."""
    filled = [cell.text for cell in row if cell is not None and cell.text.strip()]
    if not filled:
        return "blank"
    if not has_data and _is_index(filled):
        return "index"
    if _repeats_header(table, row):
        return "note"
    if _TOTAL.fullmatch(fold(filled[0])) and _has_no_key(table.form, cells, filled[0]):
        return "total"
    if len(filled) <= 2 and (row_class := _words_alone(table, row, filled)):
        return row_class
    goes_on = table.form.continuation
    if has_data and goes_on and all(cells.get(name) is None for name in goes_on.when_blank):
        return "continuation"
    return "unanswered" if _is_unanswered(table.form, cells) else None


def _is_unanswered(form: Form, cells: Mapping[str, Cell | None]) -> bool:
    """Whether a row holds only what the register had filled in: the agency has not spoken of it."""
    filled = {name for name, cell in cells.items() if cell is not None and cell.text.strip()}
    registered = {column.name for column in form.columns if column.is_register}
    is_placed = bool(filled & registered & {*form.key})
    return form.skips_unanswered and is_placed and filled <= registered


def _words_alone(table: Table, row: Row, filled: list[str]) -> RowClass | None:
    """The class of a row that has one filled cell, or a numeral and a title."""
    first = fold(filled[0])
    if _EXAMPLE.fullmatch(first):
        return "example"
    if _NOTE.fullmatch(first) or _MARKED_NOTE.fullmatch(filled[0]):
        return "note"
    if _NUMERAL.fullmatch(first):
        return "section"
    if len(filled) == 2:
        return None
    leftmost = _at(row, min(table.headers.columns.values()))
    is_title = leftmost is not None and " " in clean_text(leftmost.text)
    return "section" if is_title or _NUMBERED_TITLE.fullmatch(filled[0]) else None


def _is_index(filled: list[str]) -> bool:
    """Whether cells only count up: 1, 2, 3 or (1), (2), (3) = (1) + (2)."""
    matches = [_INDEX.fullmatch(clean_text(text)) for text in filled]
    numbers = [int(match[1]) for match in matches if match]
    counts_up = all(after == before + 1 for before, after in pairwise(numbers))
    return len(numbers) == len(filled) >= _FEWEST_INDEXES and counts_up


def _has_no_key(form: Form, cells: Mapping[str, Cell | None], first: str) -> bool:
    keys = [cell.text for name in form.key if (cell := cells.get(name)) is not None]
    return all(text == first for text in keys)


def _repeats_header(table: Table, row: Row) -> bool:
    header = table.sheet.rows[table.header_row]
    same = (cell is not None and cell == above for cell, above in zip(row, header, strict=False))
    return sum(same) > 1


def _column(
    table: Table,
    column: Column,
    constants: Mapping[str, str],
    data: Sequence[tuple[Mapping[str, Cell | None], Row]],
) -> list[Cell | None]:
    if column.name in constants:
        return [_made(constants[column.name])] * len(data)
    if column.format:
        return [_formatted(table, column.format, cells, row) for cells, row in data]
    return [cells.get(column.name) for cells, _ in data]


def _formatted(
    table: Table, pattern: str, cells: Mapping[str, Cell | None], row: Row
) -> Cell | None:
    """A code made from columns of the form, or from any header of the sheet; None if one is blank.

    A source that should be a number and is none is taken as it stands.
    """
    texts: dict[str, str | int] = {}
    for name in _SOURCE.findall(pattern):
        source = cells.get(name) or _at(row, table.place_of_header(name))
        if source is None or not (text := clean_text(source.text)):
            return None
        texts[name] = int(text) if text.isdecimal() else text
    if any(isinstance(text, str) for text in texts.values()):
        pattern = _SOURCE.sub(r"{\1}", pattern)
    return _made(pattern.format(**texts))


def _made(text: str) -> Cell:
    return Cell(text, "text", text)


def _joined(above: Cell | None, below: Cell | None) -> Cell | None:
    if above is None or below is None:
        return above or below
    return _made(f"{above.text}\n{below.text}")


def _at(row: Row, place: int | None) -> Cell | None:
    return row[place] if place is not None and place < len(row) else None


def _text(row: Row) -> str:
    return " | ".join(clean_text(cell.text) for cell in row if cell is not None)
