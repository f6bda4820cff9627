"""Which traps a workbook gets: every one some, none where it would cost a published figure.

Traps that leave the meaning certain may be anywhere. Where faults (what cannot be read, what
contradicts) may be, and how many, says `faults.yml` for each form. The functions themselves are in
`cell_traps.py`, `number_traps.py`, `row_traps.py` and `layout_traps.py`; together they are the
catalogue.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from pipelines.sample import layout_traps, row_traps
from pipelines.sample.cell_traps import CELL_TRAPS, CellTrap, kind_of
from pipelines.sample.draft import Deformation, Draft, DraftRow, DraftTable, ErrorCell, Written
from pipelines.sample.number_traps import NUMBER_TRAPS
from pipelines.workbook.template import Column, Form

_NOTHING_SHARE = 0.08
_MOST_DRAWS = 50
CATALOGUE = (*CELL_TRAPS, *NUMBER_TRAPS)
"""Every trap of one cell."""
_UNCERTAIN = [trap for trap in CATALOGUE if not trap.is_certain]


class Habits(BaseModel):
    """How carelessly a form is filled in, see `faults.yml`. By default without any fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    certain: float = 0.04
    cells: tuple[int, int] = (0, 0)
    any_row: frozenset[str] = frozenset()
    free_row: frozenset[str] = frozenset()
    may_say_nothing: frozenset[str] = frozenset()
    contradiction: float = 0
    careless: float = 0
    rows: dict[str, float] = {}


@cache
def load_habits() -> dict[str, Habits]:
    """The habits of every form that has faults."""
    path = Path(__file__).with_name("faults.yml")
    stated = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {form: Habits.model_validate(habits) for form, habits in stated.items()}


def deform_table(
    table: DraftTable,
    form: Form,
    rng: random.Random,
    held: Collection[str] = (),
    *,
    is_first: bool = False,
) -> list[Deformation]:
    """Distort the sheet of a form.

    Args:
        table: Sheet to distort.
        form: Its form.
        rng: What decides.
        held: Keys of rows that decide a figure: most of their cells are left without fault.
        is_first: Whether nothing was reported before.
    """
    work = _Work(table, form, rng, load_habits().get(table.form, Habits()))
    if "percent_complete" in table.columns and rng.random() < 0.15:
        work.percent_as_fraction()
    work.say_certainly()
    work.add_faults(held)
    free = [row for row in table.rows if row.record_key not in held]
    work.contradict(free, is_first)
    lost = work.lose_rows(free) if rng.random() < work.habits.careless else []
    return [*work.records.values(), *lost, *_lay_out(table, form, rng)]


def deform_cover(draft: Draft, rng: random.Random) -> list[Deformation]:
    """Distort the cover and what else belongs to no form."""
    found: list[Deformation] = []
    for number, chance, trap in layout_traps.COVER_TRAPS:
        if rng.random() < chance:
            name, text = getattr(trap, "__name__", number), trap(rng, draft)
            found.append(Deformation(number, name, "cover", "", None, None, text, True))
    return found


