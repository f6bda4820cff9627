"""Deformations of the file: several tables in a sheet, other formats, names that disagree.

What belongs here: writing a book in some format, and the deformations that choose it. What does
not: what stands in the cells.
"""

from __future__ import annotations

import csv
import html
import io
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from deformation.book import Book, Page, Spot
from deformation.clean import ON
from deformation.deform import Apply, Deform
from pipelines.sample.draft import ErrorCell, Written
from pipelines.workbook.looks import DATE_FORMAT

FILES: list[Deform] = []
_DELIMITED = {"csv_excel": ("utf-8-sig", ";"), "csv_utf16": ("utf-16", "\t"),
              "csv_1258": ("windows-1258", ","), "csv_bars": ("utf-8", "|")}  # fmt: skip


def _file(trap: str, outcome="kept") -> Callable[[Apply], Apply]:
    def enter(apply: Apply) -> Apply:
        FILES.append(Deform(trap, apply.__name__, "file", outcome, apply))
        return apply

    return enter


def write(book: Book, path: Path) -> None:
    """Write the book in its format."""
    if book.writer == "xlsx":
        _write_workbook(book, path)
    elif book.writer in _DELIMITED:
        _write_delimited(book, path)
    else:
        path.write_bytes(_as_markup(book))


def _write_workbook(book: Book, path: Path) -> None:
    made = Workbook()
    made.remove(made.worksheets[0])
    for page in book.pages:
        sheet = made.create_sheet(page.name)
        for number, row in enumerate(page.rows, start=1):
            for place, spot in enumerate(row, start=1):
                if spot.formula or spot.value is not None:
                    _fill(sheet.cell(number, place), spot)
        for first_row, first, last_row, last in page.merged:
            sheet.merge_cells(
                start_row=first_row + 1, end_row=last_row + 1,
                start_column=first + 1, end_column=last + 1,
            )  # fmt: skip
        for number in page.hidden_rows:
            sheet.row_dimensions[number + 1].hidden = True
        for place in page.hidden_columns:
            sheet.column_dimensions[get_column_letter(place + 1)].hidden = True
        if page.is_hidden:
            sheet.sheet_state = "hidden"
    made.save(path)


def _fill(cell, spot: Spot) -> None:
    if spot.formula:
        cell.value = spot.formula
    elif isinstance(spot.value, ErrorCell):
        cell.value, cell.data_type = spot.value.text, "e"
    else:
        cell.value = spot.value
        if isinstance(spot.value, str):
            cell.data_type = "s"
        elif isinstance(spot.value, date):
            cell.number_format = DATE_FORMAT


def shown(value: Written) -> str:
    """A cell as a program shows it that saves text only."""
    if isinstance(value, ErrorCell):
        return value.text
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return "" if value is None else str(value)


def _write_delimited(book: Book, path: Path) -> None:
    encoding, delimiter = _DELIMITED[book.writer]
    page = next(page for page in book.pages if page.form)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([shown(spot.value) for spot in row] for row in page.rows)
    path.write_bytes(_encoded(text.getvalue(), encoding))


def _encoded(text: str, encoding: str) -> bytes:
    if encoding != "windows-1258":
        return text.encode(encoding)
    # The code page has letters and tones apart, but for those of Western Europe.
    import unicodedata  # noqa: PLC0415

    done = bytearray()
    for letter in unicodedata.normalize("NFC", text):
        for form in (letter, _tone_apart(letter), unicodedata.normalize("NFD", letter)):
            try:
                done += form.encode("cp1258")
                break
            except UnicodeEncodeError:
                continue
        else:
            done += b"?"
    return bytes(done)


def _tone_apart(letter: str) -> str:
    """A letter with its tone after it, the hat or horn kept."""
    import unicodedata  # noqa: PLC0415

    parts = unicodedata.normalize("NFD", letter)
    tones = [mark for mark in parts if mark in "\u0300\u0301\u0303\u0309\u0323"]
    rest = "".join(mark for mark in parts if mark not in tones)
    return unicodedata.normalize("NFC", rest) + "".join(tones)


def _as_markup(book: Book) -> bytes:
    page = next(page for page in book.pages if page.form)
    if book.writer == "html":
        rows = "".join(
            f"<tr>{''.join(f'<td>{html.escape(shown(s.value))}</td>' for s in row)}</tr>"
            for row in page.rows
        )
        return f"<html><meta charset='utf-8'><table>{rows}</table></html>".encode()
    cells = "".join(
        "<Row>"
        + "".join(
            f'<Cell><Data ss:Type="String">{html.escape(shown(s.value))}</Data></Cell>' for s in row
        )
        + "</Row>"
        for row in page.rows
    )
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        f'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        f'<Workbook xmlns="{space}" xmlns:ss="{space}">'
        f'<Worksheet ss:Name="{page.name}"><Table>{cells}</Table></Worksheet></Workbook>'
    ).encode()


def _refused(book: Book, writer: str) -> bool:
    book.writer, book.is_refused = writer, True
    book.file_name = book.file_name.replace(".xlsx", ".xls")
    return True


@_file("T10", outcome="refused")
def html_named_xls(_: random.Random, book: Book) -> bool:
    """A web page under the name of a workbook."""
    return _refused(book, "html")


@_file("T10", outcome="refused")
def spreadsheetml_named_xls(_: random.Random, book: Book) -> bool:
    """XML of 2003 under the name of a workbook."""
    return _refused(book, "spreadsheetml")


def _delimited(writer: str) -> None:
    """The table alone as text: read, or refused by name. The template gives date and agency."""

    def apply(_: random.Random, book: Book) -> bool:
        pages = [page for page in book.pages if page.form]
        if len(pages) != 1 or pages[0].form not in ("datasets", "tasks"):
            return False
        book.writer = writer
        book.file_name = book.file_name.replace(".xlsx", ".csv")
        return True

    FILES.append(Deform("T42", writer, "file", "either", apply))


for _writer in _DELIMITED:
    _delimited(_writer)


@_file("T08")
def tables_in_one_sheet(_: random.Random, book: Book) -> bool:
    """Two forms in one sheet, one below the other."""
    pages = [page for page in book.pages if page.form]
    if len(pages) < 2:
        return False
    first, second = pages[:2]
    below = len(first.rows) + 3
    first.rows += [[], [], [Spot("Biểu tiếp theo")], *second.rows]
    first.merged += [(r1 + below, c1, r2 + below, c2) for r1, c1, r2, c2 in second.merged]
    first.hidden_rows |= {number + below for number in second.hidden_rows}
    book.pages.remove(second)
    return True


@_file("T08")
def instructions_first(_: random.Random, book: Book) -> bool:
    """A sheet of instructions before all others, with an example of the form in it."""
    lines = [["HƯỚNG DẪN"], ["Ví dụ", "NQ71-000"], ["Mã nhiệm vụ", "ghi theo danh mục"]]
    page = Page("hướng dẫn", [[Spot(text) for text in line] for line in lines])
    book.pages.insert(0, page)
    return True


@_file("T51", outcome="fault")
def period_of_the_name_disagrees(_: random.Random, book: Book) -> bool:
    """The file bears the name of another period than its cover."""
    if str(ON) not in book.file_name:
        return False
    book.file_name = book.file_name.replace(str(ON), "2025-06-20")
    return True
