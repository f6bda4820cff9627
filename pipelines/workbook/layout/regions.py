"""Several tables on one sheet: below each other, beside each other, or one that goes on.

What belongs here: where further headers stand, which form they begin, where the tables above them
end. What does not: the header of the first table (`header.py`), rows of a table (`rows.py`).

Every table is read or named: nothing that stands below another header becomes rows of a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipelines.workbook.addresses import column_letter
from pipelines.workbook.cells import Cell, Row, Sheet
from pipelines.workbook.layout.header import Header, Labels, find_header, folded_texts
from pipelines.workbook.layout.row_classes import is_note_text
from pipelines.workbook.layout.table import Table, find_table, make_table, missing_required
from pipelines.workbook.match import LONGEST_HEADER, SERIAL
from pipelines.workbook.parsing.text import fold
from pipelines.workbook.template import Template

FEWEST_HEADERS = 3
_LOOKED_AT = 4
_REACH = 2
"""Rows of a header above and below the one that is seen first."""


@dataclass(frozen=True)
class _Start:
    """Where a table begins, and whose it is by its header; form None for a table of no form."""

    row: int
    form: str | None
    header: Header | None


class _Sharing:
    """The tables of a workbook while sheets are divided between them."""

    def __init__(self, template: Template, tables: Sequence[Table]) -> None:
        self.template = template
        self.forms = {n: form for n, form in template.forms.items() if form.layout == "table"}
        self.labels = {name: Labels(form) for name, form in self.forms.items()}
        self.words = frozenset[str]().union(*(one.columns for one in self.labels.values()))
        self.found = {table.name: table for table in tables}

    def change(self, name: str, **changes: object) -> None:
        self.found[name] = replace(self.found[name], **changes)  # type: ignore[arg-type]

    def name_other(self, name: str, sheet: Sheet, row: int, place: int = 0) -> None:
        cell = f"{sheet.name}!{column_letter(place)}{row + 1}"
        self.change(name, other_sheets=(*self.found[name].other_sheets, cell))


def share_sheets(template: Template, tables: Sequence[Table]) -> list[Table]:
    """The tables with their ends, and with them those of forms that have no sheet of their own.

    A further table of a form that has one is named, and not read.
    """
    sharing = _Sharing(template, tables)
    for table in tables:
        _divide(sharing, table)
    for table in tables:
        _look_beside(sharing, sharing.found[table.name])
    return list(sharing.found.values())


def _divide(sharing: _Sharing, main: Table) -> None:
    """Walk down a sheet from header to header: each ends the table above it, or repeats its own."""
    is_open: str | None = None
    for start in _starts(sharing, main):
        table = _table_at(sharing, main, start)
        above = sharing.found[is_open] if is_open else None
        if above and table and above.name == table.name and _same_places(above, table):
            rows = range(table.header.row, table.header.end)
            sharing.change(above.name, repeats=above.repeats | {*rows})
            continue
        if table is None:  # its rows are structure of the table above
            at = above or sharing.found[main.name]
            sharing.change(at.name, unknown_at=(*at.unknown_at, start.row))
            continue
        if above:
            sharing.change(above.name, end_row=start.row)
        is_open = table.name
        if table is not main and table.name in sharing.found:
            sharing.name_other(table.name, main.sheet, start.row)
            is_open = None
        elif table is not main:
            sharing.found[table.name] = table


def _table_at(sharing: _Sharing, main: Table, start: _Start) -> Table | None:
    """The table that a start begins; None when it is no form's, or has not what the form needs."""
    if start.header is main.header:
        return main
    if start.form is None or start.header is None:
        return None
    form = sharing.forms[start.form]
    labels = sharing.labels[start.form]
    table = make_table(start.form, form, main.sheet, start.header, labels)
    return None if missing_required(table, sharing.template.constants) else table


def _same_places(above: Table, table: Table) -> bool:
    return table.headers.columns.items() <= above.headers.columns.items()


def _starts(sharing: _Sharing, main: Table) -> Iterator[_Start]:
    """Headers of a sheet in order, that of its main table among them."""
    rows = main.sheet.rows
    below = 0
    unknown: int | None = None
    for number, row in enumerate(rows):
        if number < below:
            continue
        if number == main.header.row:
            start = _Start(number, main.name, main.header)
        elif not _may_be_header(row, sharing.words):
            if number and not rows[number - 1] and _is_foreign(main, number):
                yield _Start(number, None, None)
            continue
        else:
            last = main.header.row if number < main.header.row else len(rows)
            start = _start(sharing, main, number, below, last)
        if unknown is not None and (start is None or start.row - unknown > _REACH):
            yield _Start(unknown, None, None)
        unknown = None
        if start is not None and start.header is not None:
            yield start
            below = start.header.end
        elif _is_serial(row):  # the upper row of the header that follows, or a table of its own
            unknown = number
    if unknown is not None:
        yield _Start(unknown, None, None)


