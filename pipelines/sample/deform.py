"""Which traps a workbook gets: every one some, none where it would cost a published figure.

Traps that leave the meaning certain may be anywhere. Faults (what cannot be read, what contradicts)
stay off the cells that make national figures: a lead's status, dates and progress, the task code,
and everything in the register. The functions themselves are in `cell_traps.py` (one cell) and
`row_traps.py` and `layout_traps.py`; together they are the catalogue.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass, field

from pipelines.sample import layout_traps, row_traps
from pipelines.sample.cell_traps import CELL_TRAPS, CellTrap
from pipelines.sample.draft import Deformation, Draft, DraftRow, ErrorCell, Written
from pipelines.workbook.template import Form

_CERTAIN_SHARE = 0.04
_NOTHING_SHARE = 0.08
_FAULTS = (3, 7)
_MOST_DRAWS = 50
# One fault of a code makes an agency's band red: with more, no band would tell agencies apart.
_CARELESS_SHARE = 0.4
# An agency's echo of the register, where the register wins; and what no fact is made of.
_FREE_FOR_ALL = frozenset(
    {"lead_agency", "coordinating_agencies", "assigned_on", "deadline", "responsible_person"}
)
_FREE_FOR_COORDINATORS = _FREE_FOR_ALL | {
    "status", "percent_complete", "started_on", "completed_on", "deliverable", "evidence",
}  # fmt: skip
_MAY_SAY_NOTHING = ("obstacles", "proposal")
_UNCERTAIN = [trap for trap in CELL_TRAPS if not trap.is_certain]
_CERTAIN = {
    kind: [trap for trap in CELL_TRAPS if trap.is_certain and kind in trap.types]
    for kind in ("agencies", "code", "date", "deadline", "nothing", "percent", "status", "text")
}


def deform_agency(
    draft: Draft, form: Form, rng: random.Random, led: Collection[str], is_first: bool
) -> list[Deformation]:
    """Distort an agency's workbook; `led` are the codes of the tasks that it leads."""
    work = _Work(draft, form, rng)
    if rng.random() < 0.15:
        work.percent_as_fraction()
    work.say_certainly()
    work.add_faults(led)
    free = [row for row in draft.rows if row.task_code not in led]
    if free:
        work.contradict(free, is_first)
    rows = _lose_rows(work, free) if rng.random() < _CARELESS_SHARE else []
    return [*work.records.values(), *rows, *_lay_out(draft, form, rng)]


def _lose_rows(work: _Work, free: list[DraftRow]) -> list[Deformation]:
    """Rows missing, doubled, unknown or without code: what a careless agency sends."""
    rng, draft = work.rng, work.draft
    rows: list[Deformation] = []
    if len(free) > 3 and rng.random() < 0.6:
        rows += row_traps.missing_row(rng, draft, free)
        work.forget(rows[0].task_code)
    if free and rng.random() < 0.5:
        rows += row_traps.doubled_row(rng, draft, free)
    if free and rng.random() < 0.35:
        rows += row_traps.unregistered_row(rng, draft, free)
    if free and rng.random() < 0.15:
        rows += row_traps.row_without_code(rng, draft, free)
    return rows


def deform_register(draft: Draft, form: Form, rng: random.Random) -> list[Deformation]:
    """Distort the register, only in ways that leave no doubt."""
    work = _Work(draft, form, rng)
    work.say_certainly()
    return [*work.records.values(), *_lay_out(draft, form, rng)]


