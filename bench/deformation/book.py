"""A workbook under deformation, in which every cell knows what it tells of.

What belongs here: the grid of each sheet with its marks, and what is expected of each mark. What
does not: clean rows (`clean.py`), deformations (`cells.py` and its kin), files (`files.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from pipelines.sample.draft import Draft, DraftTable, Written
from pipelines.workbook.template import Column, Template

Outcome = Literal["kept", "doubtful", "either", "refused", "fault"]
"""What must become of a cell: read right; no value and a problem; one of these; refused with its
file; read as it stands, to be found by a rule."""


class Mark(NamedTuple):
    """What a cell tells of."""

    form: str
    record_key: str
    column: str


@dataclass
class Expected:
    """The true value of a cell, and what must become of it."""

    value: object
    outcome: Outcome = "kept"
    trap: str = ""
    """The trap and function that deformed the cell; blank when it is as in the clean workbook."""


@dataclass
class Spot:
    """One cell of a grid."""

    value: Written = None
    mark: Mark | None = None
    formula: str | None = None
    """A formula that the file holds without the value it would give."""


@dataclass
class Page:
    """A sheet: rows of spots; rows and columns count from 0."""

    name: str
    rows: list[list[Spot]]
    form: str | None = None
    header: tuple[int, int] = (0, 0)
    """First row of the header, and the row after its last."""
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    is_hidden: bool = False

    @property
    def width(self) -> int:
        return max(map(len, self.rows), default=0)

    def data_rows(self) -> list[int]:
        """Places of the rows that tell of a record."""
        return [n for n, row in enumerate(self.rows) if any(spot.mark for spot in row)]

    def insert_rows(self, place: int, rows: list[list[Spot]]) -> None:
        """Insert rows, and move what lies below."""
        self.rows[place:place] = rows
        count = len(rows)
        self.hidden_rows = {n + count * (n >= place) for n in self.hidden_rows}
        self.merged = [
            (r1 + count * (r1 >= place), c1, r2 + count * (r1 >= place), c2)
            for r1, c1, r2, c2 in self.merged
        ]
        self.header = (
            self.header[0] + count * (self.header[0] >= place),
            self.header[1] + count * (self.header[0] >= place),
        )

    def insert_column(self, place: int) -> None:
        """Insert a blank column, and move what lies right of it."""
        for row in self.rows:
            if len(row) > place:
                row.insert(place, Spot())
        self.hidden_columns = {n + (n >= place) for n in self.hidden_columns}
        self.merged = [
            (r1, c1 + (c1 >= place), r2, c2 + (c1 >= place)) for r1, c1, r2, c2 in self.merged
        ]


class Meaning(Protocol):
    """What clean cells mean."""

    def of(self, column: Column, written: object) -> object:
        """The true value of a cell as the clean form has it."""
        ...


@dataclass
class Book:
    """A workbook of one agency, from the draft of it to its pages."""

    agency: str
    template: Template
    draft: Draft
    expected: dict[Mark, Expected]
    file_name: str
    meaning: Meaning
    pages: list[Page] = field(default_factory=list)
    writer: str = "xlsx"
    is_refused: bool = False
    traps: list[str] = field(default_factory=list)
    """Trap and function of each deformation, in the order in which they came."""

    def lay_out(self) -> None:
        """Make the pages; from here on the draft plays no part."""
        cover = [[Spot("DỮ LIỆU GIẢ ĐỊNH · INVENTED DATA")], []]
        cover += [[Spot(value) for value in line] for line in self.draft.cover]
        hidden = [
            Page(name, [[Spot(line)] for line in lines], is_hidden=True)
            for name, lines in self.draft.hidden.items()
        ]
        self.pages = [Page("Thông tin", cover), *map(page_of, self.draft.tables), *hidden]

    def page(self, form: str) -> Page:
        """The page that holds a form."""
        return next(page for page in self.pages if page.form == form)

    def places(self) -> Iterator[tuple[Mark, str, int, int]]:
        """Where each marked cell stands: its sheet, row and column from 1."""
        for page in self.pages:
            for number, row in enumerate(page.rows, start=1):
                for place, spot in enumerate(row, start=1):
                    if spot.mark:
                        yield spot.mark, page.name, number, place


def page_of(table: DraftTable) -> Page:
    """The grid of a drafted table."""
    rows = [[Spot(text or None)] if text else [] for text in table.before]
    first = len(rows)
    texts = [table.headers[column] for column in table.columns]
    merged: list[tuple[int, int, int, int]] = []
    if table.above:
        under = [place for place, name in enumerate(table.columns) if name in table.above]
        title = table.above[table.columns[under[0]]]
        upper = [Spot(None if place in under else text) for place, text in enumerate(texts)]
        upper[under[0]] = Spot(title)
        rows += [upper, [Spot(text if n in under else None) for n, text in enumerate(texts)]]
        merged = [(first, n, first + 1, n) for n in range(len(texts)) if n not in under]
        merged.append((first, under[0], first, under[-1]))
    else:
        rows.append([Spot(text) for text in texts])
    header = (first, len(rows))
    for row in table.rows:
        key = row.record_key
        rows.append(
            [
                Spot(
                    row.cells.get(name), Mark(table.form, key, name) if _tells(key, name) else None
                )
                for name in table.columns
            ]
        )
    return Page(table.sheet, rows, table.form, header, merged)


def _tells(key: str | None, column: str) -> bool:
    return key is not None and column not in {"stt", "own"}
