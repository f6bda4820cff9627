"""Cells that speak for more than their own place, and columns that speak for the same field.

What belongs here: what a merged cell says of each row that it covers; rows in which two columns of
one name say two things; a line above a table that scales its counts. What does not: merged headers
(`header.py`), shifted rows (`shifted.py`).

A merged name, day or word holds for all its rows. A merged figure may be that of each row or of all
of them together: nobody can tell, and none of them has a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipelines.workbook.cells import Cell, Row
from pipelines.workbook.layout.judged import ReadColumns, unreadable, with_judged
from pipelines.workbook.layout.rows import Rows
from pipelines.workbook.layout.table import Table
from pipelines.workbook.parsing.text import fold
from pipelines.workbook.template import Column
from pipelines.workbook.values import Parsed

_SCALE = re.compile(
    r"(?:\bdon vi(?: tinh)?|\bdvt) ?:? ?(?:\d+|tram|chuc|nghin|ngan|van|trieu|ty|ti)\b(?! dong)"
)
"""`Đơn vị tính: nghìn hồ sơ`; sums of money are no counts."""
_FIGURES = {"count", "number", "percent", "quantity"}
_CODES = {"code", "suffixed_code"}


def judge_shared(table: Table, rows: Rows, parsed: ReadColumns) -> ReadColumns:
    """The same columns: a merged cell holds for all of its rows, two that differ for none."""
    found: dict[str, dict[int, Parsed]] = {}
    columns = {column.name: (column, cells) for column, cells in parsed}
    for name, numbers in _merged(table, rows):
        column, cells = columns[name]
        if cells[numbers[0]].state != "blank" and not _is_only_code(table, column):
            found.setdefault(name, {}).update(_spread(column, cells, numbers))
    for name, places in table.headers.rivals.items():
        cells = columns[name][1]
        own = table.headers.columns[name]
        for number in _rows_in_doubt(rows.data, own, places):
            raw = cells[number].raw
            found.setdefault(name, {})[number] = unreadable(raw, "two_columns")
    if is_scaled(table):
        for column, cells in parsed:
            figures = [n for n, one in enumerate(cells) if one.value and column.type == "count"]
            for number in figures:
                scaled = unreadable(cells[number].raw, "scale_above")
                found.setdefault(column.name, {})[number] = scaled
    return with_judged(parsed, found)


def is_scaled(table: Table) -> bool:
    """Whether a line above the table says that its counts are in thousands or more."""
    above = table.sheet.rows[: table.header_row]
    texts = (
        cell.text for row in above for cell in row if cell is not None and len(cell.text) < 200
    )
    return any(_SCALE.search(fold(text)) for text in texts)


def _merged(table: Table, rows: Rows) -> Iterator[tuple[str, list[int]]]:
    """Columns with the data rows, from 0, that a cell merged downward covers; two or more."""
    spots = [one for one in table.sheet.merged if one[0] < one[2] and one[0] >= table.first_row]
    if not spots:
        return
    names = {place: name for name, place in table.headers.columns.items()}
    at = {number - 1: place for place, number in enumerate(rows.row_numbers)}
    for top, left, bottom, _ in spots:
        numbers = [at[row] for row in range(top, min(bottom + 1, table.end_row)) if row in at]
        if left in names and top in at and len(numbers) > 1:
            yield names[left], numbers


def _is_only_code(table: Table, column: Column) -> bool:
    """Whether a column alone tells rows apart: several rows of one code are one matter in parts."""
    return column.type in _CODES and table.form.key == (column.name,)


def _spread(
    column: Column, cells: Sequence[Parsed], numbers: Sequence[int]
) -> Iterator[tuple[int, Parsed]]:
    first = cells[numbers[0]]
    if column.type in _FIGURES and first.state == "present":
        for number in numbers:
            yield number, unreadable(first.raw, "merged_figure")
        return
    repair = f"merged_cell; {first.repair}" if first.repair else "merged_cell"
    below = first._replace(repair=repair if first.state == "present" else None)
    for number in numbers[1:]:
        if cells[number].state == "blank":
            yield number, below


def _rows_in_doubt(data: Sequence[Row], own: int, places: Sequence[int]) -> Iterator[int]:
    """Rows in which another column of the same name, if not all blank, says something else."""
    speaking = [place for place in places if any(_text(row, place) for row in data)]
    for number, row in enumerate(data):
        if any(_text(row, place) != _text(row, own) for place in speaking):
            yield number


def _text(row: Row, place: int) -> str:
    cell: Cell | None = row[place] if place < len(row) else None
    return fold(cell.text) if cell is not None else ""