@dataclass
class _Work:
    """A draft under distortion, with at most one distortion per cell."""

    draft: Draft
    form: Form
    rng: random.Random
    records: dict[tuple[str | None, str], Deformation] = field(default_factory=dict)
    has_fractions: bool = False

    def percent_as_fraction(self) -> None:
        """T34: the whole column as shares of one; clear only when some lie between 0 and 1."""
        percents = [row.cells["percent_complete"] for row in self.draft.rows]
        self.has_fractions = any(isinstance(p, int) and 0 < p < 100 for p in percents)
        for row, percent in zip(self.draft.rows, percents, strict=True):
            if self.has_fractions and isinstance(percent, int):
                self._write(row, "percent_complete", percent / 100, _FRACTION)

    def say_certainly(self) -> None:
        """Say some cells in another way."""
        for row in self.draft.rows:
            for column in self.form.columns:
                is_blank = row.cells[column.name] is None
                if is_blank and column.name not in _MAY_SAY_NOTHING:
                    continue
                share = _NOTHING_SHARE if is_blank else _CERTAIN_SHARE
                if self.rng.random() < share * (3 if column.type == "agencies" else 1):
                    traps = _CERTAIN["nothing" if is_blank else column.type]
                    self._apply(row, column.name, self.rng.choice(traps))

    def add_faults(self, led: Collection[str]) -> None:
        """Put in a few cells that cannot be read."""
        wanted = self.rng.randint(*_FAULTS) if self.draft.rows else 0
        for drawn in range(_MOST_DRAWS):
            # A draw may find no cell that it fits; every report has at least one fault.
            if drawn >= wanted and (not wanted or self._has_fault()):
                return
            self._add_fault(led)

    def _has_fault(self) -> bool:
        return any(not note.is_certain for note in self.records.values())

    def _add_fault(self, led: Collection[str]) -> None:
        row, trap = self.rng.choice(self.draft.rows), self.rng.choice(_UNCERTAIN)
        free = _FREE_FOR_ALL if row.task_code in led else _FREE_FOR_COORDINATORS
        columns = [
            column
            for column in self.form.columns
            if column.name in free
            and column.type in trap.types
            and not (self.has_fractions and column.type == "percent")
        ]
        if columns:
            self._apply(row, self.rng.choice(columns).name, trap)

    def contradict(self, free: list[DraftRow], is_first: bool) -> None:
        """Let rows of coordinating agencies say what cannot be true."""
        for number, needs_earlier, trap in row_traps.ROW_TRAPS:
            rows = [row for row in free if not self._is_touched(row)]
            if not rows or (needs_earlier and is_first) or self.rng.random() < 0.4:
                continue
            able = [(row, changes) for row in rows if (changes := trap(row.cells))]
            if not able:
                continue
            row, changes = self.rng.choice(able)
            if self.has_fractions and "percent_complete" in changes:
                continue
            name = getattr(trap, "__name__", number)
            for column, written in changes.items():
                self._write(row, column, written, CellTrap(number, name, (), False, _same))

    def forget(self, task_code: str | None) -> None:
        """Drop what was noted of a row that is gone."""
        self.records = {key: note for key, note in self.records.items() if key[0] != task_code}

    def _is_touched(self, row: DraftRow) -> bool:
        return any((row.task_code, column) in self.records for column in row.cells)

    def _apply(self, row: DraftRow, column: str, trap: CellTrap) -> None:
        value = row.cells[column]
        if (row.task_code, column) not in self.records:
            written = trap.write(self.rng, value)
            if written is not None and written != value:
                self._write(row, column, written, trap)

    def _write(self, row: DraftRow, column: str, written: Written, trap: CellTrap) -> None:
        row.cells[column] = written
        text = written.text if isinstance(written, ErrorCell) else str(written or "")
        self.records[row.task_code, column] = Deformation(
            trap.trap, trap.name, self.draft.sheet, column, row.task_code, text, trap.is_certain
        )


def _same(_: random.Random, value: Written) -> Written:
    return value


_FRACTION = CellTrap("T34", "percent_as_fraction", ("percent",), True, _same)


def _lay_out(draft: Draft, form: Form, rng: random.Random) -> list[Deformation]:
    """Distort the layout; after this the rows hold more than tasks."""
    found = []
    for number, chance, trap in layout_traps.LAYOUT_TRAPS:
        if rng.random() < chance:
            text = trap(rng, draft, form)
            name = getattr(trap, "__name__", number)
            found.append(Deformation(number, name, draft.sheet, None, None, text, True))
    return found
