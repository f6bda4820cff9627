"""A table of a form in a sheet: its header, the columns under it, and where it ends.

What belongs here: the record of a table, and finding the one that fits a form best. What does not:
several tables on a sheet (`regions.py`), several sheets (`locate.py`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pipelines.workbook.cells import Sheet
from pipelines.workbook.layout.header import MORE_ROWS, TOP_ROWS, Header, Labels, find_header
from pipelines.workbook.match import LEVELS, Headers, KnownHeaders, match_headers
from pipelines.workbook.parsing.text import fold
from pipelines.workbook.template import Form


@dataclass(frozen=True)
class Table:
    """A table of a form in a sheet; rows and columns count from 0, row numbers from 1."""

    name: str
    form: Form
    sheet: Sheet
    header: Header
    headers: Headers
    end_row: int
    """The row after its last one: the end of the sheet, or where another table begins."""
    repeats: frozenset[int] = frozenset()
    """Rows in which its header stands once more, with the table going on below."""
    other_sheets: tuple[str, ...] = ()
    """Sheets, or cells where tables begin, that hold the form once more and are not read."""
    unknown_at: tuple[int, ...] = ()
    """Rows of the sheet in which a table of no form begins."""

    @property
    def header_row(self) -> int:
        """The first row of the header."""
        return self.header.row

    @property
    def first_row(self) -> int:
        """The first row below the header."""
        return self.header.end

    def header_text(self, place: int) -> str:
        """The header above a column as it stands in the sheet, its levels joined."""
        levels = self.header.levels
        return LEVELS.join(levels[place]) if place < len(levels) else ""

    def place_of_header(self, text: str) -> int | None:
        """The column with this header, whatever the form says of it."""
        wanted = fold(text)
        places = range(len(self.header.levels))
        return next((n for n in places if fold(self.header_text(n)) == wanted), None)


def find_table(name: str, form: Form, sheet: Sheet, given: Collection[str] = ()) -> Table | None:
    """The table whose header names most columns of the form; far down only if none is near.

    `given` are columns that no sheet has to have.
    """
    labels = Labels(form)
    table: Table | None = None
    for last in (TOP_ROWS, MORE_ROWS):
        header = find_header(labels, sheet, last=last)
        table = make_table(name, form, sheet, header, labels) if header else None
        if len(sheet.rows) <= last or (table and not missing_required(table, given)):
            break
    return table


def make_table(name: str, form: Form, sheet: Sheet, header: Header, labels: Labels) -> Table:
    """The table below a header, down to the end of the sheet."""
    matched = match_headers(KnownHeaders(form), header.offers(labels))
    return Table(name, form, sheet, header, matched, len(sheet.rows))


def missing_required(table: Table, given: Collection[str]) -> str | None:
    """The header of a column without which a sheet is not this form."""
    return first_missing(table.form, {*table.headers.columns, *given})


def first_missing(form: Form, columns: Collection[str]) -> str | None:
    """The header of the first required column that is not there."""
    required = (column for column in form.columns if column.is_required)
    return next((column.header for column in required if column.name not in columns), None)
