"""From a draft to a workbook.

What belongs here: cells as a spreadsheet program would store them, invented label included. What
does not: what the cells say.
"""

from __future__ import annotations

from datetime import date

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from pipelines.sample.draft import INVENTED, Draft, DraftTable, ErrorCell, Written
from pipelines.workbook.looks import DATE_FORMAT

_HEADER_FONT = Font(bold=True)
_HEADER_FILL = PatternFill("solid", start_color="DCE6F1")
_WRAPPED = Alignment(wrap_text=True, vertical="center")


def to_workbook(draft: Draft) -> Workbook:
    """The draft as a workbook: the cover, the tables, the hidden sheets."""
    book = Workbook(write_only=True)
    cover = book.create_sheet("Thông tin")
    cover.column_dimensions["A"].width, cover.column_dimensions["B"].width = 26, 34
    for line in ([INVENTED], [], *draft.cover):
        cover.append([_cell(cover, value) for value in line])
    for table in draft.tables:
        sheet = book.create_sheet(table.sheet)
        for number, column in enumerate(table.columns, start=1):
            sheet.column_dimensions[get_column_letter(number)].width = table.widths[column]
        _append_table(sheet, table)
    for name, lines in draft.hidden.items():
        hidden = book.create_sheet(name)
        hidden.sheet_state = "hidden"
        for line in lines:
            hidden.append([line])
    return book


def _append_table(sheet: WriteOnlyWorksheet, table: DraftTable) -> None:
    sheet.freeze_panes = f"A{len(table.before) + (3 if table.above else 2)}"
    for text in table.before:
        sheet.append([text or None])
    _append_header(sheet, table)
    for row in table.rows:
        sheet.append([_cell(sheet, row.cells.get(column)) for column in table.columns])


def _cell(sheet: WriteOnlyWorksheet, value: Written) -> Cell | Written:
    """A plain value, or a cell where a plain value would become something else."""
    if isinstance(value, ErrorCell):
        cell = WriteOnlyCell(sheet, value.text)
        cell.data_type = "e"
        return cell
    if isinstance(value, date):
        cell = WriteOnlyCell(sheet)
        cell.value = value
        cell.number_format = DATE_FORMAT
        return cell
    if isinstance(value, str) and value[:1] in ("=", "#"):
        cell = WriteOnlyCell(sheet, value)
        cell.data_type = "s"
        return cell
    return value


def _append_header(sheet: WriteOnlyWorksheet, table: DraftTable) -> None:
    """One header row, or two with merged cells where columns stand under a common title."""
    texts = [table.headers[column] for column in table.columns]
    if not table.above:
        sheet.append([_header(sheet, text) for text in texts])
        return
    top = len(table.before) + 1
    upper: list[Cell | None] = [_header(sheet, text) for text in texts]
    lower: list[Cell | None] = [None] * len(texts)
    places = [place for place, column in enumerate(table.columns) if column in table.above]
    for place in places:
        upper[place], lower[place] = None, _header(sheet, texts[place])
    upper[places[0]] = _header(sheet, table.above[table.columns[places[0]]])
    for row in (upper, lower):
        sheet.append(row)
    letters = [get_column_letter(place + 1) for place in range(len(texts))]
    spans = [
        f"{letter}{top}:{letter}{top + 1}"
        for place, letter in enumerate(letters)
        if place not in places
    ]
    spans.append(f"{letters[places[0]]}{top}:{letters[places[-1]]}{top}")
    # A list, because the set that belongs here would be written in any order.
    setattr(sheet, "merged_cells", spans)  # noqa: B010 -- the stubs do not know it


def _header(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    cell = WriteOnlyCell(sheet, text)
    cell.font, cell.fill, cell.alignment = _HEADER_FONT, _HEADER_FILL, _WRAPPED
    return cell
