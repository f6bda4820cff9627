"""What becomes of the invented tasks: dates, deadlines and each agency's course of work.

What belongs here: outcomes counted so that the published figures come out, and dates drawn within
them. What does not: who is in charge (`cast.py`), what is written in a cell (`truth.py`).
"""

from __future__ import annotations

import random
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from pipelines.sample.records import REPORTING_DATES, Deadline

_FIRST, _SECOND, _THIRD = REPORTING_DATES
_AFTER_FIRST, _AFTER_SECOND = _FIRST + timedelta(1), _SECOND + timedelta(1)
_YEAR_END, _NEXT_YEAR_END = date(2025, 12, 31), date(2026, 12, 31)
_PROGRAMME_START = {
    "NQ71": date(2025, 4, 1),
    "KL": date(2025, 2, 10),
    "KH02": date(2025, 6, 19),
}


@dataclass(frozen=True)
class Outcome:
    """How many tasks go one way. `stage` is where they stand on 2025-09-23 and 2025-10-28."""

    count: int
    stage: str
    is_new: bool = False
    """Assigned between the first two reporting dates."""
    is_on_time: bool = True


# 679 tasks: 270 completed (180 on time; 50 since the first date), 27 overdue, 382 in progress;
# 73 new; 18 + 33 = 51 overdue on the third date.
PROGRAMME_OUTCOMES = (
    Outcome(142, "done_before"),
    Outcome(8, "done_without_deadline"),
    Outcome(70, "done_before", is_on_time=False),
    Outcome(15, "done_between"),
    Outcome(17, "done_between", is_on_time=False),
    Outcome(15, "done_between", is_new=True),
    Outcome(3, "done_between", is_new=True, is_on_time=False),
    Outcome(14, "overdue"),
    Outcome(4, "overdue", is_new=True),
    Outcome(8, "overdue_then_done"),
    Outcome(1, "overdue_then_done", is_new=True),
    Outcome(52, "regular"),
    Outcome(8, "regular", is_new=True),
    Outcome(14, "annual"),
    Outcome(16, "conditional"),
    Outcome(10, "none"),
    Outcome(33, "falls_overdue"),
    Outcome(30, "done_after"),
    Outcome(15, "done_after", is_on_time=False),
    Outcome(5, "extended"),
    Outcome(20, "done_after"),
    Outcome(31, "not_started"),
    Outcome(14, "not_started", is_new=True),
    Outcome(4, "suspended"),
    Outcome(102, "running"),
    Outcome(28, "running", is_new=True),
)
# 70 tasks: 45 completed (27 on time), 2 overdue, 23 in progress; 12 new = 10 completed + 2 overdue.
PLAN_OUTCOMES = (
    Outcome(19, "done_before"),
    Outcome(16, "done_before", is_on_time=False),
    Outcome(8, "done_between", is_new=True),
    Outcome(2, "done_between", is_new=True, is_on_time=False),
    Outcome(2, "overdue", is_new=True),
    Outcome(5, "regular"),
    Outcome(4, "done_after"),
    Outcome(3, "not_started"),
    Outcome(11, "running"),
)
ENDS_AFTER_SECOND = frozenset({"done_after", "overdue_then_done"})
WITHOUT_DATE = {
    "regular": "regular",
    "annual": "annual",
    "conditional": "conditional",
    "none": "none",
    "done_without_deadline": "conditional",
}
# Stage → first and last day on which a task may be completed.
_COMPLETION = {
    "done_before": (date.min, _FIRST),
    "done_without_deadline": (date.min, _FIRST),
    "done_between": (_AFTER_FIRST, _SECOND),
    "done_after": (_AFTER_SECOND, _THIRD),
    "overdue_then_done": (_AFTER_SECOND, _THIRD),
}
# Stage → first and last day of a deadline that is not set by the completion.
_DUE = {
    "overdue": (date.min, _SECOND - timedelta(1)),
    "overdue_then_done": (date.min, _SECOND - timedelta(1)),
    "falls_overdue": (_SECOND, _THIRD - timedelta(1)),
    "extended": (_AFTER_SECOND, _THIRD - timedelta(1)),
    "not_started": (_THIRD, _NEXT_YEAR_END),
    "suspended": (_THIRD, _YEAR_END),
    "running": (_THIRD, _NEXT_YEAR_END),
}


@dataclass(frozen=True)
class Timeline:
    """The dates of a task. `is_started`: work had begun by the second reporting date."""

    stage: str
    assigned_on: date
    deadline: Deadline
    extended: Deadline | None
    completed_on: date | None

    @property
    def is_started(self) -> bool:
        """Whether some lead has begun."""
        return self.stage != "not_started"


@dataclass(frozen=True)
class Course:
    """One agency's work on a task."""

    started_on: date | None
    completed_on: date | None


