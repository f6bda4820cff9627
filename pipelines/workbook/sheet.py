"""A cell and a sheet, whatever format they come from.

What belongs here: the records, and the one way from a value that a reader gives to a cell. What
does not: opening files (`cells.py` and the modules of the formats), what a cell means.

The text of a cell is what `_raw` columns show: text as stored; 5.0 as `5`, other numbers in full
with a decimal point; dates as ISO `2025-09-05`, with the time when it is not midnight; `TRUE` and
`FALSE`; `#N/A` and its kin; a formula without a stored value as the formula.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

from pipelines.workbook.formats.container import SheetFacts
from pipelines.workbook.layout.notes import Note

Kind = Literal["text", "number", "date", "boolean", "error", "formula_without_value", "unplaced"]
"""`unplaced`: a text of which nobody can say in which column it belongs."""
Reader = Literal["calamine", "openpyxl"]
"""The daily reader and the second one; each format has two, whatever library they are."""


class Cell(NamedTuple):
    """One cell that is not blank."""

    text: str
    kind: Kind
    value: str | float | date | datetime | bool | None


Row = tuple[Cell | None, ...]
_NO_FACTS = SheetFacts()


@dataclass(frozen=True)
class Sheet:
    """A sheet from A1 on: row 1 is `rows[0]`; trailing blanks are cut off."""

    name: str
    rows: tuple[Row, ...]
    is_hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    """Row numbers, from 1."""
    hidden_columns: frozenset[int] = frozenset()
    """Places, from 0."""
    merged: tuple[tuple[int, int, int, int], ...] = ()
    """First row, first column, last row, last column of each merged range, from 0."""
    notes: tuple[Note, ...] = ()
    """What was found on the way from the bytes, such as an encoding."""


def cell_of(value: object) -> Cell | None:  # noqa: PLR0911 -- one line per type
    """A cell from what a reader gives; whole days are dates, whatever the reader calls them."""
    match value:
        case str():
            text = value.replace("\r\n", "\n")
            return Cell(text, "text", text) if text else None
        case bool():
            return Cell(str(value).upper(), "boolean", value)
        case int() | float():
            return Cell(_number_text(float(value)), "number", float(value))
        case datetime() if value.time() == time():
            return Cell(value.date().isoformat(), "date", value.date())
        case datetime():
            half = timedelta(microseconds=500_000 if value.year < 9999 else 0)  # of the last year
            second = (value + half).replace(microsecond=0)
            return Cell(second.isoformat(" "), "date", second)
        case date():
            return Cell(value.isoformat(), "date", value)
        case _:  # times and durations: nothing in the forms is one
            return Cell(str(value), "text", str(value))


def put_cell(grid: list[list[Cell | None]], row: int, column: int, cell: Cell) -> None:
    """Put a cell into a grid, which grows as far as needed."""
    grid.extend([] for _ in range(len(grid), row + 1))
    grid[row].extend([None] * (column + 1 - len(grid[row])))
    grid[row][column] = cell


def _number_text(value: float) -> str:
    if value.is_integer():
        return str(int(value))
    written = repr(value)
    return format(Decimal(written), "f") if "e" in written or "n" in written else written


def sheet_of(name: str, grid: list[list[Cell | None]], facts: SheetFacts = _NO_FACTS) -> Sheet:
    """A sheet without the blanks at its ends; the grid is used up."""
    rows = [_trimmed(row) for row in grid]
    while rows and not rows[-1]:
        rows.pop()
    return Sheet(
        name,
        tuple(rows),
        facts.is_hidden,
        facts.hidden_rows,
        facts.hidden_columns,
        facts.merged,
    )


def _trimmed(row: list[Cell | None]) -> Row:
    while row and row[-1] is None:
        row.pop()
    return tuple(row)
