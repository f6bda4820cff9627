"""What an old binary workbook (.xls) says beside its values: from its records, one after another.

What belongs here: cells that calamine would turn into blanks, formulas that were never counted,
hidden parts, merged ranges, and how far the cells reach. What does not: values (`legacy.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from struct import unpack_from

from xlrd.biffh import error_text_from_code
from xlrd.compdoc import CompDoc

from pipelines.workbook.formats.container import SheetFacts
from pipelines.workbook.formats.sheet_scan import LostCell, OverLimit, Range
from pipelines.workbook.formats.signatures import refused_compound_file
from pipelines.workbook.limits import Limits, Refusal

_BOF, _EOF, _FILEPASS, _BOUNDSHEET = 0x0809, 0x000A, 0x002F, 0x0085
_FORMULA, _BOOLERR, _ROW, _COLINFO, _MERGECELLS = 0x0006, 0x0205, 0x0208, 0x007D, 0x00E5
_MULRK = 0x00BD
# NUMBER, LABEL, LABELSST, RK, RSTRING: one cell each.
_CELLS = {0x0203, 0x0204, 0x00FD, 0x027E, 0x00D6, _FORMULA, _BOOLERR}
_WORKSHEET = 0
_CALC_ON_LOAD = 0x0002

Record = tuple[int, int, int]
"""Code, and the places where its content begins and ends."""


def scan_workbook(content: bytes, limits: Limits) -> list[SheetFacts] | Refusal:
    """Facts of each worksheet, in the order of the workbook."""
    found = _stream(content)
    if isinstance(found, Refusal):
        return found
    facts: list[SheetFacts] = []
    cells = 0
    for code, start, _ in _records(found, 0):
        if code == _FILEPASS:
            return Refusal("password_protected", "encrypted workbook")
        if code == _EOF:
            break
        if code == _BOUNDSHEET and found[start + 5] == _WORKSHEET:
            sheet = _sheet(found, unpack_from("<I", found, start)[0], limits)
            cells += sheet.last_row * sheet.last_column
            if cells > limits.cells:
                return Refusal("over_limit", f"room for more than {limits.cells} cells")
            if len(facts) >= limits.sheets:
                return Refusal("over_limit", f"more than {limits.sheets} sheets")
            facts.append(sheet.facts(is_hidden=found[start + 4] & 3 > 0))
    return facts


def _stream(content: bytes) -> bytes | Refusal:
    """The records of the workbook, wherever the compound file keeps them."""
    container = CompDoc(content, logfile=StringIO())
    for name in ("Workbook", "Book"):
        memory, start, size = container.locate_named_stream(name)
        if memory:
            return bytes(memory[start : start + size])
    return refused_compound_file({entry.name for entry in container.dirlist})


def _records(stream: bytes, place: int) -> Iterator[Record]:
    while place + 4 <= len(stream):
        code, size = unpack_from("<HH", stream, place)
        yield code, place + 4, place + 4 + size
        place += 4 + size


@dataclass
class _Sheet:
    """What the records of one sheet have told so far."""

    last_row: int = 0
    last_column: int = 0
    lost: list[LostCell] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[Range] = field(default_factory=list)

    def facts(self, *, is_hidden: bool) -> SheetFacts:
        return SheetFacts(
            tuple(self.lost),
            is_hidden,
            frozenset(self.hidden_rows),
            frozenset(self.hidden_columns),
            tuple(self.merged),
        )


def _sheet(stream: bytes, place: int, limits: Limits) -> _Sheet:
    """Read to the end of a sheet; charts in it have a beginning and an end of their own."""
    sheet, depth = _Sheet(), 0
    for code, start, end in _records(stream, place):
        depth += (code == _BOF) - (code == _EOF)
        if depth == 0:
            break
        if depth > 1:
            continue
        if code in _CELLS or code == _MULRK:
            row, column = unpack_from("<HH", stream, start)
            if code == _MULRK:
                column = unpack_from("<H", stream, end - 2)[0]
            sheet.last_row = max(sheet.last_row, row + 1)
            sheet.last_column = max(sheet.last_column, column + 1)
            if code in {_FORMULA, _BOOLERR} and (lost := _lost(stream, code, start)):
                sheet.lost.append(lost)
        elif code in {_ROW, _COLINFO, _MERGECELLS}:
            _take_layout(sheet, stream, code, start)
    if sheet.last_column > limits.columns:
        raise OverLimit("over_limit", f"column {sheet.last_column}")
    return sheet


def _lost(stream: bytes, code: int, start: int) -> LostCell | None:
    """An error, or a formula that waits to be counted: some programs store 0 for it."""
    row, column = unpack_from("<HH", stream, start)
    if code == _BOOLERR:
        value, is_error = stream[start + 6], stream[start + 7]
        return _error(row, column, value) if is_error else None
    kind, value, mark, options = unpack_from("<BxBxxxHH", stream, start + 6)
    if mark == 0xFFFF:
        return _error(row, column, value) if kind == 2 else None
    is_zero = not any(stream[start + 6 : start + 14])
    if is_zero and options & _CALC_ON_LOAD:
        return LostCell(row, column, "formula_without_value", "=")
    return None


def _error(row: int, column: int, code: int) -> LostCell:
    return LostCell(row, column, "error", error_text_from_code.get(code, f"#ERR{code}"))


def _take_layout(sheet: _Sheet, stream: bytes, code: int, start: int) -> None:
    if code == _ROW:
        if stream[start + 12] & 0x20:
            sheet.hidden_rows.add(unpack_from("<H", stream, start)[0] + 1)
    elif code == _COLINFO:
        first, last, options = unpack_from("<HHxxxxH", stream, start)
        if options & 1:
            sheet.hidden_columns.update(range(first, min(last, 255) + 1))
    else:
        (count,) = unpack_from("<H", stream, start)
        for place in range(start + 2, start + 2 + 8 * count, 8):
            top, bottom, left, right = unpack_from("<HHHH", stream, place)
            sheet.merged.append((top, left, bottom, right))
