"""Traps of whole rows: contradictions within a row, rows missing, doubled, unknown or without key.

Rows that feed a published figure stay whole: only rows of coordinating agencies come here.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from pipelines.sample.draft import Deformation, Draft, DraftRow, Written
from pipelines.sample.records import REPORTING_DATES

# A row trap takes the row of a coordinating agency and gives new cells (none: it cannot apply).
RowTrap = Callable[[dict[str, Written]], dict[str, Written]]


def completed_before_assigned(cells: dict[str, Written]) -> dict[str, Written]:
    """T30: done before it was given."""
    assigned = cells["assigned_on"]
    if not isinstance(assigned, date) or not isinstance(cells["completed_on"], date):
        return {}
    return {"completed_on": assigned - timedelta(10)}


def done_but_below_100(cells: dict[str, Written]) -> dict[str, Written]:
    """T45: completed, at 60 percent."""
    return {"percent_complete": 60} if cells["percent_complete"] == 100 else {}


def done_without_date(cells: dict[str, Written]) -> dict[str, Written]:
    """T46: the word without the date."""
    return {"completed_on": None} if cells["completed_on"] else {}


def done_without_evidence(cells: dict[str, Written]) -> dict[str, Written]:
    """T46: completed, nothing to show."""
    return {"evidence": None} if cells["evidence"] else {}


def without_deliverable(cells: dict[str, Written]) -> dict[str, Written]:
    """T36: what must be delivered is not said."""
    return {"deliverable": None} if cells["deliverable"] else {}


def falling_percent(cells: dict[str, Written]) -> dict[str, Written]:
    """T50: less progress than every earlier report has (none of them is below 10)."""
    percent, started = cells["percent_complete"], cells["started_on"]
    was_reported = isinstance(started, date) and started <= REPORTING_DATES[0]
    is_under_way = isinstance(percent, int) and 10 < percent < 100
    is_under_way = is_under_way and cells["status"] == "Đang thực hiện"
    return {"percent_complete": 5} if was_reported and is_under_way else {}


def reopened(cells: dict[str, Written]) -> dict[str, Written]:
    """T45: completed in every earlier report, in progress again."""
    completed = cells["completed_on"]
    if not isinstance(completed, date) or completed > REPORTING_DATES[0]:
        return {}
    again: dict[str, Written] = {"status": "Đang thực hiện", "percent_complete": 70}
    return again | {"completed_on": None, "evidence": None}


ROW_TRAPS: tuple[tuple[str, bool, RowTrap], ...] = (
    ("T30", False, completed_before_assigned),
    ("T45", False, done_but_below_100),
    ("T46", False, done_without_date),
    ("T46", False, done_without_evidence),
    ("T36", False, without_deliverable),
    ("T50", True, falling_percent),
    ("T45", True, reopened),
)
"""Trap, whether it needs an earlier report, function."""


def missing_row(rng: random.Random, draft: Draft, free: list[DraftRow]) -> Iterator[Deformation]:
    """A registered task that the agency forgot."""
    row = free.pop(rng.randrange(len(free)))
    draft.rows.remove(row)
    yield Deformation("T52", "missing_row", draft.sheet, None, row.task_code, "", False)


def doubled_row(rng: random.Random, draft: Draft, free: list[DraftRow]) -> Iterator[Deformation]:
    """T47: the same task twice."""
    row = rng.choice(free)
    draft.rows.insert(draft.rows.index(row) + 1, DraftRow(dict(row.cells), row.task_code))
    yield Deformation("T47", "doubled_row", draft.sheet, None, row.task_code, "", False)


def unregistered_row(
    rng: random.Random, draft: Draft, free: list[DraftRow]
) -> Iterator[Deformation]:
    """A task that no register knows."""
    code = f"KH02-{rng.randint(900, 999)}"
    cells = dict(rng.choice(free).cells) | {"task_code": code, "title": "Nhiệm vụ tự bổ sung"}
    draft.rows.append(DraftRow(cells, code))
    yield Deformation("T47", "unregistered_row", draft.sheet, None, code, code, False)


def row_without_code(
    rng: random.Random, draft: Draft, free: list[DraftRow]
) -> Iterator[Deformation]:
    """T11: a task without its code: nobody can say which."""
    cells = dict(rng.choice(free).cells) | {"task_code": None}
    cells["title"] = "Nhiệm vụ phát sinh trong kỳ (giả định)"
    draft.rows.append(DraftRow(cells))
    yield Deformation("T11", "row_without_code", draft.sheet, "task_code", None, "", False)