@dataclass
class _Work:
    """A table under distortion, with at most one distortion per cell."""

    table: DraftTable
    form: Form
    rng: random.Random
    habits: Habits
    records: dict[tuple[str | None, str], Deformation] = field(default_factory=dict)
    has_fractions: bool = False

    def percent_as_fraction(self) -> None:
        """T34: the whole column as shares of one; clear only when some lie between 0 and 1."""
        percents = [row.cells["percent_complete"] for row in self.table.rows]
        self.has_fractions = any(isinstance(p, int) and 0 < p < 100 for p in percents)
        for row, percent in zip(self.table.rows, percents, strict=True):
            if self.has_fractions and isinstance(percent, int):
                self._write(row, "percent_complete", percent / 100, _FRACTION)

    def say_certainly(self) -> None:
        """Say some cells in another way."""
        for column in self.form.columns:
            share = self.habits.certain * (3 if column.type == "agencies" else 1)
            traps = [t for t in CATALOGUE if t.is_certain and kind_of(column) in t.types]
            nothings = [t for t in CATALOGUE if "nothing" in t.types]
            for row in self.table.rows:
                is_blank = row.cells[column.name] is None
                if is_blank and column.name not in self.habits.may_say_nothing:
                    continue
                if self.rng.random() < (_NOTHING_SHARE if is_blank else share):
                    self._apply_first(row, column.name, nothings if is_blank else traps)

    def _apply_first(self, row: DraftRow, column: str, traps: list[CellTrap]) -> None:
        for trap in self.rng.sample(traps, len(traps)):
            if self._apply(row, column, trap):
                return

    def add_faults(self, held: Collection[str]) -> None:
        """Put in a few cells that cannot be read."""
        wanted = self.rng.randint(*self.habits.cells) if self.table.rows else 0
        for drawn in range(_MOST_DRAWS):
            # A draw may find no cell that it fits; who should have a fault has at least one.
            if drawn >= wanted and (not wanted or self._has_fault()):
                return
            self._add_fault(held)

    def _has_fault(self) -> bool:
        return any(not note.is_certain for note in self.records.values())

    def _add_fault(self, held: Collection[str]) -> None:
        row, trap = self.rng.choice(self.table.rows), self.rng.choice(_UNCERTAIN)
        columns = [
            column
            for column in self.form.columns
            if kind_of(column) in trap.types
            and self._may_be_faulty(column, row, held)
            # A word for nothing is no fault where nothing need be said.
            and not (column.is_optional and trap.trap == "T36")
        ]
        if columns:
            self._apply(row, self.rng.choice(columns).name, trap)

    def _may_be_faulty(self, column: Column, row: DraftRow, held: Collection[str]) -> bool:
        if self.has_fractions and column.type == "percent":
            return False
        is_free = column.name in self.habits.free_row and row.record_key not in held
        return is_free or column.name in self.habits.any_row

    def contradict(self, free: list[DraftRow], is_first: bool) -> None:
        """Let free rows say what cannot be true."""
        for number, form, needs_earlier, trap in row_traps.ROW_TRAPS:
            if form != self.table.form or (needs_earlier and is_first):
                continue
            if self.rng.random() >= self.habits.contradiction:
                continue
            rows = [row for row in free if not self._is_touched(row)]
            able = [(row, changes) for row in rows if (changes := trap(row.cells))]
            if not able:
                continue
            row, changes = self.rng.choice(able)
            if self.has_fractions and "percent_complete" in changes:
                continue
            name = getattr(trap, "__name__", number)
            for column, written in changes.items():
                self._write(row, column, written, CellTrap(number, name, (), False, _same))

    def lose_rows(self, free: list[DraftRow]) -> list[Deformation]:
        """Rows missing, doubled, unknown or without code: what a careless agency sends."""
        lost: list[Deformation] = []
        for name, lose in row_traps.LOSSES.items():
            if len(free) > 3 and self.rng.random() < self.habits.rows.get(name, 0):
                lost.append(lose(self.rng, self.table, free))
                if name == "missing_row":
                    self._forget(lost[-1].record_key)
        return lost

    def _forget(self, key: str | None) -> None:
        """Drop what was noted of a row that is gone."""
        self.records = {cell: note for cell, note in self.records.items() if cell[0] != key}

    def _is_touched(self, row: DraftRow) -> bool:
        return any((row.record_key, column) in self.records for column in row.cells)

    def _apply(self, row: DraftRow, column: str, trap: CellTrap) -> bool:
        """Write the cell in another way; False when the trap does not fit it."""
        value = row.cells[column]
        if (row.record_key, column) in self.records:
            return False
        written = trap.write(self.rng, value)
        if written is None or written == value:
            return False
        self._write(row, column, written, trap)
        return True

    def _write(self, row: DraftRow, column: str, written: Written, trap: CellTrap) -> None:
        row.cells[column] = written
        text = written.text if isinstance(written, ErrorCell) else str(written or "")
        self.records[row.record_key, column] = Deformation(
            trap.trap, trap.name, self.table.form, self.table.sheet, column, row.record_key, text,
            trap.is_certain,
        )  # fmt: skip


def _same(_: random.Random, value: Written) -> Written:
    return value


_FRACTION = CellTrap("T34", "percent_as_fraction", ("percent",), True, _same)


def _lay_out(table: DraftTable, form: Form, rng: random.Random) -> list[Deformation]:
    """Distort the layout; after this the rows hold more than data."""
    found: list[Deformation] = []
    for number, chance, trap in layout_traps.LAYOUT_TRAPS:
        if rng.random() < chance and (text := trap(rng, table, form)) is not None:
            name = getattr(trap, "__name__", number)
            found.append(Deformation(number, name, table.form, table.sheet, None, None, text, True))
    return found
