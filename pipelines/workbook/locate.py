"""Where things are in a workbook: the sheet of each form, its header row, the pairs of a cover.

What belongs here: finding tables and covers by their content, anywhere near the top of a sheet.
What does not: what the rows below a header are (`rows.py`), what a cell means (`values.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipelines.workbook.cells import Cell, Row, Sheet
from pipelines.workbook.match import Headers, KnownHeaders, is_sheet_of, labels, match_headers
from pipelines.workbook.template import Column, Form, Template
from pipelines.workbook.text import clean_text, fold

_HEADER_ROWS = 40
_FEWEST_HEADERS = 3


@dataclass(frozen=True)
class Table:
    """A table of a form in a sheet; rows and columns count from 0, row numbers from 1."""

    name: str
    form: Form
    sheet: Sheet
    header_row: int
    first_row: int
    headers: Headers
    other_sheets: tuple[str, ...] = ()
    """Sheets that hold the form once more, and are not read."""

    def header_text(self, place: int) -> str:
        """The header above a column as it stands in the sheet."""
        row = self.sheet.rows[self.header_row]
        cell = row[place] if place < len(row) else None
        if cell is None:  # the lower row of a merged header
            lower = self.sheet.rows[self.first_row - 1]
            cell = lower[place] if place < len(lower) else None
        return clean_text(cell.text) if cell else ""

    def place_of_header(self, text: str) -> int | None:
        """The column with this header, whatever the form says of it."""
        wanted = fold(text)
        places = range(len(self.sheet.rows[self.header_row]))
        return next((n for n in places if fold(self.header_text(n)) == wanted), None)


@dataclass(frozen=True)
class Field:
    """The answer to one label of a cover, with its address."""

    cell: Cell
    sheet_name: str
    row_number: int
    place: int


@dataclass(frozen=True)
class Layout:
    """A workbook seen through a template that fits it."""

    template: Template
    tables: tuple[Table, ...]
    cover_sheet: Sheet | None
    cover: Mapping[str, Field]
    unmatched_sheets: tuple[str, ...]
    """Sheets that say something, and that no form took."""


@dataclass(frozen=True)
class Misfit:
    """Why a template does not fit a workbook."""

    reason: str


def lay_out(template: Template, sheets: Sequence[Sheet]) -> Layout | Misfit:
    """Find every form of a template; it fits with at least one table and no form without its key.

    A sheet is the form's by its name; a form whose name no sheet bears is looked for by headers.
    """
    free = list(sheets)
    tables: list[Table] = []
    for name, form in _tables(template):
        named = next((sheet for sheet in free if is_sheet_of(form, sheet.name)), None)
        if named is None or not named.rows:  # an empty sheet says nothing, under whatever name
            continue
        free.remove(named)
        table = find_table(name, form, named)
        missing = _missing_required(template, form, table)
        if missing:
            return Misfit(f"{template.template}: sheet {named.name} has no column {missing}")
        if table is not None:
            tables.append(table)
    for name, form in _tables(template):
        if all(table.name != name for table in tables):
            found = _by_headers(template, name, form, free)
            if found is not None:
                free.remove(found.sheet)
                tables.append(found)
    if not tables:
        return Misfit(f"{template.template}: no sheet has the columns of a form")
    cover_sheet, cover = _find_cover(template, free)
    rest = [sheet for sheet in free if sheet is not cover_sheet and sheet.rows]
    found = tuple(replace(table, other_sheets=_others(template, table, rest)) for table in tables)
    return Layout(template, found, cover_sheet, cover, tuple(sheet.name for sheet in rest))


def find_table(name: str, form: Form, sheet: Sheet) -> Table | None:
    """The table whose header names most columns of the form, on one row or on two merged ones."""
    known = KnownHeaders(form)

    def table_at(number: int, height: int) -> Table:
        texts = _header_texts(sheet.rows[number : number + height])
        return Table(name, form, sheet, number, number + height, match_headers(known, texts))

    def size(table: Table) -> int:
        return len(table.headers.columns)

    numbers = range(min(len(sheet.rows), _HEADER_ROWS))
    best = max((table_at(number, 1) for number in numbers), key=size, default=None)
    if best is None or not size(best):
        return None
    merged = [
        table_at(number, 2) for number in (best.header_row - 1, best.header_row) if number >= 0
    ]
    return max(best, *merged, key=size)


def _header_texts(rows: Sequence[Row]) -> list[list[str]]:
    """Texts of each place: of the only row, or upper, lower, and both with the upper repeated."""
    top = [cell.text if cell else "" for cell in rows[0]]
    if len(rows) == 1:
        return [[text] for text in top]
    lower = [cell.text if cell else "" for cell in rows[1]]
    width = max(len(top), len(lower))
    top += [""] * (width - len(top))
    lower += [""] * (width - len(lower))
    texts: list[list[str]] = []
    parent = ""
    for upper, below in zip(top, lower, strict=True):
        parent = upper or parent
        texts.append([upper, f"{parent} {below}", below] if below else [upper])
    return texts


def _by_headers(template: Template, name: str, form: Form, sheets: Sequence[Sheet]) -> Table | None:
    found = [table for sheet in sheets if (table := find_table(name, form, sheet)) is not None]
    fitting = [
        table
        for table in found
        if not _missing_required(template, form, table)
        and len(table.headers.columns) >= _FEWEST_HEADERS
    ]
    return max(fitting, key=lambda table: len(table.headers.columns), default=None)


def _others(template: Template, table: Table, sheets: Sequence[Sheet]) -> tuple[str, ...]:
    """Sheets under a name of a form that has its table already, or with its headers."""
    return tuple(
        sheet.name
        for sheet in sheets
        if is_sheet_of(table.form, sheet.name)
        or _by_headers(template, table.name, table.form, [sheet])
    )


def _tables(template: Template) -> list[tuple[str, Form]]:
    return [(name, form) for name, form in template.forms.items() if form.layout == "table"]


def _missing_required(template: Template, form: Form, table: Table | None) -> str | None:
    columns = table.headers.columns if table else {}
    return next(
        (
            column.header
            for column in form.columns
            if column.is_required
            and column.name not in columns
            and column.name not in template.constants
        ),
        None,
    )


def _find_cover(
    template: Template, sheets: Sequence[Sheet]
) -> tuple[Sheet | None, dict[str, Field]]:
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
