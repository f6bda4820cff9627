"""The second reader: openpyxl's parser of worksheets, every cell put where its address says.

What belongs here: grids of cells of a workbook, as independent of calamine as can be; the proof of
a release reads everything once more with it. What does not: other formats, hidden and merged parts.

openpyxl's own read-only sheets lose cells that are out of order, and need two passes to tell a
formula without a value from a blank; its parser of worksheets, which they use, needs one.
"""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openpyxl import load_workbook
from openpyxl.utils.datetime import from_excel
from openpyxl.utils.escape import unescape
from openpyxl.worksheet._reader import FORMULA_TAG, VALUE_TAG, WorkSheetParser

from pipelines.workbook.sheet import Cell, cell_of, put_cell

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Grid = list[list[Cell | None]]
_BOOLEANS = {"true": True, "false": False}

# Namespaces of "Strict Open XML", which openpyxl does not know.
_STRICT = {
    b"http://purl.oclc.org/ooxml/spreadsheetml/main": (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    ),
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": (
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    ),
}


def read_grids(path: Path) -> dict[str, Grid]:
    """The cells of every worksheet from A1 on, by name of the sheet."""
    book = load_workbook(_transitional(path), read_only=True, data_only=True)
    try:
        return {sheet.title: _grid(book, sheet) for sheet in book.worksheets}
    finally:
        book.close()


def _grid(book: Any, sheet: Any) -> Grid:  # noqa: ANN401 -- openpyxl has no types for these
    # openpyxl is pinned: only these attributes lead to the parser that its sheets use.
    with book._archive.open(sheet._worksheet_path) as source:
        parser = _Parser(source, sheet._shared_strings, data_only=True, epoch=book.epoch)
        parser.dates, parser.durations = book._date_formats, book._timedelta_formats
        grid: Grid = []
        for _, cells in parser.parse():
            for found in cells:
                if (cell := _cell(found)) is not None:
                    put_cell(grid, found["row"] - 1, found["column"] - 1, cell)
        return grid


class _Parser(WorkSheetParser):
    """Keeps the formula where no value is stored; a number that is no date stays a number."""

    dates: set[int]
    durations: set[int]

    def parse_cell(self, element: Element) -> dict[str, Any]:
        try:
            found = super().parse_cell(element)
        except ValueError:  # no number where one is declared: the text stands, as with calamine
            text = element.findtext(VALUE_TAG) or ""
            element.set("t", "str")
            found = {**super().parse_cell(element), "value": _BOOLEANS.get(text, text)}
        formula = element.find(FORMULA_TAG)
        if formula is not None:
            # Also where a value is stored: other cells may share the formula.
            found["formula"] = self.parse_formula(element)
        if found["data_type"] == "n" and found["style_id"] in self.dates:
            found["value"] = self._date(
                found["value"], is_duration=found["style_id"] in self.durations
            )
        return found

    def _date(self, serial: float | None, *, is_duration: bool) -> object:
        """Before 1900 there are no days: calamine keeps the time of day, and so does this."""
        if serial is not None and serial < 0 and not is_duration:
            serial %= 1
        try:
            return from_excel(serial, self.epoch, is_duration)
        except (OverflowError, ValueError):
            return serial


def _cell(found: dict[str, Any]) -> Cell | None:
    value, kind = found["value"], found["data_type"]
    if value is not None and value != "":
        if kind == "e":
            return Cell(str(value), "error", None)
        return cell_of(unescape(value) if isinstance(value, str) else value)
    # An empty text that a formula gave is a blank, not a formula without a value.
    if "formula" in found and kind not in {"str", "s", "inlineStr"}:
        formula = found["formula"]
        # Formulas over a range are objects.
        text = formula if isinstance(formula, str) else getattr(formula, "text", None)
        return Cell(text or "=", "formula_without_value", None)
    return None


def _transitional(path: Path) -> BytesIO:
    """The file in the usual namespaces; by path openpyxl also wants a suffix, which is lost."""
    content = path.read_bytes()
    with zipfile.ZipFile(BytesIO(content)) as old:
        if not any(strict in old.read("xl/workbook.xml") for strict in _STRICT):
            return BytesIO(content)
        stream = BytesIO()
        with zipfile.ZipFile(stream, "w") as new:
            for name in old.namelist():
                part = old.read(name)
                for strict, usual in _STRICT.items():
                    part = part.replace(strict, usual)
                new.writestr(name, part)
    return stream
