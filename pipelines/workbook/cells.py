"""From a file to cells: text, kind, value and address, by either of two independent readers.

What belongs here: opening workbooks and CSV files. What does not: what a cell means. calamine is
the reader of the daily run, and what it would lose comes from the scan of the bytes; openpyxl reads
everything once more when a release is proved.

The text of a cell is what `_raw` columns show: text as stored; 5.0 as `5`, other numbers in full
with a decimal point; dates as ISO `2025-09-05`, with the time when it is not midnight; `TRUE` and
`FALSE`; `#N/A` and its kin; a formula without a stored value as the formula.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, NamedTuple
from zipfile import BadZipFile

from python_calamine import CalamineError, CalamineSheet, SheetTypeEnum, load_workbook

from pipelines.workbook.container import SheetFacts
from pipelines.workbook.guard import DEFAULT_LIMITS, Limits, Refusal, scan

if TYPE_CHECKING:
    from openpyxl.cell import Cell as OpenpyxlCell
    from openpyxl.cell import MergedCell
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

Kind = Literal["text", "number", "date", "boolean", "error", "formula_without_value"]
Reader = Literal["calamine", "openpyxl"]


class Cell(NamedTuple):
    """One cell that is not blank."""

    text: str
    kind: Kind
    value: str | float | date | datetime | bool | None


Row = tuple[Cell | None, ...]
_EMPTY_TEXT = Cell("", "text", "")
_NO_FACTS = SheetFacts()
# What the two readers raise on files that are workbooks in name only (XML errors are SyntaxError).
_UNREADABLE = (
    CalamineError,
    BadZipFile,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    SyntaxError,
)


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


def read_cells(
    path: Path, reader: Reader = "calamine", limits: Limits = DEFAULT_LIMITS
) -> tuple[Sheet, ...] | Refusal:
    """Read every sheet of a workbook, or the one table of a CSV file (a sheet named `CSV`)."""
    found = scan(path, limits)
    if isinstance(found, Refusal):
        return found
    if found.kind == "csv":
        return _read_csv(path)
    try:
        read = _read_openpyxl if reader == "openpyxl" else _read_calamine
        return read(path, found.facts)
    except _UNREADABLE as error:
        return Refusal("unreadable_file", f"{type(error).__name__}: {error}")


def _read_csv(path: Path) -> tuple[Sheet, ...] | Refusal:
    csv.field_size_limit(10_000_000)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        delimiter = ";" if stream.readline().count(";") > 1 else ","
        stream.seek(0)
        try:
            records = list(csv.reader(stream, delimiter=delimiter))
        except csv.Error as error:
            return Refusal("unreadable_file", f"CSV: {error}")
    if max(map(len, records)) < 2:
        return Refusal("unreadable_file", "neither a workbook nor a table with separators")
    return (_sheet("CSV", [[_cell(text) for text in record] for record in records]),)


class _Known(dict[Any, Cell | None]):
    """Cells by value, each made once: a workbook says the same few things again and again.

    One pool per type, since True == 1.0. Making every cell anew takes 3 times as long (2026-11-25).
    """

    def __missing__(self, value: object) -> Cell | None:
        self[value] = cell = _cell(value)
        return cell


def _read_calamine(path: Path, facts: Mapping[str, SheetFacts]) -> tuple[Sheet, ...]:
    pools: defaultdict[type, _Known] = defaultdict(_Known)
    grids: dict[str, list[list[Cell | None]]] = {}
    with load_workbook(path) as workbook:
        for sheet in workbook.sheets_metadata:
            if sheet.typ != SheetTypeEnum.ChartSheet:
                grids[sheet.name] = _grid(workbook.get_sheet_by_name(sheet.name), pools)
    for name, grid in grids.items():
        for lost in facts[name].lost:
            _put(grid, lost.row, lost.column, Cell(lost.text, lost.kind, None))
    return tuple(_sheet(name, grid, facts[name]) for name, grid in grids.items())


def _grid(sheet: CalamineSheet, pools: Mapping[type, _Known]) -> list[list[Cell | None]]:
    """All cells from A1 on, row by row, which takes half the memory of all rows at once.

    `iter_rows` gives the blank rows above the first cell, but not the blank columns before it.
    """
    before: list[Cell | None] = [None] * (sheet.start or (0, 0))[1]
    return [before + [pools[type(value)][value] for value in row] for row in sheet.iter_rows()]


def _read_openpyxl(path: Path, facts: Mapping[str, SheetFacts]) -> tuple[Sheet, ...]:
    """Values, errors and formulas by openpyxl alone, whose quick mode knows no merged cells."""
    with path.open("rb") as stream:
        grids = {
            sheet.title: [[_openpyxl_cell(cell) for cell in row] for row in sheet.iter_rows()]
            for sheet in _openpyxl_sheets(stream, data_only=True)
        }
    with path.open("rb") as stream:
        for sheet in _openpyxl_sheets(stream, data_only=False):
            _add_formulas(grids[sheet.title], sheet.iter_rows())
    return tuple(
        _sheet(
            name,
            [[None if cell is _EMPTY_TEXT else cell for cell in row] for row in grid],
            facts[name],
        )
        for name, grid in grids.items()
    )


def _openpyxl_sheets(stream: IO[bytes], *, data_only: bool) -> Iterator[ReadOnlyWorksheet]:
    """Sheets of an open file: by path openpyxl wants a suffix, which archived files have not."""
    from openpyxl import load_workbook as open_workbook  # noqa: PLC0415 -- 0.6 s, seldom needed

    for sheet in open_workbook(stream, read_only=True, data_only=data_only).worksheets:
        sheet.reset_dimensions()
        yield sheet


def _openpyxl_cell(found: OpenpyxlCell | MergedCell) -> Cell | None:
    if found.value is None or found.value == "":
        # An empty text that a formula gave is a blank, not a formula without a value.
        return _EMPTY_TEXT if found.data_type == "str" else None
    return Cell(str(found.value), "error", None) if found.data_type == "e" else _cell(found.value)


def _add_formulas(grid: list[list[Cell | None]], rows: Iterable[Iterable[Any]]) -> None:
    """Put the formula where the sheet holds one but stores no value for it."""
    for row, cells in enumerate(rows):
        for column, found in enumerate(cells):
            if found.data_type == "f" and grid[row][column] is None:
                # Formulas over a range are objects.
                formula = found.value if isinstance(found.value, str) else None
                text = formula or getattr(found.value, "text", None) or "="
                _put(grid, row, column, Cell(text, "formula_without_value", None))


def _put(grid: list[list[Cell | None]], row: int, column: int, cell: Cell) -> None:
    grid.extend([] for _ in range(len(grid), row + 1))
    grid[row].extend([None] * (column + 1 - len(grid[row])))
    grid[row][column] = cell


def _cell(value: object) -> Cell | None:  # noqa: PLR0911 -- one line per type
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
            second = (value + timedelta(microseconds=500_000)).replace(microsecond=0)
            return Cell(second.isoformat(" "), "date", second)
        case date():
            return Cell(value.isoformat(), "date", value)
        case _:  # times and durations: nothing in the forms is one
            return Cell(str(value), "text", str(value))


def _number_text(value: float) -> str:
    if value.is_integer():
        return str(int(value))
    written = repr(value)
    return format(Decimal(written), "f") if "e" in written or "n" in written else written


def _sheet(name: str, grid: list[list[Cell | None]], facts: SheetFacts = _NO_FACTS) -> Sheet:
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
