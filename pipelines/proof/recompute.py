"""The task figures once more, in plain Python and away from SQL, to prove those of a release.

What belongs here: from what submissions say to the figures of one day, read straight from the
design. What does not: reading workbooks (`workbook/`), comparing (`verify.py`). It is slow, small
and shares no line with the dbt models: two ways to one number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.proof.recompute_inputs import Lists, Submission, current

Row = Mapping[str, Any]
Key = tuple[str, str, str, date | None]
"""Measure, scope of programmes, agency code (`all`, a peer group, or one agency), window."""


@dataclass(frozen=True)
class Task:
    """A registered task: what the register's row says of it."""

    code: str
    programme: str
    assigned_on: date | None
    deadline: date | None
    deadline_kind: str | None
    """None when the deadline cannot be read."""
    submission_id: str
    involved: Mapping[str, str]
    """Role of each agency that it involves, leads in their order."""


@dataclass(frozen=True)
class Word:
    """What an agency, or all leads together, say of a task on a day."""

    has_report: bool = False
    is_done: bool = False
    is_started: bool = False
    completed_on: date | None = None
    sources: tuple[tuple[str, int], ...] = ()
    """Submission and row of each report behind it."""


@dataclass(frozen=True)
class Counted:
    """A task as it counts for one agency code."""

    task: Task
    word: Word
    status: str
    role: str

    @property
    def group(self) -> str:
        """The group of the status."""
        if self.status.startswith("DONE"):
            return "completed"
        if self.status.endswith("_LATE"):
            return "overdue"
        return "unknown" if self.status == "UNKNOWN" else "in_progress"


@dataclass(frozen=True)
class Figure:
    """A number, and the tasks that it counts."""

    numerator: int
    denominator: int | None
    counted: tuple[Counted, ...]

    @property
    def value(self) -> float | None:
        """The numerator, or its share of the denominator."""
        if self.denominator is None:
            return self.numerator
        return self.numerator / self.denominator if self.denominator else None


Test = Callable[[Counted, date, date], bool]
"""Whether a task counts, given the day and the start of the window."""


def _was_assigned(one: Counted, day: date, since: date) -> bool:
    return one.task.assigned_on is not None and since < one.task.assigned_on <= day


def _was_completed(one: Counted, day: date, since: date) -> bool:
    done = one.word.completed_on
    return one.group == "completed" and done is not None and since < done <= day


def is_due(one: Counted, day: date) -> bool:
    """Its deadline has come, or it is done."""
    deadline = one.task.deadline
    return one.group == "completed" or (deadline is not None and deadline <= day)


COUNTS: dict[str, Test] = {
    "tasks_completed": lambda one, day, since: one.group == "completed",
    "tasks_completed_on_time": lambda one, day, since: one.status == "DONE_ON_TIME",
    "tasks_completed_late": lambda one, day, since: one.status == "DONE_LATE",
    "tasks_in_progress": lambda one, day, since: one.group == "in_progress",
    "tasks_overdue": lambda one, day, since: one.group == "overdue",
    "tasks_unknown": lambda one, day, since: one.group == "unknown",
}
WINDOW_COUNTS: dict[str, Test] = {
    "tasks_assigned_in_window": _was_assigned,
    "tasks_completed_in_window": _was_completed,
    "tasks_assigned_in_window_completed": lambda one, day, since: (
        _was_assigned(one, day, since) and one.group == "completed"
    ),
    "tasks_assigned_in_window_completed_on_time": lambda one, day, since: (
        _was_assigned(one, day, since) and one.status == "DONE_ON_TIME"
    ),
    "tasks_assigned_in_window_overdue": lambda one, day, since: (
        _was_assigned(one, day, since) and one.group == "overdue"
    ),
}


def count_tasks(
    submissions: Sequence[Submission], lists: Lists, day: date
) -> dict[str, list[Counted]]:
    """The tasks of a day as they count for the nation, the peer groups and each agency."""
    standing = current(submissions, lists, day)
    tasks = _register(standing, lists, day)
    reports = {
        one.agency_code: (one, _by_code(one.rows)) for one in standing if one.form == "tasks"
    }
    found: dict[str, list[Counted]] = {"all": []}
    for task in tasks:
        words = {agency: _word(reports.get(agency), task.code, day) for agency in task.involved}
        for agency, word in words.items():
            one = Counted(task, word, _status(task, word, day), task.involved[agency])
            found.setdefault(agency, []).append(one)
        leads = [
            word
            for agency, word in words.items()
            if task.involved[agency] == "lead" and lists.peer_group(agency, day)
        ]
        together = _together(leads, lists.policy("collective_done"))
        nation = Counted(task, together, _status(task, together, day), "lead")
        groups = {lists.peer_group(agency, day) for agency in words}
        for code in ("all", *sorted(group for group in groups if group)):
            found.setdefault(code, []).append(nation)
    return found


def figures(counted: Mapping[str, list[Counted]], lists: Lists, day: date) -> dict[Key, Figure]:
    """Every measure of every scope and agency code that has a task."""
    found: dict[Key, Figure] = {}
    for scope, programmes in lists.scopes.items():
        for agency, everything in counted.items():
            tasks = [one for one in everything if one.task.programme in programmes]
            if tasks:
                found |= _measures(scope, agency, tasks, lists, day)
        of_agencies = {
            agency
            for agency, everything in counted.items()
            if lists.peer_group(agency, day)
            and any(one.task.programme in programmes for one in everything)
        }
        if of_agencies:
            nation = tuple(one for one in counted["all"] if one.task.programme in programmes)
            figure = Figure(len(of_agencies), None, nation)
            found["agencies_with_tasks", scope, "all", None] = figure
    return found