def timeline(rng: random.Random, programme: str, outcome: Outcome, is_edge: bool) -> Timeline:
    """Draw the dates of a task; an edge case sits on the last day that still counts."""
    assigned = _assigned_on(rng, programme, outcome, is_edge)
    completed = None
    if outcome.stage in _COMPLETION:
        first, last = _COMPLETION[outcome.stage]
        completed = last if is_edge else _day(rng, max(first, assigned + timedelta(9)), last)
    extended = Deadline(_YEAR_END, "day") if outcome.stage == "extended" else None
    due = _deadline(rng, outcome, assigned, completed, is_edge)
    return Timeline(outcome.stage, assigned, due, extended, completed)


def lead_course(rng: random.Random, task: Timeline, is_last: bool) -> Course:
    """The work of a lead; the last one to finish makes the task complete (or keeps it open)."""
    if task.completed_on:
        early = _day(rng, task.assigned_on + timedelta(3), task.completed_on)
        return _finished(rng, task, task.completed_on if is_last else early)
    if not task.is_started:
        begins = is_last and rng.random() < 0.5
        return Course(_day(rng, _AFTER_SECOND, _THIRD) if begins else None, None)
    chance = rng.random()
    if not is_last and task.stage not in WITHOUT_DATE and chance < 0.3:
        return _finished(rng, task, _day(rng, task.assigned_on + timedelta(3), _THIRD))
    # Some of the overdue were never begun, and some leads wait for the others.
    if chance > 0.85 and (task.stage == "overdue" if is_last else task.stage not in WITHOUT_DATE):
        return Course(None, None)
    days = 10 if task.stage in WITHOUT_DATE else 30
    return Course(
        _day(rng, task.assigned_on, min(task.assigned_on + timedelta(days), _SECOND)), None
    )


def coordinator_course(rng: random.Random, task: Timeline) -> Course:
    """The work of a coordinating agency, which is never done before the lead."""
    if task.completed_on and rng.random() < 0.95:
        days = rng.choice((0, 0, 0, 1, 3))
        return _finished(rng, task, task.completed_on + timedelta(days))
    if task.stage not in WITHOUT_DATE and rng.random() < 0.1:
        return Course(None, None)
    latest = min(task.assigned_on + timedelta(10), _THIRD)
    return Course(_day(rng, task.assigned_on, latest) if task.is_started else None, None)


def _finished(rng: random.Random, task: Timeline, on: date) -> Course:
    latest = min(task.assigned_on + timedelta(30), on - timedelta(1))
    return Course(_day(rng, task.assigned_on, latest), on)


def _assigned_on(rng: random.Random, programme: str, outcome: Outcome, is_edge: bool) -> date:
    """Early enough for what must happen afterwards."""
    if outcome.is_new:
        if is_edge and outcome.stage == "not_started":
            return _SECOND
        return _day(rng, _AFTER_FIRST, date(2025, 9, 1))
    if is_edge and outcome.stage == "running":
        return _FIRST
    start = _PROGRAMME_START[programme]
    return _day(rng, start, min(date(2025, 6, 30), start + timedelta(100)))


def _deadline(
    rng: random.Random, outcome: Outcome, assigned: date, completed: date | None, is_edge: bool
) -> Deadline:
    if outcome.stage in WITHOUT_DATE:
        return Deadline(None, None, WITHOUT_DATE[outcome.stage])
    if completed and outcome.stage not in _DUE:
        first, last = assigned + timedelta(5), completed - timedelta(1)
        if outcome.is_on_time:
            first, last = completed, completed + timedelta(90)
            if outcome.stage == "done_after":
                first = max(first, _SECOND)
    else:
        first, last = _DUE[outcome.stage]
        first = max(first, assigned + timedelta(5))
    # Late after the second date: still within the deadline on that date.
    if outcome.stage == "done_after" and not outcome.is_on_time:
        first = _SECOND
    if is_edge:
        return Deadline(first, "day")
    coarse = [d for d in _COARSE if d.on and first <= d.on <= last]
    if coarse and rng.random() < 0.45:
        return rng.choice(coarse)
    return Deadline(_day(rng, first, last), "day")


def _coarse_deadlines() -> tuple[Deadline, ...]:
    """Deadlines that name a month, a quarter or a year: their last day."""
    found = []
    for year, month in ((year, month) for year in (2025, 2026) for month in range(1, 13)):
        last = date(year, month, monthrange(year, month)[1])
        found.append(Deadline(last, "month"))
        if month % 3 == 0:
            found.append(Deadline(last, "quarter"))
        if month == 12:
            found += [Deadline(last, "year")] * 4
    return tuple(found)


_COARSE = _coarse_deadlines()


def _day(rng: random.Random, first: date, last: date) -> date:
    """A day of the span, a working day if one is quickly found."""
    days = max(0, (last - first).days)
    tries = [first + timedelta(rng.randint(0, days)) for _ in range(3)]
    return next((day for day in tries if day.weekday() < 5), tries[0])
