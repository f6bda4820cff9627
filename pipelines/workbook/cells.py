"""From a file to cells: text, kind, value and address, by either of two independent readers.

What belongs here: opening .xlsx workbooks, and which module opens what else. What does not: what a
cell means. calamine is the reader of the daily run, and what it would lose comes from the scan of
the bytes; openpyxl reads everything once more when a release is proved.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from python_calamine import CalamineError, CalamineSheet, SheetTypeEnum, load_workbook

from pipelines.workbook.formats.container import SheetFacts
from pipelines.workbook.guard import DEFAULT_LIMITS, FileKind, Limits, Refusal, scan
from pipelines.workbook.sheet import Cell, Reader, Row, Sheet, cell_of, put_cell, sheet_of

__all__ = ["Cell", "Reader", "Row", "Sheet", "read_cells"]

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
    OverflowError,
)


def read_cells(
    path: Path, reader: Reader = "calamine", limits: Limits = DEFAULT_LIMITS
) -> tuple[Sheet, ...] | Refusal:
    """Read every sheet of a file; `openpyxl` stands for the second reader of each format."""
    found = scan(path, limits)
    if isinstance(found, Refusal):
        return found
    try:
        if found.kind != "workbook":
            return _read_other(found.kind, path, reader, limits)
        read = _read_openpyxl if reader == "openpyxl" or found.is_odd else _read_calamine
        return read(path, found.facts)
    except _UNREADABLE as error:
        return Refusal("unreadable_file", f"{type(error).__name__}: {error}")
    except BaseException as error:  # what calamine panics with has no name to import
        if type(error).__name__ != "PanicException":
            raise
        return Refusal("unreadable_file", "the reader gave up")


def _read_other(
    kind: FileKind, path: Path, reader: Reader, limits: Limits
) -> tuple[Sheet, ...] | Refusal:
    """Every format but .xlsx has a module of its own, whose libraries few files need."""
    match kind:
        case "xls":
            from pipelines.workbook.formats.legacy import read_legacy as read  # noqa: PLC0415
        case "ods":
            from pipelines.workbook.formats.opendocument import read_opendocument as read  # noqa: PLC0415
        case "parquet":
            from pipelines.workbook.formats.columnar import read_parquet as read  # noqa: PLC0415
        case _:
            from pipelines.workbook.formats.delimited import read_delimited as read  # noqa: PLC0415
    return read(path, reader, limits)


class _Known(dict[Any, Cell | None]):
    """Cells by value, each made once: a workbook says the same few things again and again.

    Truths have none, since True == 1.0. Making every cell anew takes 3 times as long (2026-11-25).
    """

    def __missing__(self, value: object) -> Cell | None:
        self[value] = cell = cell_of(value)
        return cell


_KNOWN = _Known()
"""Shared by the files of a process: agencies report of the same procedures and tasks."""
_MOST_KNOWN = 50_000


def _read_calamine(path: Path, facts: Mapping[str, SheetFacts]) -> tuple[Sheet, ...]:
    if len(_KNOWN) > _MOST_KNOWN:
        _KNOWN.clear()
    grids: dict[str, list[list[Cell | None]]] = {}
    # By path calamine believes the suffix, and takes a renamed file for what its name says.
    with path.open("rb") as stream, load_workbook(stream) as workbook:
        for sheet in workbook.sheets_metadata:
            if sheet.typ != SheetTypeEnum.ChartSheet:
                grids[sheet.name] = _grid(workbook.get_sheet_by_name(sheet.name))
    for name, grid in grids.items():
        for lost in facts[name].lost:
            put_cell(grid, lost.row, lost.column, Cell(lost.text, lost.kind, None))
    return tuple(sheet_of(name, grid, facts[name]) for name, grid in grids.items())


def _grid(sheet: CalamineSheet) -> list[list[Cell | None]]:
    """All cells from A1 on, row by row, which takes half the memory of all rows at once.

    `iter_rows` gives the blank rows above the first cell, but not the blank columns before it.
    """
    rows = [
        list(map(_apart if bool in map(type, row) else _KNOWN.__getitem__, row))
        for row in sheet.iter_rows()
    ]
    before: list[Cell | None] = [None] * (sheet.start or (0, 0))[1]
    return [before + row for row in rows] if before else rows


def _apart(value: object) -> Cell | None:
    return cell_of(value) if isinstance(value, bool) else _KNOWN[value]


def _read_openpyxl(path: Path, facts: Mapping[str, SheetFacts]) -> tuple[Sheet, ...]:
    from pipelines.workbook.formats.second_reader import read_grids  # noqa: PLC0415 -- 0.6 s, seldom needed

    grids = read_grids(path)
    for name, grid in grids.items():
        for lost in facts[name].lost:
            if lost.text.startswith("#TEXT"):  # no reader can know which text is meant
                put_cell(grid, lost.row, lost.column, Cell(lost.text, lost.kind, None))
    return tuple(sheet_of(name, grid, facts[name]) for name, grid in grids.items())