def _measures(
    scope: str, agency: str, tasks: list[Counted], lists: Lists, day: date
) -> dict[Key, Figure]:
    involving = "tasks_assigned" if agency == "all" else "tasks_involving_agency"
    found: dict[Key, Figure] = {(involving, scope, agency, None): _count(tasks)}
    for measure, test in COUNTS.items():
        found[measure, scope, agency, None] = _count(one for one in tasks if test(one, day, day))
    on_time = found["tasks_completed_on_time", scope, agency, None].numerator
    for share, part in (
        ("on_time_share_of_done", [one for one in tasks if one.group == "completed"]),
        ("on_time_share_of_due", [one for one in tasks if is_due(one, day)]),
    ):
        found[share, scope, agency, None] = Figure(on_time, len(part), tuple(part))
    for since in lists.windows:
        if since < day:
            for measure, test in WINDOW_COUNTS.items():
                part = (one for one in tasks if test(one, day, since))
                found[measure, scope, agency, since] = _count(part)
    return found


def _count(tasks: Iterable[Counted]) -> Figure:
    counted = tuple(tasks)
    return Figure(len(counted), None, counted)


def _register(standing: Sequence[Submission], lists: Lists, day: date) -> list[Task]:
    """The tasks that the newest register of each programme lists."""
    registers = [one for one in standing if one.form == "register_tasks"]
    newest: dict[str, Submission] = {}
    first: dict[str, Row] = {}
    for one in sorted(registers, key=lambda one: one.order):
        for code, row in _by_code(one.rows).items():
            if row["programme_code"] in lists.programmes:
                newest[row["programme_code"]] = one
                first.setdefault(code, row)
    is_original = lists.policy("deadline_that_counts") == "original"
    return [
        _task(row, first[code] if is_original else row, one, lists, day)
        for programme, one in newest.items()
        for code, row in _by_code(one.rows).items()
        if row["programme_code"] == programme
    ]


def _task(row: Row, due: Row, register: Submission, lists: Lists, day: date) -> Task:
    """A task by its row of the register; `due` is the row whose deadline counts."""
    involved: dict[str, str] = {}
    for role, column in (("lead", "lead_agency"), ("coordinating", "coordinating_agencies")):
        for code in row[column] or ():
            for agency in lists.members(code, register.reporting_date, day):
                involved.setdefault(agency, role)
    return Task(
        code=row["task_code"],
        programme=row["programme_code"],
        assigned_on=row["assigned_on"],
        deadline=due["deadline"],
        deadline_kind=due["deadline_kind"],
        submission_id=register.submission_id,
        involved=involved,
    )


def _by_code(rows: Sequence[Row]) -> dict[str, Row]:
    """The first row of each task that can be told apart."""
    found: dict[str, Row] = {}
    for row in rows:
        if row["task_code"] is not None and row.get("programme_code", "") is not None:
            found.setdefault(row["task_code"], row)
    return found


def _word(report: tuple[Submission, Mapping[str, Row]] | None, code: str, day: date) -> Word:
    """What an agency says; a completion after the day has not happened yet.

    A layout of an agency's own may lack columns of the form.
    """
    row = report[1].get(code) if report else None
    if report is None or row is None:
        return Word()
    completed, started, status = map(row.get, ("completed_on", "started_on", "status"))
    is_dated = completed is not None and completed <= day
    return Word(
        has_report=True,
        is_done=is_dated or (completed is None and status == "DONE"),
        is_started=(started is not None and started <= day)
        or (row.get("percent_complete") or 0) > 0
        or status in {"IN_PROGRESS", "REGULAR", "DONE"},
        completed_on=completed if is_dated else None,
        sources=((report[0].submission_id, row["row_number"]),),
    )


def _together(leads: Sequence[Word], policy: str) -> Word:
    """What the leads of a task say together; one without leads was never reported."""
    done = [word for word in leads if word.is_done]
    is_done = {
        "all": bool(leads) and len(done) == len(leads),
        "any": bool(done),
        "first": bool(leads) and leads[0].is_done,
    }[policy]
    dates = [word.completed_on for word in done if word.completed_on is not None]
    return Word(
        has_report=any(word.has_report for word in leads),
        is_done=is_done,
        is_started=any(word.is_started or word.is_done for word in leads),
        completed_on=max(dates) if is_done and dates and len(dates) == len(done) else None,
        sources=tuple(source for word in leads for source in word.sources),
    )


def _status(task: Task, word: Word, day: date) -> str:
    if word.is_done:
        if word.completed_on is None:
            return "DONE_UNKNOWN_DATE"
        is_late = task.deadline is not None and word.completed_on > task.deadline
        return "DONE_LATE" if is_late else "DONE_ON_TIME"
    if task.deadline_kind in {"regular", "annual"}:
        return "REGULAR"
    if task.deadline_kind in {"conditional", "none"}:
        return "NO_DEADLINE"
    if task.deadline is None or not word.has_report:
        return "UNKNOWN"
    stage = "IN_PROGRESS" if word.is_started else "NOT_STARTED"
    return f"{stage}_{'LATE' if day > task.deadline else 'ON_TIME'}"
