"""How a form looks, and how its cells help while typing.

What belongs here: fonts, fills, number formats, lists to choose from, by type of a column. What
does not: what is written into the cells (`forms.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation

from pipelines.workbook.template import Column, ValueType

Words = Mapping[str, Mapping[str, str]]
"""By name of a list: code → the word that the form offers."""

DATE_FORMAT = "dd/mm/yyyy"
_FORMATS: dict[ValueType, str] = {
    "code": "@",
    "suffixed_code": "@",
    "count": "#,##0",
    "date": DATE_FORMAT,
    "percent": "0",
}
"""Number formats that matter: as text, codes keep their zeros."""

_INK, _QUIET, _SHADE, _LINE = "1F3A5F", "7A8699", "F1F4F8", "C9D1DC"
TITLE = Font(name="Calibri", size=16, bold=True, color=_INK)
SMALL = Font(name="Calibri", size=9, italic=True, color=_QUIET)
LABEL = Font(name="Calibri", size=11, bold=True, color=_INK)
BODY = Font(name="Calibri", size=11)
HEADER = Font(name="Calibri", size=11, bold=True, color="FFFFFF")
HEADER_FILL = PatternFill("solid", start_color=_INK)
_REGISTER_FILL = PatternFill("solid", start_color=_SHADE)
_EDGE = Side(style="thin", color=_LINE)
BOX = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
WRAPPED = Alignment(wrap_text=True, vertical="top")
CENTRED = Alignment(wrap_text=True, vertical="center", horizontal="center")


def column_style(book: Workbook, column: Column) -> str:
    """Name of the style of a column's cells, which many cells share at no cost."""
    name = f"NQ57 {column.type}{' danh mục' if column.is_register else ''}"
    if name not in book.named_styles:
        style = NamedStyle(name, font=BODY, border=BOX, alignment=WRAPPED)
        style.number_format = _FORMATS.get(column.type, "General")
        if column.is_register:
            style.fill = _REGISTER_FILL
        book.add_named_style(style)
    return name


def validation(column: Column, words: Words) -> DataValidation | None:
    """Help while typing; a value that does not fit is warned about, not forbidden."""
    if column.word_list:
        offered = ",".join(words[column.word_list].values())
        rule = DataValidation(type="list", formula1=f'"{offered}"')
        rule.error = "Chọn trong danh sách. Choose from the list."
    elif column.type == "count":
        rule = DataValidation(type="whole", operator="greaterThanOrEqual", formula1="0")
        rule.error = "Ghi số nguyên, từ 0 trở lên. Enter a whole number, 0 or more."
    elif column.type == "percent":
        rule = DataValidation(type="decimal", operator="between", formula1="0", formula2="100")
        rule.error = "Ghi số từ 0 đến 100. Enter a number from 0 to 100."
    elif column.type == "date":
        rule = DataValidation(type="date", operator="greaterThan", formula1="43831")
        rule.error = "Ghi ngày dd/mm/yyyy. Enter a date dd/mm/yyyy."
    else:
        return None
    rule.allow_blank, rule.errorStyle, rule.showErrorMessage = True, "warning", True
    return rule
