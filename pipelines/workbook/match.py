"""Headers and names of sheets: which column of a sheet is which column of the form?

What belongs here: comparing texts with what a template knows, exactly or by alias, on the folded
form. What does not: where in a sheet the header is (`locate.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.workbook.template import Column, Form
from pipelines.workbook.text import clean_text, fold

LONGEST_HEADER = 120


class KnownHeaders:
    """The folded headers of a form with the columns that they name, exact ones before aliases."""

    def __init__(self, form: Form) -> None:
        exact = {fold(column.header): column.name for column in form.columns}
        aliases = {fold(text): column.name for column in form.columns for text in column.aliases}
        self.levels = (exact, aliases)


@dataclass(frozen=True)
class Headers:
    """Columns of a sheet by canonical name (0-based), and headers that no column answers to."""

    columns: dict[str, int]
    unmatched: tuple[tuple[int, str], ...]


def match_headers(known: KnownHeaders, headers: Sequence[Sequence[str]]) -> Headers:
    """Find the columns of a form; each place offers one or more texts (rows of a merged header).

    Exact names go before aliases, the left column before the right. A second column under a name
    already taken stays unmatched, so that it is reported.
    """
    columns: dict[str, int] = {}
    for level in known.levels:
        for place, texts in enumerate(headers):
            if place in columns.values():
                continue
            names = (level.get(fold(text)) for text in texts if 0 < len(text) < LONGEST_HEADER)
            name = next((name for name in names if name is not None), None)
            if name is not None and name not in columns:
                columns[name] = place
    unmatched = tuple(
        (place, clean_text(texts[0]))
        for place, texts in enumerate(headers)
        if texts[0].strip() and place not in columns.values()
    )
    return Headers(columns, unmatched)


def is_sheet_of(form: Form, sheet_name: str) -> bool:
    """Whether a sheet bears the name of the form, or an alias of it."""
    return fold(sheet_name) in {fold(name) for name in (form.sheet, *form.aliases)}


def labels(column: Column) -> frozenset[str]:
    """The folded texts that stand for a column."""
    return frozenset(map(fold, (column.header, *column.aliases)))
