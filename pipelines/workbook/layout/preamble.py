"""Dates that a document says of itself in the lines above its table.

What belongs here: finding a date after words that a template gives. What does not: the cover
(`cover.py`), which date is whose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipelines.workbook.cells import Cell
from pipelines.workbook.layout.cover import Field
from pipelines.workbook.layout.table import Table
from pipelines.workbook.parsing.text import fold

_DATE = r"[: ]*(?:ngay )?(\d{1,2})(?:[/.-]| thang )(\d{1,2})(?:[/.-]| nam )(\d{4})\b"


def find_dates(phrases: Sequence[str], tables: Sequence[Table]) -> list[Field]:
    """Each date that follows one of the phrases above a table, once."""
    found: dict[str, Field] = {}
    for field in _dates("|".join(re.escape(fold(phrase)) for phrase in phrases), tables):
        found.setdefault(field.cell.text, field)
    return list(found.values())


def _dates(words: str, tables: Sequence[Table]) -> Iterator[Field]:
    for table in tables:
        for number, row in enumerate(table.sheet.rows[: table.header_row], start=1):
            for place, cell in enumerate(row):
                text = fold(cell.text) if cell is not None and cell.kind == "text" else ""
                for match in re.finditer(rf"\b(?:{words}){_DATE}", text):
                    day = "/".join(match.groups())
                    yield Field(Cell(day, "text", day), table.sheet.name, number, place)
