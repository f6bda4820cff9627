"""All figures that follow from the evidence, each day worked out once.

What belongs here: which figure of which day a published number must equal. What does not: working
it out (`recompute.py`, `recompute_rows.py`), comparing (`verify.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

from pipelines.proof.declared import INDICATOR, Declared
from pipelines.proof.recompute import Counted, Figure, Key, count_tasks, figures
from pipelines.proof.recompute_inputs import Lists
from pipelines.proof.recompute_rows import RowFigure, indicator_figures, row_figures
from pipelines.proof.reread import Evidence
from pipelines.tracing.trace_queries import COUNTED

Row = Mapping[str, Any]


class Recomputed:
    """The figures of a release, from what the second reader saw."""

    def __init__(self, evidence: Evidence, lists: Lists, declared: Declared, day: date) -> None:
        self.evidence, self.lists, self.declared, self.day = evidence, lists, declared, day
        self._tasks: dict[date, dict[str, list[Counted]]] = {}
        self._figures: dict[date, Mapping[Key, Figure]] = {}
        self._row_figures: dict[tuple[date, str | None], Mapping[Key, RowFigure]] = {}

    def tasks(self, day: date) -> Mapping[str, list[Counted]]:
        """The tasks of a day by agency code."""
        if day not in self._tasks:
            self._tasks[day] = count_tasks(self.evidence.submissions, self.lists, day)
        return self._tasks[day]

    def figures(self) -> dict[Key, Figure | RowFigure]:
        """Every measure of the day of the release."""
        return {**self._of_tasks(self.day), **self._of_rows(self.day, None)}

    def printed(self, row: Row) -> Figure | RowFigure | None:
        """What a figure of the reconciliation must equal; of an indicator, as known by now."""
        measure, on = row["measure"], row["as_of_date"]
        if measure.startswith(INDICATOR):
            code, known = measure.removeprefix(INDICATOR), self._indicators
            return known.get((code, on, row["agency_code"])) or known.get((code, on, "all"))
        measure, agency = self.declared.alias(measure, row["agency_code"])
        key = measure, row["programme_scope"], agency, row["window_start"]
        return (self._of_tasks(on) if measure in COUNTED else self._of_rows(on, measure)).get(key)

    def is_printed_in_percent(self, row: Row) -> bool:
        """Whether a share is printed in hundredths."""
        measure, _ = self.declared.alias(row["measure"], row["agency_code"])
        return row["unit"] == "percent" and measure in self.declared.shares

    @cached_property
    def _indicators(self) -> Mapping[tuple[str, date, str], RowFigure]:
        found = self.evidence.submissions, self.declared, self.lists, self.day
        return indicator_figures(*found)

    def _of_tasks(self, day: date) -> Mapping[Key, Figure]:
        if day not in self._figures:
            self._figures[day] = figures(self.tasks(day), self.lists, day)
        return self._figures[day]

    def _of_rows(self, day: date, measure: str | None) -> Mapping[Key, RowFigure]:
        """The figures of one measure, or of all of them."""
        if (day, measure) not in self._row_figures:
            wanted = self.declared.only(measure) if measure else self.declared
            found = row_figures(self.evidence.submissions, wanted, self.lists, day)
            self._row_figures[day, measure] = found
        return self._row_figures[day, measure]
