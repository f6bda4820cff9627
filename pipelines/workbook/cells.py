"""From a file to cells: text, kind, value and address, by either of two independent readers.

What belongs here: opening workbooks and CSV files. What does not: what a cell means. calamine is
the reader of the daily run; openpyxl reads the sheets where calamine would lose something, and
everything once more when a release is proved.

The text of a cell is what `_raw` columns show: text as stored; 5.0 as `5`, other numbers in full
with a decimal point; dates as ISO `2025-09-05`, with the time when it is not midnight; `TRUE` and
`FALSE`; `#N/A` and its kin; a formula without a stored value as the formula.
"""

from __future__ import annotations

import csv
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, NamedTuple
from zipfile import BadZipFile

from python_calamine import CalamineError, load_workbook

from pipelines.workbook.guard import DEFAULT_LIMITS, Limits, Refusal, Scan, scan

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
        return _read_openpyxl(path) if reader == "openpyxl" else _read_calamine(path, found)
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
    return (_sheet("CSV", ([_cell(text) for text in record] for record in records)),)


def _read_calamine(path: Path, found: Scan) -> tuple[Sheet, ...]:
    with load_workbook(path) as workbook:
        grids = {
            name: [
                [None if value == "" else _cell(value) for value in row]
                for row in workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            ]
            for name in workbook.sheet_names
        }
    for name, lost in _lost_cells(path, found).items():
        for row, column, cell in lost:
            _put(grids[name], row, column, cell)
    return tuple(_sheet(name, rows) for name, rows in grids.items())


def _lost_cells(path: Path, found: Scan) -> dict[str, list[tuple[int, int, Cell]]]:
    """Errors and formulas without value, by openpyxl, on the sheets that the scan flagged."""
    if not found.flags:
        return {}
    wants_formulas = any(flags.formulas_without_value for flags in found.flags.values())
    return {
        name: [
            (row, column, cell)
            for row, cells in enumerate(rows)
            for column, cell in enumerate(cells)
            if cell is not None and cell.kind in {"error", "formula_without_value"}
        ]
        for name, rows in _openpyxl_grids(path, wants_formulas, set(found.flags)).items()
    }


def _read_openpyxl(path: Path) -> tuple[Sheet, ...]:
    grids = _openpyxl_grids(path, wants_formulas=True)
    return tuple(_sheet(name, rows) for name, rows in grids.items())


def _openpyxl_grids(
    path: Path, wants_formulas: bool, parts: Container[str] | None = None
) -> dict[str, list[list[Cell | None]]]:
    """Cells by sheet name, of the given zip entries or of all sheets."""
    with path.open("rb") as stream:
        grids = {
            name: [[_openpyxl_cell(cell) for cell in row] for row in sheet.iter_rows()]
            for name, sheet in _openpyxl_sheets(stream, parts, data_only=True).items()
        }
    if wants_formulas:
        with path.open("rb") as stream:
            for name, sheet in _openpyxl_sheets(stream, parts, data_only=False).items():
                _add_formulas(grids[name], sheet.iter_rows())
    return grids


def _openpyxl_sheets(
    stream: IO[bytes], parts: Container[str] | None, *, data_only: bool
) -> dict[str, ReadOnlyWorksheet]:
    """Sheets of an open file: by path openpyxl wants a suffix, which archived files have not."""
    from openpyxl import load_workbook as open_workbook  # noqa: PLC0415 -- 0.6 s, seldom needed

    sheets: dict[str, ReadOnlyWorksheet] = {}
    for sheet in open_workbook(stream, read_only=True, data_only=data_only).worksheets:
        # openpyxl is pinned: its read-only sheets name their zip entry in this attribute only.
        if parts is None or getattr(sheet, "_worksheet_path", "").lstrip("/") in parts:
            sheet.reset_dimensions()
            sheets[sheet.title] = sheet
    return sheets


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
                _put(grid, row, column, Cell(str(found.value), "formula_without_value", None))


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
    return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")


def _sheet(name: str, rows: Iterable[Iterable[Cell | None]]) -> Sheet:
    kept = [_trimmed([None if cell is _EMPTY_TEXT else cell for cell in row]) for row in rows]
    while kept and not kept[-1]:
        kept.pop()
    return Sheet(name, tuple(kept))


def _trimmed(row: list[Cell | None]) -> Row:
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return tuple(row[:end])
