"""Blank forms and filled ones: workbooks made from a template, the same to the byte each time.

What belongs here: turning a template and rows into a workbook that people like to fill in. What
does not: reading it back (`match.py`), and the sample's disorder (`sample/`).
"""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from pipelines import durable
from pipelines.workbook.template import Column, Form, Template

CellValue = str | int | float | date | Sequence[str] | None
Row = Mapping[str, CellValue]

DATE_FORMAT = "dd/mm/yyyy"
_EPOCH = datetime(2025, 1, 1)
_BLANK_ROWS = 50
"""Rows below the filled ones that carry formats and lists."""

_INK, _QUIET, _SHADE, _LINE = "1F3A5F", "7A8699", "F1F4F8", "C9D1DC"
_TITLE = Font(name="Calibri", size=16, bold=True, color=_INK)
_SMALL = Font(name="Calibri", size=9, italic=True, color=_QUIET)
_LABEL = Font(name="Calibri", size=11, bold=True, color=_INK)
_BODY = Font(name="Calibri", size=11)
_HEADER = Font(name="Calibri", size=11, bold=True, color="FFFFFF")
_HEADER_FILL = PatternFill("solid", start_color=_INK)
_REGISTER_FILL = PatternFill("solid", start_color=_SHADE)
_EDGE = Side(style="thin", color=_LINE)
_BOX = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_CENTRED = Alignment(wrap_text=True, vertical="center", horizontal="center")

_HOW_TO = (
    (
        "Điền trang này trước, sau đó điền các trang biểu.",
        "Fill in this sheet first, then the tables.",
    ),
    ("Cột nền xám lấy từ danh mục: không sửa.", "Grey columns come from the register: leave them."),
    ("Mỗi nhiệm vụ một dòng; không gộp ô, không thêm cột.", "One row per task; no merged cells."),
    ("Ngày ghi dd/mm/yyyy; tiến độ ghi số từ 0 đến 100.", "Dates dd/mm/yyyy; progress 0 to 100."),
)
_KIND_TEXTS = {
    "regular": "Thường xuyên",
    "annual": "Hằng năm",
    "conditional": "Theo lộ trình",
    "none": "Không thời hạn",
}
_QUARTERS = ("I", "II", "III", "IV")


def deadline_text(on: date | None, precision: str | None, kind: str | None) -> str | date | None:
    """A deadline as the form shows it: a date when it names a day, else words."""
    if on is None:
        return _KIND_TEXTS.get(kind or "")
    if precision == "month":
        return f"Tháng {on.month}/{on.year}"
    if precision == "quarter":
        return f"Quý {_QUARTERS[(on.month - 1) // 3]}/{on.year}"
    return str(on.year) if precision == "year" else on


