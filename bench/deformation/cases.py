"""Cases: workbooks deformed by one function or by several, with their truth.

What belongs here: which deformations meet which workbook, by seed. What does not: the functions.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deformation.book import Book, Expected, Mark
from deformation.catalogue import DEFORMS
from deformation.clean import AGENCIES, Shelf
from deformation.deform import STAGES, Deform
from deformation.files import write
from pipelines.sample.write import REGISTER_AGENCY


@dataclass(frozen=True)
class Case:
    """A deformed workbook, and the truth of every cell of the clean one."""

    path: Path
    agency: str
    file_name: str
    deforms: tuple[Deform, ...]
    is_refused: bool
    template: str
    expected: dict[Mark, Expected]
    places: dict[Mark, tuple[str, int, int]]
    """Sheet, row and column from 1 of each marked cell that is still in the file."""


def clean_cases(shelf: Shelf, folder: Path) -> Iterator[Case]:
    """Every form of every agency, undeformed."""
    for agency, forms in _bases(shelf):
        rng = random.Random(f"clean|{agency}|{forms}")
        yield _made(shelf.book(agency, forms, rng), (), rng, folder)


def single_cases(shelf: Shelf, folder: Path, seeds: Sequence[int]) -> Iterator[Case]:
    """Each deformation alone."""
    for deform in DEFORMS:
        for seed in seeds:
            yield from cases_of(shelf, folder, deform, seed)


def cases_of(shelf: Shelf, folder: Path, deform: Deform, seed: int) -> Iterator[Case]:
    """A deformation alone on every form that it fits, each of one agency drawn by the seed."""
    bases = list(_bases(shelf))
    done: set[tuple[str, ...]] = set()
    for agency, forms in random.Random(f"{deform.name}|{seed}").sample(bases, len(bases)):
        if tuple(forms) in done:
            continue
        rng = random.Random(f"{deform.name}|{seed}|{agency}|{forms}")
        case = _made(shelf.book(agency, forms, rng), (deform,), rng, folder)
        if case.deforms:
            done.add(tuple(forms))
            yield case


def combined_cases(shelf: Shelf, folder: Path, seeds: Sequence[int]) -> Iterator[Case]:
    """Two to five deformations of a workbook with all its forms."""
    for seed in seeds:
        rng = random.Random(f"combined|{seed}")
        agency = rng.choice((*AGENCIES, REGISTER_AGENCY))
        drawn = rng.sample(DEFORMS, rng.randint(2, 5))
        # A file that is refused says nothing about the other deformations.
        chosen = [deform for deform in drawn if deform.outcome != "refused"]
        book = shelf.book(agency, shelf.forms(agency), rng, most_rows=10)
        case = _made(book, chosen, rng, folder)
        if case.deforms:
            yield case


def _bases(shelf: Shelf) -> Iterator[tuple[str, list[str]]]:
    """One form at a time, and for what lies across forms all of them together."""
    for agency in (*shelf.agencies, REGISTER_AGENCY):
        forms = shelf.forms(agency)
        yield from ((agency, [form]) for form in forms)
    yield shelf.agencies[0], shelf.forms(shelf.agencies[0])


def _made(book: Book, deforms: Sequence[Deform], rng: random.Random, folder: Path) -> Case:
    """Apply deformations in the order of their stages, and write the file."""
    order = {deform.name: number for number, deform in enumerate(DEFORMS)}
    chosen = sorted(deforms, key=lambda deform: order[deform.name])
    applied: list[Deform] = []
    for stage in STAGES:
        if stage == "pages":
            book.lay_out()
        applied += [d for d in chosen if d.stage == stage and d.apply(rng, book)]
    number = sum(1 for _ in folder.iterdir()) if folder.exists() else 0
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{number:05d}{Path(book.file_name).suffix}"
    if applied or not deforms:
        write(book, path)
    return Case(
        path, book.agency, book.file_name, tuple(applied), book.is_refused,
        book.template.template, book.expected,
        {mark: (sheet, row, column) for mark, sheet, row, column in book.places()},
    )  # fmt: skip
