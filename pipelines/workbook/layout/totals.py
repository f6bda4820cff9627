"""Totals that stand in a table: no data, but a control of the rows that they cover.

What belongs here: which cells of structure rows are totals, and which rows each may be the sum of.
What does not: whether it is (`expectations/sql/total_does_not_add_up.sql`: SQL relates).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.workbook.cells import Cell, Row
from pipelines.workbook.layout.row_classes import RowClass, filled_cells, is_average_text
from pipelines.workbook.layout.table import Table
from pipelines.workbook.parsing.text import fold
from pipelines.workbook.template import Column, Form

if TYPE_CHECKING:
    from pipelines.workbook.values import Parsed

_ROMAN = re.compile(r"[ivx]+")


@dataclass(frozen=True)
class Mark:
    """A section or total row, with the number of data rows above it."""

    row_class: RowClass
    row_number: int
    row: Row
    above: int


@dataclass(frozen=True)
class ControlTotal:
    """One cell of a total row, read; the rows are those of its `Total`."""

    row_number: int
    column_name: str
    value: float | None
    value_raw: str | None
    first_row: int
    last_row: int
    earliest_row: int


@dataclass(frozen=True)
class Total:
    """A total row: the sum of the rows from `first_row` to `last_row`, or from `earliest_row` on.

    From `first_row`: since the section row or the total above. From `earliest_row`: since the total
    above. That it sums the whole table is always possible as well.
    """

    row_number: int
    cells: Mapping[str, Cell]
    first_row: int
    last_row: int
    earliest_row: int


def find_totals(table: Table, marks: Sequence[Mark], numbers: Sequence[int]) -> tuple[Total, ...]:
    """The totals among section and total rows that cover data rows; `numbers` are those of data."""
    found: list[Total] = []
    for place, mark in enumerate(marks):
        cells = _amounts(table, mark)
        first, last, earliest = _scope(place, marks, len(numbers))
        if cells and first < last:
            scope = (numbers[first], numbers[last - 1], numbers[earliest])
            found.append(Total(mark.row_number, cells, *scope))
    return tuple(found)


def read_totals(
    form: Form, totals: Sequence[Total], parse: Callable[[Column, list[Cell]], Sequence[Parsed]]
) -> tuple[ControlTotal, ...]:
    """What the cells of total rows say; a cell that cannot be read has no value."""
    read: list[ControlTotal] = []
    for column in form.columns:
        given = [total for total in totals if column.name in total.cells]
        cells = parse(column, [total.cells[column.name] for total in given]) if given else ()
        for total, cell in zip(given, cells, strict=True):
            value = float(cell.value) if isinstance(cell.value, int | float) else None
            scope = (total.first_row, total.last_row, total.earliest_row)
            read.append(ControlTotal(total.row_number, column.name, value, cell.raw, *scope))
    return tuple(read)


def _amounts(table: Table, mark: Mark) -> dict[str, Cell]:
    """Cells of counts; averages are no sums."""
    if any(is_average_text(cell.text) for cell in filled_cells(mark.row, 2)):
        return {}
    columns = table.headers.columns
    places = {
        column.name: columns[column.name]
        for column in table.form.columns
        if column.type == "count" and column.is_additive and column.name in columns
    }
    cells = {name: mark.row[place] for name, place in places.items() if place < len(mark.row)}
    return {name: cell for name, cell in cells.items() if cell is not None}


def _scope(place: int, marks: Sequence[Mark], count: int) -> tuple[int, int, int]:
    """Data rows that a mark may cover: from, up to (not included), and the earliest from."""
    mark = marks[place]
    if mark.row_class == "section":
        same = (later for later in marks[place + 1 :] if _kind(later) == _kind(mark))
        end = next((later.above for later in same), count)
        return mark.above, end, mark.above
    sections = [one.above for one in marks[:place] if one.row_class == "section"]
    totals = [one.above for one in marks[:place] if one.row_class == "total"]
    is_below_title = bool(sections) and sections[-1] == mark.above < count
    if mark.above == 0 or (is_below_title and marks[place - 1].row_class == "section"):
        later = (one.above for one in marks[place + 1 :] if one.row_class == "section")
        end = next((above for above in later if above > mark.above), count) if sections else count
        return mark.above, end, mark.above
    if totals and totals[-1] == mark.above:  # the total of totals
        return 0, mark.above, 0
    earliest = totals[-1] if totals else 0
    nearest = max([earliest, *(above for above in sections if above < mark.above)])
    return nearest, mark.above, earliest


def _kind(mark: Mark) -> str:
    """Sections of one level are numbered alike."""
    if mark.row_class != "section":
        return mark.row_class
    head = fold(filled_cells(mark.row, 1)[0].text)
    return "roman" if _ROMAN.fullmatch(head) else "letter" if len(head) == 1 else "title"