def labels(seeds: Path, words: str) -> dict[str, str]:
    """The word that the form offers for each code of a list of seed `words`."""
    found: dict[str, str] = {}
    with (seeds / "words.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["list"] == words and row["is_label"] == "true":
                found.setdefault(row["code"], row["word_vi"])
    return found


def blank_form(
    template: Template,
    path: Path,
    agency_code: str,
    tasks: Sequence[Row],
    statuses: Sequence[str],
) -> None:
    """Write the form that an agency fills in, with what the register knows of its tasks.

    Args:
        template: Layout of the form.
        path: Workbook to write.
        agency_code: Goes on the cover.
        tasks: Rows of the register that involve the agency, by canonical column name; columns that
            the register does not fill are left blank. Several agencies may be a sequence of names.
        statuses: Words that the list of the status column offers.
    """
    registered = {column.name for column in template.forms["tasks"].columns if column.is_register}
    rows = [{name: row.get(name) for name in registered} for row in tasks]
    cover = {"agency_code": agency_code, "template_version": template.version}
    write_form(template, path, {"tasks": rows}, cover, statuses)


def write_form(
    template: Template,
    path: Path,
    rows: Mapping[str, Sequence[Row]],
    cover: Row,
    statuses: Sequence[str] = (),
) -> None:
    """Write a workbook that follows the template, one sheet per form."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, form in template.forms.items():
        sheet: Worksheet = book.create_sheet(form.sheet)
        _fit_page(sheet)
        if form.layout == "pairs":
            _write_cover(sheet, template, form, cover)
        else:
            _write_table(sheet, form, rows.get(name, ()), statuses)
    save(book, path)


def put(cell: Cell | MergedCell, value: CellValue) -> None:
    """Set a value so that text stays text: a leading `=` never becomes a live formula."""
    if value is not None and not isinstance(value, (str, int, float, date)):
        value = "; ".join(value)
    if isinstance(cell, MergedCell):
        raise TypeError("a merged cell holds no value")
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
    elif isinstance(value, date):
        cell.number_format = DATE_FORMAT


def save(book: Workbook, path: Path, modified_ns: int | None = None) -> None:
    """Write the workbook in one step, without a trace of when it was written.

    With `modified_ns` the file bears that time; else it bears the time of writing.
    """
    book.properties.creator = "NQ57 Monitor"
    book.properties.created = book.properties.modified = _EPOCH
    with durable.file_aside(path) as aside:
        ExcelWriter(book, _TimelessZip(aside, "w", ZIP_DEFLATED)).save()
        if modified_ns is not None:
            os.utime(aside, ns=(modified_ns, modified_ns))


class _TimelessZip(ZipFile):
    """An archive whose members all bear the first day of 1980."""

    def writestr(self, zinfo_or_arcname: str | ZipInfo, data: str | bytes, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        name = zinfo_or_arcname if isinstance(zinfo_or_arcname, str) else zinfo_or_arcname.filename
        info = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        info.compress_type = ZIP_DEFLATED
        super().writestr(info, data)

    def write(self, filename: str, arcname: str, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        self.writestr(arcname, Path(filename).read_bytes())


def _fit_page(sheet: Worksheet) -> None:
    """Print across the width of one page, lying."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _write_cover(sheet: Worksheet, template: Template, form: Form, cover: Row) -> None:
    sheet.sheet_view.showGridLines = False
    for letter, width in zip("ABC", (26, 34, 58), strict=True):
        sheet.column_dimensions[letter].width = width
    _line(sheet, 1, template.title_vi, _TITLE)
    _line(sheet, 2, template.title_en, _SMALL)
    row = 4
    for column in form.columns:
        _line(sheet, row, column.header, _LABEL)
        answer = sheet.cell(row, 2)
        put(answer, cover.get(column.name))
        answer.font, answer.border, answer.alignment = _BODY, _BOX, _WRAPPED
        answer.number_format = DATE_FORMAT if column.type == "date" else "@"
        note = " · ".join(text for text in (column.note_vi, column.note_en) if text)
        _line(sheet, row, note, _SMALL, column=3)
        row += 1
    _line(sheet, row + 1, "Hướng dẫn", _LABEL)
    for number, (text_vi, text_en) in enumerate(_HOW_TO, start=row + 2):
        _line(sheet, number, text_vi, _BODY)
        _line(sheet, number, text_en, _SMALL, column=3)


def _line(sheet: Worksheet, row: int, text: str, font: Font, column: int = 1) -> None:
    cell = sheet.cell(row, column)
    put(cell, text or None)
    cell.font = font


def _write_table(
    sheet: Worksheet, form: Form, rows: Sequence[Row], statuses: Sequence[str]
) -> None:
    sheet.freeze_panes = "C2"
    sheet.print_title_rows = "1:1"
    sheet.row_dimensions[1].height = 34
    last = 1 + len(rows) + _BLANK_ROWS
    for number, column in enumerate(form.columns, start=1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = column.width
        _write_header(sheet.cell(1, number), column)
        _add_validation(sheet, column, f"{letter}2:{letter}{last}", statuses)
        for offset in range(last - 1):
            cell = sheet.cell(2 + offset, number)
            if offset < len(rows):
                put(cell, rows[offset].get(column.name))
            _format(cell, column)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(form.columns))}{last}"


def _write_header(cell: Cell | MergedCell, column: Column) -> None:
    put(cell, column.header)
    cell.font, cell.fill = _HEADER, _HEADER_FILL
    cell.alignment, cell.border = _CENTRED, _BOX
    notes = [text for text in (column.note_vi, column.note_en) if text]
    if notes:
        cell.comment = Comment("\n".join(notes), "NQ57", height=70, width=240)


def _format(cell: Cell | MergedCell, column: Column) -> None:
    cell.font, cell.border, cell.alignment = _BODY, _BOX, _WRAPPED
    if column.is_register:
        cell.fill = _REGISTER_FILL
    if column.type == "date" or (column.type == "deadline" and isinstance(cell.value, date)):
        cell.number_format = DATE_FORMAT
    elif column.type == "percent":
        cell.number_format = "0"


def _add_validation(sheet: Worksheet, column: Column, cells: str, statuses: Sequence[str]) -> None:
    """Help while typing; a value that does not fit is warned about, not forbidden."""
    if column.words == "status" and statuses:
        rule = DataValidation(type="list", formula1=f'"{",".join(statuses)}"')
        rule.error = "Chọn một trạng thái trong danh sách. Choose a status from the list."
    elif column.type == "percent":
        rule = DataValidation(type="decimal", operator="between", formula1="0", formula2="100")
        rule.error = "Ghi số từ 0 đến 100. Enter a number from 0 to 100."
    elif column.type == "date":
        rule = DataValidation(type="date", operator="greaterThan", formula1="43831")
        rule.error = "Ghi ngày dd/mm/yyyy. Enter a date dd/mm/yyyy."
    else:
        return
    rule.allow_blank, rule.errorStyle, rule.showErrorMessage = True, "warning", True
    rule.add(cells)
    sheet.add_data_validation(rule)
