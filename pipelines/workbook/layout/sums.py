"""Sums that do not add up in a table that no rule reads, such as an annex of a dispatch.

What belongs here: row sums that the template declares, total rows over them, and running numbers
out of order, each noted at its cell. What does not: forms with rules of their own, whose sums SQL
compares. Nothing is mended: values stay as printed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipelines.workbook.addresses import column_letter
from pipelines.workbook.layout.notes import Note
from pipelines.workbook.layout.rows import Rows
from pipelines.workbook.layout.table import Table
from pipelines.workbook.layout.totals import ControlTotal
from pipelines.workbook.match import SERIAL
from pipelines.workbook.parsing.text import fold
from pipelines.workbook.template import Column, Sum
from pipelines.workbook.values import Parsed

Cells = Mapping[str, Sequence[Parsed]]


def sum_notes(
    table: Table,
    rows: Rows,
    parsed: Sequence[tuple[Column, Sequence[Parsed]]],
    totals: Sequence[ControlTotal],
) -> Iterator[Note]:
    """What does not add up, with cell and figures; nothing unless the template asks."""
    cells = {column.name: found for column, found in parsed}
    for declared in table.form.sums:
        for detail in _row_sums(table, rows, cells, declared):
            yield Note(table.name, table.sheet.name, "row_sum_differs", detail)
    if table.form.is_checked_while_read:
        for detail in _totals(table, rows, cells, totals):
            yield Note(table.name, table.sheet.name, "total_differs", detail)
        for detail in _serials(table, rows):
            yield Note(table.name, table.sheet.name, "serial_differs", detail)


def _row_sums(table: Table, rows: Rows, cells: Cells, declared: Sum) -> Iterator[str]:
    names = (declared.total, *declared.parts)
    place = table.headers.columns.get(declared.total)
    if place is None or any(name not in table.headers.columns for name in names):
        return
    columns = [cells[name] for name in names]
    for number, total, *parts in zip(rows.row_numbers, *columns, strict=True):
        values = [part.value for part in parts if isinstance(part.value, int | float)]
        # A blank total beside its parts is a row whose cells are shifted.
        if len(values) == len(parts) and total.state != "unreadable" and total.value != sum(values):
            written = " + ".join(f"{value:g}" for value in values)
            yield f"{column_letter(place)}{number}: {total.raw or '∅'} ≠ {written}"


def _totals(
    table: Table, rows: Rows, cells: Cells, totals: Sequence[ControlTotal]
) -> Iterator[str]:
    """Totals that are neither the sum of their section nor of the rows above nor of the table."""
    for total in totals:
        spans = {(total.first_row, total.last_row), (total.earliest_row, total.last_row)}
        spans.add((rows.row_numbers[0], rows.row_numbers[-1]))
        sums = {_sum(rows.row_numbers, cells[total.column_name], *span) for span in spans}
        if total.value is not None and None not in sums and total.value not in sums:
            place = column_letter(table.headers.columns[total.column_name])
            nearest = _sum(
                rows.row_numbers, cells[total.column_name], total.first_row, total.last_row
            )
            yield f"{place}{total.row_number}: {total.value_raw} ≠ {nearest:g}"


def _sum(numbers: Sequence[int], cells: Sequence[Parsed], first: int, last: int) -> float | None:
    """The sum of a column over some rows; None when a cell of it cannot be read."""
    found = [cell for number, cell in zip(numbers, cells, strict=True) if first <= number <= last]
    if any(cell.state == "unreadable" for cell in found):
        return None
    return sum(cell.value for cell in found if isinstance(cell.value, int | float))


def _serials(table: Table, rows: Rows) -> Iterator[str]:
    """Running numbers that neither go on nor begin anew."""
    place = next((n for n, text in table.headers.unmatched if fold(text) in SERIAL), None)
    if place is None:
        return
    expected = 1
    for number, row in zip(rows.row_numbers, rows.data, strict=True):
        cell = row[place] if place < len(row) else None
        if cell is None or not cell.text.strip(" .").isdecimal():
            continue
        found = int(cell.text.strip(" ."))
        if found not in (expected, 1):
            yield f"{column_letter(place)}{number}: {found} ≠ {expected}"
        # The numbers that follow a slip go on as if it had not been made.
        expected = found + 1 if found == 1 else expected + 1
