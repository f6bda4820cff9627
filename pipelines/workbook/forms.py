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
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from pipelines import durable
from pipelines.workbook import looks
from pipelines.workbook.looks import DATE_FORMAT, Words
from pipelines.workbook.template import Column, Form, Template

CellValue = str | int | float | date | Sequence[str] | None
Row = Mapping[str, CellValue]
Record = Mapping[str, Any]
"""A row as the register knows it: codes where the form shows words."""

_EPOCH = datetime(2025, 1, 1)

_HOW_TO = (
    (
        "Điền trang này trước, sau đó điền các trang biểu.",
        "Fill in this sheet first, then the tables.",
    ),
    ("Cột nền xám lấy từ danh mục: không sửa.", "Grey columns come from the register: leave them."),
    (
        "Mỗi nhiệm vụ, thủ tục, CSDL, chỉ tiêu hoặc tiêu chí của một xã ghi một dòng.",
        "One row per task, procedure, dataset, indicator, or criterion of a commune.",
    ),
    (
        "Không gộp ô, không thêm cột; thêm kỳ báo cáo thì thêm dòng.",
        "No merged cells, no more columns; another period is another row.",
    ),
    ("Ngày ghi dd/mm/yyyy; tỷ lệ ghi số từ 0 đến 100.", "Dates dd/mm/yyyy; shares 0 to 100."),
    (
        "Số đếm ghi số nguyên; không phát sinh ghi 0, chưa có số liệu để trống.",
        "Counts are whole numbers; 0 when there was none, blank when not known.",
    ),
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


def form_words(template: Template, seeds: Path) -> Words:
    """All lists that columns of the template choose from."""
    columns = [column for form in template.forms.values() for column in form.columns]
    return {words: labels(seeds, words) for column in columns if (words := column.word_list)}


def blank_form(
    template: Template,
    path: Path,
    agency_code: str,
    known: Mapping[str, Sequence[Record]],
    words: Words,
) -> None:
    """Write the form that an agency fills in, with what the register knows of it.

    Args:
        template: Layout of the form.
        path: Workbook to write.
        agency_code: Goes on the cover.
        known: Records by form and canonical column name, as the `prefill` of the form gives them.
            A form without records is blank; one that is not named is left out.
        words: Lists to choose from, see `form_words`.
    """
    rows = {
        name: [_shown(template.forms[name], record, words) for record in records]
        for name, records in known.items()
    }
    cover = {"agency_code": agency_code, "template_version": template.version}
    write_form(template, path, rows, cover, words)


def write_form(
    template: Template,
    path: Path,
    rows: Mapping[str, Sequence[Row]],
    cover: Row,
    words: Words,
) -> None:
    """Write a workbook that follows the template: the cover, and a sheet per form of `rows`."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, form in template.forms.items():
        if form.layout != "pairs" and name not in rows:
            continue
        sheet: Worksheet = book.create_sheet(form.sheet)
        _fit_page(sheet)
        if form.layout == "pairs":
            _write_cover(sheet, template, form, cover)
        else:
            _write_table(book, sheet, form, rows[name], words)
    save(book, path)


def _shown(form: Form, record: Record, words: Words) -> Row:
    """A record as the form shows it: deadlines in words, codes by their label."""
    row: dict[str, CellValue] = {}
    for column in form.columns:
        name, value = column.name, record.get(column.name)
        if column.type == "deadline":
            parts = record.get(f"{name}_precision"), record.get(f"{name}_kind")
            value = deadline_text(value, *parts)
        elif column.word_list and value is not None:
            code = str(value).lower() if isinstance(value, bool) else value
            value = words[column.word_list][code]
        row[name] = value
    return row


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
    _line(sheet, 1, template.title_vi, looks.TITLE)
    _line(sheet, 2, template.title_en, looks.SMALL)
    row = 4
    for column in form.columns:
        _line(sheet, row, column.header, looks.LABEL)
        answer = sheet.cell(row, 2)
        put(answer, cover.get(column.name))
        answer.font, answer.border, answer.alignment = looks.BODY, looks.BOX, looks.WRAPPED
        answer.number_format = DATE_FORMAT if column.type == "date" else "@"
        note = " · ".join(text for text in (column.note_vi, column.note_en) if text)
        _line(sheet, row, note, looks.SMALL, column=3)
        row += 1
    _line(sheet, row + 1, "Hướng dẫn", looks.LABEL)
    for number, (text_vi, text_en) in enumerate(_HOW_TO, start=row + 2):
        _line(sheet, number, text_vi, looks.BODY)
        _line(sheet, number, text_en, looks.SMALL, column=3)


def _line(sheet: Worksheet, row: int, text: str, font: Font, column: int = 1) -> None:
    cell = sheet.cell(row, column)
    put(cell, text or None)
    cell.font = font


def _write_table(
    book: Workbook, sheet: Worksheet, form: Form, rows: Sequence[Row], words: Words
) -> None:
    sheet.freeze_panes = "C2"
    sheet.print_title_rows = "1:1"
    sheet.row_dimensions[1].height = 34
    last = 1 + len(rows) + form.blank_rows
    for number, column in enumerate(form.columns, start=1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = column.width
        _write_header(sheet.cell(1, number), column)
        if rule := looks.validation(column, words):
            rule.add(f"{letter}2:{letter}{last}")
            sheet.add_data_validation(rule)
        style = looks.column_style(book, column)
        for offset in range(last - 1):
            cell = sheet.cell(2 + offset, number)
            cell.style = style
            if offset < len(rows):
                put(cell, rows[offset].get(column.name))
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(form.columns))}{last}"


def _write_header(cell: Cell | MergedCell, column: Column) -> None:
    put(cell, column.header)
    cell.font, cell.fill = looks.HEADER, looks.HEADER_FILL
    cell.alignment, cell.border = looks.CENTRED, looks.BOX
    notes = [text for text in (column.note_vi, column.note_en) if text]
    if notes:
        cell.comment = Comment("\n".join(notes), "NQ57", height=70, width=240)
