"""Rows whose cells stand beside their columns, because one cell too many or too few is in them.

What belongs here: telling such a row by what could be read if it were moved back. What does not:
sums that do not hold (rules). Nothing is moved: a cell that may be another column's has no value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter

from pipelines.workbook.cells import Cell, Row
from pipelines.workbook.layout.judged import ReadColumns, unreadable, with_judged
from pipelines.workbook.layout.row_classes import is_amount
from pipelines.workbook.layout.rows import Rows
from pipelines.workbook.layout.table import Table
from pipelines.workbook.template import Column
from pipelines.workbook.values import Parsed

_STATE = attrgetter("state")
_TYPED = {"boolean", "count", "date", "deadline", "number", "percent", "word"}
_FEWEST = 2
"""Cells that speak against a row as it stands."""
_MOST_ROWS = 20
_MOST_SHARE = 0.05
"""More rows than both of these reach beyond the header because a column has no header."""

Parse = Callable[[Column, list[Cell | None]], Sequence[Parsed]]


def judge_shifted(table: Table, rows: Rows, parsed: ReadColumns, parse: Parse) -> ReadColumns:
    """The same columns; from where a row is shifted its cells are unreadable."""
    columns = {column.name: column for column, _ in parsed}
    placed = sorted(
        (place, columns[name])
        for name, place in table.headers.columns.items()
        if not columns[name].format
    )
    found: dict[str, dict[int, Parsed]] = {}
    starts: dict[int, int | None] = dict(_by_sums(table, rows, parsed, parse))
    for number in _suspects(table, rows, parsed):
        if number not in starts:
            row = rows.data[number]
            starts[number] = _shifted_from(row, placed, len(table.header.levels), parse)
    for number, start in starts.items():
        row = rows.data[number]
        for place, column in placed:
            if start is not None and place >= start:
                raw = cell.text if (cell := _at(row, place)) else None
                found.setdefault(column.name, {})[number] = unreadable(raw, "cells_shifted")
    return with_judged(parsed, found)


def _by_sums(
    table: Table, rows: Rows, parsed: ReadColumns, parse: Parse
) -> Iterator[tuple[int, int]]:
    """Data rows, and the place of their blank total, whose sums hold without that blank cell."""
    read = {column.name: (column, cells) for column, cells in parsed}
    places = table.headers.columns
    for declared in table.form.sums:
        if not places.keys() >= {declared.total, *declared.parts}:
            continue
        start = places[declared.total]
        for number, row in enumerate(rows.data):
            parts = [read[name][1][number].value for name in declared.parts]
            if _at(row, start) is not None or None in parts:
                continue
            moved = row[:start] + row[start + 1 :]
            total, *summands = (
                parse(read[name][0], [_at(moved, places[name])])[0].value
                for name in (declared.total, *declared.parts)
            )
            known = [value for value in summands if isinstance(value, int | float)]
            if len(known) == len(parts) and total == sum(known) != 0:
                yield number, start


def _suspects(table: Table, rows: Rows, parsed: ReadColumns) -> list[int]:
    """Data rows with a cell beyond the header, or with several cells that cannot be read."""
    width = len(table.header.levels)
    beyond = {number for number, row in enumerate(rows.data) if len(row) > width}
    if len(beyond) > max(_MOST_ROWS, _MOST_SHARE * len(rows.data)):
        beyond = set()
    counts: dict[int, int] = {}
    for column, cells in parsed:
        is_placed = column.type in _TYPED and column.name in table.headers.columns
        if is_placed and "unreadable" in map(_STATE, cells):
            for number, cell in enumerate(cells):
                if cell.state == "unreadable":
                    counts[number] = counts.get(number, 0) + 1
    return sorted(beyond | {number for number, count in counts.items() if count >= _FEWEST})


def _shifted_from(
    row: Row, placed: Sequence[tuple[int, Column]], width: int, parse: Parse
) -> int | None:
    """The first place from which all would be readable if the row were moved by one."""
    if _against(row, placed, width, parse) < _FEWEST:
        return None
    for start, moved in _moves(row, placed, width):
        if not _against(moved, placed, width, parse):
            return start
    return None


def _moves(row: Row, placed: Sequence[tuple[int, Column]], width: int) -> Iterator[tuple[int, Row]]:
    """The row with a blank cell taken out, or one put in where its end has room."""
    due = [place for place, column in placed if not column.is_optional]
    for place in due:
        if _at(row, place) is None:
            yield place, row[:place] + row[place + 1 :]
    if len(row) < width:
        for place in due:
            yield place, (*row[:place], None, *row[place:])


def _against(row: Row, placed: Sequence[tuple[int, Column]], width: int, parse: Parse) -> int:
    """How much speaks against a row: typed cells that cannot be read; twice what has no header."""
    typed = [(column, _at(row, place)) for place, column in placed if column.type in _TYPED]
    unread = sum(parse(column, [cell])[0].state == "unreadable" for column, cell in typed if cell)
    beyond = _at(row, width)
    return unread + (_FEWEST if beyond is not None and is_amount(beyond) else 0)


def _at(row: Row, place: int) -> Cell | None:
    cell = row[place] if place < len(row) else None
    return None if cell is None or (cell.kind == "text" and cell.text.isspace()) else cell