def _start(sharing: _Sharing, main: Table, number: int, first: int, last: int) -> _Start | None:
    """The form whose header a row belongs to."""
    texts = set(folded_texts(main.sheet.rows[number]))
    hits = {name: labels.hits(list(texts)) for name, labels in sharing.labels.items()}
    best = max(hits, key=lambda name: (len(hits[name]), name == main.name))
    if len(hits[best]) < min(FEWEST_HEADERS, len(sharing.forms[best].columns)):
        return None
    reach = (max(first, number - _REACH), min(last, number + _REACH + 1))
    header = find_header(sharing.labels[best], main.sheet, *reach)
    return _Start(header.row, best, header) if header else None


def _may_be_header(row: Row, words: frozenset[str]) -> bool:
    """A quick look at the first cells of a row: texts, one of them a header or a serial number."""
    seen: list[Cell] = []
    for cell in row:
        if cell is not None:
            if cell.kind != "text" or cell.text[:1].isdigit():
                return False
            if not seen and cell.text[-1:].isdigit():  # a code
                return False
            seen.append(cell)
            if len(seen) == _LOOKED_AT:
                break
    if len(seen) < 2:
        return False
    texts = (fold(cell.text) for cell in seen if len(cell.text) < LONGEST_HEADER)
    return any(text in words or text in SERIAL for text in texts)


def _is_foreign(main: Table, number: int) -> bool:
    """Whether a row after a blank one begins a table of no form: titles, and no code from there on.

    The code of a row has a digit or is one word; a title where codes stand has neither.
    """
    codes = [one.name for one in main.form.columns if one.type in {"code", "suffixed_code"}]
    keys = [name for name in main.form.key if name in codes and name in main.headers.columns]
    if not keys or number < main.header.end:
        return False
    place = main.headers.columns[keys[0]]
    below = main.sheet.rows[number : number + 2]
    title = _at(below[0], place)
    texts = [cell.text for cell in below[0] if cell is not None and cell.text.strip()]
    return (
        title is not None
        and " " in title.text.strip()
        and len(texts) > 1
        and not any(map(str.isdigit, "".join(texts)))
        and not is_note_text(texts[0])
        and len(below) > 1
        and sum(cell is not None for cell in below[1]) > 1
        and not any(_is_code(_at(row, place)) for row in main.sheet.rows[number:])
    )


def _is_code(cell: Cell | None) -> bool:
    return cell is not None and any(letter.isdigit() or letter == "_" for letter in cell.text)


def _at(row: Row, place: int) -> Cell | None:
    return row[place] if place < len(row) else None


def _is_serial(row: Row) -> bool:
    """Whether a row begins as headers of lists do: STT, and at least two more titles."""
    texts = [cell.text for cell in row if cell is not None and cell.text.strip()]
    return len(texts) >= FEWEST_HEADERS and fold(texts[0]) in SERIAL


def _look_beside(sharing: _Sharing, table: Table) -> None:
    """Take or name a table whose header stands to the right, in the same rows."""
    rest = dict(table.headers.unmatched)
    beyond = max(table.headers.columns.values(), default=0)
    for name, labels in sharing.labels.items():
        offers = {n: texts for n, texts in enumerate(table.header.offers(labels)) if n in rest}
        places = [n for n, texts in offers.items() if labels.hits([fold(t) for t in texts])]
        hits = labels.hits([fold(text) for n in places for text in offers[n]])
        if len(hits) < min(FEWEST_HEADERS, len(labels.columns)) or min(places) < beyond:
            continue
        left = min(places)
        while left - 1 > beyond and left - 1 in rest:  # its own STT and columns that nobody knows
            left -= 1
        _split(sharing, table, name, left)
        return


def _split(sharing: _Sharing, table: Table, name: str, left: int) -> None:
    """Part a sheet before a column; what is to the right is another table."""
    rows = table.sheet.rows
    rest = [(None,) * left + row[left:] if len(row) > left else () for row in rows]
    other = find_table(name, sharing.forms[name], replace(table.sheet, rows=tuple(rest)))
    if other is None:
        return
    mine = replace(table.sheet, rows=tuple(row[:left] for row in rows))
    levels = table.header.levels[:left]
    header = replace(table.header, levels=levels)
    labels = sharing.labels[table.name]
    again = make_table(table.name, table.form, mine, header, labels)
    sharing.change(table.name, sheet=mine, header=header, headers=again.headers)
    if name in sharing.found or missing_required(other, sharing.template.constants):
        sharing.name_other(name, table.sheet, table.header.row, left)
    else:
        sharing.found[name] = replace(other, end_row=table.end_row)
