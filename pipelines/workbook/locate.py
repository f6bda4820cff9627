"""Where things are in a workbook: the tables of each form, and what no form takes.

What belongs here: giving every table that stands in a workbook to a form, or naming it. What does
not: rows of a header (`header.py`), where a table ends (`regions.py`), what the rows below a header
are (`rows.py`), what a cell means (`values.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipelines.workbook.cells import Sheet
from pipelines.workbook.layout.cover import Field, find_cover
from pipelines.workbook.layout.regions import FEWEST_HEADERS, share_sheets
from pipelines.workbook.layout.table import Table, find_table, first_missing, missing_required
from pipelines.workbook.match import is_sheet_of
from pipelines.workbook.template import Form, Template


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

    A sheet is the form's by its name, the visible one first; a form whose name no sheet bears is
    looked for by headers: on a sheet of its own, then below or beside the tables that were found.
    """
    free = sorted(sheets, key=lambda sheet: sheet.is_hidden)
    tables: list[Table] = []
    for name, form in _forms(template):
        named = next((sheet for sheet in free if is_sheet_of(form, sheet.name)), None)
        if named is None or not named.rows:  # an empty sheet says nothing, under whatever name
            continue
        free.remove(named)
        table = find_table(name, form, named, template.constants)
        columns = table.headers.columns if table else {}
        missing = first_missing(form, {*columns, *template.constants})
        if missing:
            return Misfit(f"{template.template}: sheet {named.name} has no column {missing}")
        if table is not None:
            tables.append(table)
    for name, form in _forms(template):
        if all(table.name != name for table in tables):
            found = _by_headers(template, name, form, free)
            if found is not None:
                free.remove(found.sheet)
                tables.append(found)
    if not tables:
        return Misfit(f"{template.template}: no sheet has the columns of a form")
    return _layout(template, share_sheets(template, tables), free, sheets)


def _layout(
    template: Template, tables: Sequence[Table], free: Sequence[Sheet], sheets: Sequence[Sheet]
) -> Layout:
    """Add what is no table: the cover, or the lines above the tables that answer for it."""
    cover_sheet, cover = find_cover(template, free)
    if not cover:
        above = [replace(one.sheet, rows=one.sheet.rows[: one.header_row]) for one in tables]
        _, cover = find_cover(template, above)
    rest = [sheet for sheet in sheets if sheet.rows and sheet is not cover_sheet]
    rest = [sheet for sheet in rest if any(sheet is one for one in free)]
    found = tuple(
        replace(table, other_sheets=(*table.other_sheets, *_others(template, table, rest)))
        for table in tables
    )
    return Layout(template, found, cover_sheet, cover, tuple(sheet.name for sheet in rest))


def _by_headers(template: Template, name: str, form: Form, sheets: Sequence[Sheet]) -> Table | None:
    found = (find_table(name, form, sheet, template.constants) for sheet in sheets)
    fitting = [
        table
        for table in found
        if table is not None
        and not missing_required(table, template.constants)
        and len(table.headers.columns) >= FEWEST_HEADERS
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


def _forms(template: Template) -> list[tuple[str, Form]]:
    return [(name, form) for name, form in template.forms.items() if form.layout == "table"]
