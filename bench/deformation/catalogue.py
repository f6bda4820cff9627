"""Every deformation by its trap, T01 to T52.

What belongs here: one list, and what the traps are. What does not: how a deformation works.
"""

from __future__ import annotations

import random

from deformation.book import Book
from deformation.cells import CELLS
from deformation.contradictions import CONTRADICTIONS
from deformation.deform import Deform, of_sample
from deformation.files import FILES
from deformation.layouts import LAYOUTS
from deformation.legacy import LEGACY
from pipelines.sample.deform import CATALOGUE
from pipelines.sample.layout_traps import COVER_TRAPS, LAYOUT_TRAPS, Cover, Layout

TRAPS = tuple(f"T{number:02d}" for number in range(1, 53))
"""The numbers of the trap catalogue in the domain notes."""
_OTHER_TRAPS = {"header_writing": "T40"}
_FAULTS_ELSEWHERE = {"percent_out_of_range"}
"""Traps of the sample that rules must find: they are among the contradictions."""


def _layout(trap: str, layout: Layout) -> Deform:
    def apply(rng: random.Random, book: Book) -> bool:
        tables = [(table, book.template.forms[table.form]) for table in book.draft.tables]
        return any([layout(rng, table, form) is not None for table, form in tables])

    name = getattr(layout, "__name__", trap)
    return Deform(_OTHER_TRAPS.get(name, trap), name, "layout", "kept", apply)


def _cover(trap: str, cover: Cover) -> Deform:
    def apply(rng: random.Random, book: Book) -> bool:
        cover(rng, book.draft)
        return True

    return Deform(trap, getattr(cover, "__name__", trap), "layout", "kept", apply)


DEFORMS: tuple[Deform, ...] = (
    *(of_sample(trap) for trap in CATALOGUE if trap.name not in _FAULTS_ELSEWHERE),
    *CELLS,
    *LEGACY,
    *CONTRADICTIONS,
    *(_layout(trap, layout) for trap, _, layout in LAYOUT_TRAPS),
    *(_cover(trap, cover) for trap, _, cover in COVER_TRAPS),
    *LAYOUTS,
    *FILES,
)
"""In the order in which they are applied within their stage."""
