"""The rows below a header: which hold data, which only structure, and what the data rows say.

What belongs here: going down a table, rows that go on with the one above, sections, columns made of
constants and formats. What does not: telling one row (`row_classes.py`), what totals cover
(`totals.py`), what a cell means (`values.py`).

Every row below the header comes out once: as data, or as structure with its class and text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from pipelines.workbook.cells import Cell, Row
from pipelines.workbook.layout.row_classes import RowClass, RowClasses
from pipelines.workbook.layout.table import Table
from pipelines.workbook.layout.totals import Mark, Total, find_totals
from pipelines.workbook.parsing.text import clean_text
from pipelines.workbook.template import Column

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
    sections: tuple[str | None, ...]
    """The title that each data row stands under, if any."""
    totals: tuple[Total, ...]
    data: Sequence[Row]
    """The data rows as they stand, whatever the form takes of them."""


def read_rows(table: Table, constants: Mapping[str, str]) -> Rows:
    """Sort the rows of a table, join continuations to the row above, make the made columns."""
    numbers: list[int] = []
    data: list[Row] = []
    sections: list[str | None] = []
    structure: list[StructureRow] = []
    marks: list[Mark] = []
    classes = RowClasses(table)
    section: str | None = None
    is_foreign = False  # below the header of a table that no form has
    rows = table.sheet.rows[table.first_row : table.end_row]
    for number, row in enumerate(rows, start=table.first_row + 1):
        if number - 1 in table.repeats:
            classes.restart()
            row_class, is_foreign = "note", False
        else:
            is_foreign |= number - 1 in table.unknown_at
            row_class = classes.tell(row)
        if is_foreign and row_class != "blank":
            row_class = "other"
        if row_class is None:
            numbers.append(number)
            data.append(row)
            sections.append(section)
            continue
        text = _text(row)
        structure.append(StructureRow(number, row_class, text))
        if row_class == "continuation":
            data[-1] = _joined_rows(table, data[-1], row)
        elif row_class in ("section", "total"):
            marks.append(Mark(row_class, number, row, len(data)))
            section = text if row_class == "section" else section
    narrowest = min(map(len, data), default=0)
    columns = {
        column.name: _column(table, column, constants, data, narrowest)
        for column in table.form.columns
    }
    totals = find_totals(table, marks, numbers)
    return Rows(tuple(numbers), columns, tuple(structure), tuple(sections), totals, data)


def _joined_rows(table: Table, above: Row, below: Row) -> Row:
    """A row with what the columns of the form say in the row that goes on with it."""
    cells = [*above, *[None] * (len(below) - len(above))]
    for place in table.headers.columns.values():
        if place < len(below):
            cells[place] = _joined(cells[place], below[place])
    return tuple(cells)


def _column(
    table: Table,
    column: Column,
    constants: Mapping[str, str],
    data: Sequence[Row],
    narrowest: int,
) -> list[Cell | None]:
    if column.name in constants:
        return [_made(constants[column.name])] * len(data)
    if column.format:
        return _formatted(table, column.format, data)
    place = table.headers.columns.get(column.name)
    if place is None:
        return [None] * len(data)
    if place < narrowest:
        return list(map(itemgetter(place), data))
    return [row[place] if place < len(row) else None for row in data]


def _formatted(table: Table, pattern: str, data: Sequence[Row]) -> list[Cell | None]:
    """A code made from columns of the form, or from any header of the sheet; None if one is blank.

    A source that should be a number and is none is taken as it stands.
    """
    columns = table.headers.columns
    sources = {
        name: columns.get(name, table.place_of_header(name)) for name in _SOURCE.findall(pattern)
    }
    plain = _SOURCE.sub(r"{\1}", pattern)

    def made(row: Row) -> Cell | None:
        texts: dict[str, str | int] = {}
        for name, place in sources.items():
            source = row[place] if place is not None and place < len(row) else None
            if source is None or not (text := clean_text(source.text)):
                return None
            texts[name] = int(text) if text.isdecimal() else text
        is_number = all(isinstance(text, int) for text in texts.values())
        return _made((pattern if is_number else plain).format(**texts))

    return [made(row) for row in data]


def _made(text: str) -> Cell:
    return Cell(text, "text", text)


def _joined(above: Cell | None, below: Cell | None) -> Cell | None:
    if above is None or below is None:
        return above or below
    text, written = f"{above.text}\n{below.text}", (above.value, below.value)
    if above.kind == below.kind == "text":  # as written, where letters were converted or in doubt
        return Cell(text, "text", None if None in written else f"{above.value}\n{below.value}")
    return _made(text)


def _text(row: Row) -> str:
    return " | ".join(clean_text(cell.text) for cell in row if cell is not None)
