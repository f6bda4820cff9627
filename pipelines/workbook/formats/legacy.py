"""Old binary workbooks (.xls): values by calamine, and once more by xlrd.

What belongs here: opening .xls files with two libraries. What does not: what their records say
beside values (`biff.py`), what a cell means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from struct import error as StructError

import xlrd
from python_calamine import CalamineError, PasswordError, SheetTypeEnum, load_workbook
from xlrd.biffh import XLRDError, error_text_from_code
from xlrd.compdoc import CompDocError

from pipelines.workbook.formats.biff import scan_workbook
from pipelines.workbook.formats.container import SheetFacts
from pipelines.workbook.formats.sheet_scan import OverLimit
from pipelines.workbook.limits import Limits, Refusal
from pipelines.workbook.sheet import Cell, Reader, Sheet, cell_of, put_cell, sheet_of

Grid = list[list[Cell | None]]
# What the two libraries raise on files that are workbooks in name only.
_UNREADABLE = (
    *(CalamineError, XLRDError, CompDocError, StructError, AssertionError),
    *(ValueError, TypeError, IndexError, KeyError, AttributeError, OverflowError),
)
_WORKSHEETS = (SheetTypeEnum.WorkSheet, SheetTypeEnum.DialogSheet)  # cannot be hashed
_DURATION = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)


def read_legacy(path: Path, reader: Reader, limits: Limits) -> tuple[Sheet, ...] | Refusal:
    """Read every worksheet of an .xls file."""
    content = path.read_bytes()
    try:
        facts = scan_workbook(content, limits)
        if isinstance(facts, Refusal):
            return facts
        read = _by_xlrd if reader == "openpyxl" else _by_calamine
        return tuple(read(content, facts))
    except OverLimit as found:
        return found.refusal
    except PasswordError:
        return Refusal("password_protected", "encrypted workbook")
    except _UNREADABLE as error:
        return Refusal("unreadable_file", f"{type(error).__name__}: {error}")


def _by_calamine(content: bytes, facts: list[SheetFacts]) -> Iterator[Sheet]:
    with load_workbook(BytesIO(content)) as workbook:
        names = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ in _WORKSHEETS]
        for name, known in zip(names, facts, strict=True):
            rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            grid = [[cell_of(value) for value in row] for row in rows]
            for lost in known.lost:
                put_cell(grid, lost.row, lost.column, Cell(lost.text, lost.kind, None))
            yield sheet_of(name, grid, known)


def _by_xlrd(content: bytes, facts: list[SheetFacts]) -> Iterator[Sheet]:
    """Everything by xlrd but formulas without value, whose mark it does not pass on."""
    book = xlrd.open_workbook(
        file_contents=content, formatting_info=True, ragged_rows=True, logfile=StringIO()
    )
    for sheet, known in zip(book.sheets(), facts, strict=True):
        grid = [[_cell(book, cell) for cell in sheet.row(row)] for row in range(sheet.nrows)]
        for lost in known.lost:
            if lost.kind == "formula_without_value":
                put_cell(grid, lost.row, lost.column, Cell(lost.text, lost.kind, None))
        yield sheet_of(sheet.name, grid, _facts(sheet))


def _facts(sheet: xlrd.sheet.Sheet) -> SheetFacts:
    return SheetFacts(
        is_hidden=sheet.visibility > 0,
        hidden_rows=frozenset(row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden),
        hidden_columns=frozenset(
            column for column, info in sheet.colinfo_map.items() if info.hidden and column < 256
        ),
        merged=tuple(
            (top, left, bottom - 1, right - 1) for top, bottom, left, right in sheet.merged_cells
        ),
    )


def _cell(book: xlrd.Book, cell: xlrd.sheet.Cell) -> Cell | None:
    match cell.ctype:
        case xlrd.XL_CELL_TEXT | xlrd.XL_CELL_NUMBER:
            return cell_of(cell.value)
        case xlrd.XL_CELL_BOOLEAN:
            return cell_of(bool(cell.value))
        case xlrd.XL_CELL_DATE:
            return cell_of(_moment(book, cell))
        case xlrd.XL_CELL_ERROR:
            code = int(cell.value)
            return Cell(error_text_from_code.get(code, f"#ERR{code}"), "error", None)
        case _:
            return None


def _moment(book: xlrd.Book, cell: xlrd.sheet.Cell) -> datetime | time | timedelta:
    """A date, a time of day, or a duration, by the format of the cell."""
    days = float(cell.value)
    style = book.format_map[book.xf_list[cell.xf_index or 0].format_key].format_str
    if _DURATION.search(style or ""):
        return timedelta(days=days)
    moment = xlrd.xldate_as_datetime(days, book.datemode)
    return moment.time() if 0 <= days < 1 else moment
