"""The cover of a workbook: pairs of a label and the answer beside it.

What belongs here: finding the sheet of pairs and the answer to each label. What does not: what an
answer means (`values.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.workbook.cells import Cell, Row, Sheet
from pipelines.workbook.match import is_sheet_of, labels
from pipelines.workbook.parsing.text import fold
from pipelines.workbook.template import Column, Form, Template


@dataclass(frozen=True)
class Field:
    """The answer to one label of a cover, with its address."""

    cell: Cell
    sheet_name: str
    row_number: int
    place: int


def find_cover(
    template: Template, sheets: Sequence[Sheet]
) -> tuple[Sheet | None, dict[str, Field]]:
    """The sheet of pairs, by its name or by two of its labels, and what it answers."""
    form = next((form for form in template.forms.values() if form.layout == "pairs"), None)
    if form is None:
        return None, {}
    named = [sheet for sheet in sheets if is_sheet_of(form, sheet.name)]
    for sheet in named or sheets:
        fields = _fields(form, sheet)
        if named or len(fields) > 1:
            return sheet, fields
    return None, {}


def _fields(form: Form, sheet: Sheet) -> dict[str, Field]:
    known = {label: column for column in form.columns for label in labels(column)}
    fields: dict[str, Field] = {}
    for number, row in enumerate(sheet.rows, start=1):
        for place, cell in enumerate(row):
            column = known.get(fold(cell.text)) if cell and cell.kind == "text" else None
            answer = _answer(column, row, place) if column else None
            if column and answer and column.name not in fields:
                fields[column.name] = Field(answer[1], sheet.name, number, answer[0])
    return fields


def _answer(column: Column, row: Row, place: int) -> tuple[int, Cell] | None:
    """The first filled cell after a label, and its place, unless it is the form's own hint."""
    for after in range(place + 1, len(row)):
        cell = row[after]
        if cell is not None:
            is_hint = bool(column.note_vi) and cell.text.startswith(column.note_vi)
            return None if is_hint else (after, cell)
    return None
