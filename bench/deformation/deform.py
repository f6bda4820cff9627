"""What a deformation is, and how those of one cell are spread over a workbook.

What belongs here: the shape of a named deformation and the drawing of cells. What does not: the
deformations themselves (`cells.py`, `legacy.py`, `layouts.py`, `files.py`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from deformation.book import Book, Expected, Mark, Outcome
from pipelines.sample.cell_traps import CellTrap, kind_of
from pipelines.sample.draft import DraftRow, DraftTable, Written
from pipelines.workbook.template import Column, Form

Stage = Literal["cells", "layout", "pages", "file"]
STAGES: tuple[Stage, ...] = ("cells", "layout", "pages", "file")
"""In this order: cells of the draft, layout of the draft, then pages, then the file."""
Apply = Callable[[random.Random, Book], bool]
"""Deforms the workbook; False when there is nothing in it that it fits."""
_SHARE = 0.35
_MOST_DOUBTFUL = 2


@dataclass(frozen=True)
class Deform:
    """A named deformation of a workbook."""

    trap: str
    name: str
    stage: Stage
    outcome: Outcome
    apply: Apply


class Place(NamedTuple):
    """A cell of the draft."""

    table: DraftTable
    form: Form
    row: DraftRow
    column: Column

    @property
    def mark(self) -> Mark:
        return Mark(self.table.form, str(self.row.record_key), self.column.name)

    @property
    def value(self) -> Written:
        return self.row.cells[self.column.name]


class Said(NamedTuple):
    """What a cell says now, and what that means when it is not what it meant."""

    written: Written
    means: object = ...


Say = Callable[[random.Random, Written], "Written | Said"]


def places(book: Book, kinds: tuple[str, ...]) -> Iterator[Place]:
    """Cells of columns of these kinds that no deformation has touched."""
    for table in book.draft.tables:
        form = book.template.forms[table.form]
        for column in form.columns:
            if kind_of(column) in kinds:
                for row in table.rows:
                    place = Place(table, form, row, column)
                    if row.record_key and not book.expected[place.mark].trap:
                        yield place


def put(book: Book, place: Place, said: Written | Said, trap: str, outcome: Outcome) -> None:
    """Write a cell in another way, and note what is now expected of it."""
    written, means = said if isinstance(said, Said) else (said, ...)
    place.row.cells[place.column.name] = written
    before = book.expected[place.mark]
    value = before.value if means is ... else means
    book.expected[place.mark] = Expected(value, outcome, trap)


def of_cells(
    trap: str, name: str, kinds: tuple[str, ...], outcome: Outcome, say: Say,
    *, of_keys: bool | None = None,
) -> Deform:  # fmt: skip
    """A deformation that says cells of some kinds in another way.

    Many of them when it is certain, else two to a workbook and never a key, without which the row
    would be nobody's; `of_keys` decides that otherwise.
    """
    is_certain = outcome in ("kept", "either")
    takes_keys = is_certain if of_keys is None else of_keys

    def apply(rng: random.Random, book: Book) -> bool:
        fitting = [
            place
            for place in places(book, kinds)
            if (takes_keys or place.column.name not in place.form.key)
            and (is_certain or not place.column.is_optional)
        ]
        rng.shuffle(fitting)
        most = max(1, round(len(fitting) * _SHARE)) if is_certain else _MOST_DOUBTFUL
        done = 0
        for place in fitting:
            said = say(rng, place.value) if place.value is not None else None
            if said is not None and said != place.value:
                put(book, place, said, f"{trap} {name}", outcome)
                done += 1
                if done == most:
                    break
        return done > 0

    return Deform(trap, name, "cells", outcome, apply)


def of_sample(trap: CellTrap) -> Deform:
    """A trap of one cell that the sample draws as well."""
    if "nothing" in trap.types:
        return Deform(trap.trap, trap.name, "cells", "kept", _say_nothing(trap))
    outcome = "kept" if trap.is_certain else "doubtful"
    return of_cells(trap.trap, trap.name, trap.types, outcome, trap.write)


def _say_nothing(trap: CellTrap) -> Apply:
    """Words for nothing stand where nothing need be said."""

    def apply(rng: random.Random, book: Book) -> bool:
        kinds = tuple({kind_of(c) for form in book.template.forms.values() for c in form.columns})
        blank = [p for p in places(book, kinds) if p.value is None and p.column.is_optional]
        for place in rng.sample(blank, round(len(blank) * _SHARE)):
            put(book, place, trap.write(rng, None), f"{trap.trap} {trap.name}", "kept")
        return bool(blank)

    return apply
