"""The facts that must follow from the truth, derived in plain Python for comparison.

Independent of the SQL: it follows the status rules of the design document, nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pipelines.sample.records import Deadline, TrueReport, TrueTask, Truth

GROUPS = {
    "DONE_ON_TIME": "completed",
    "DONE_LATE": "completed",
    "DONE_UNKNOWN_DATE": "completed",
    "IN_PROGRESS_LATE": "overdue",
    "NOT_STARTED_LATE": "overdue",
    "UNKNOWN": "unknown",
}


@dataclass(frozen=True)
class TaskFact:
    """One task, or one agency's part in it, on one day."""

    status: str
    completed_on: date | None

    @property
    def status_group(self) -> str:
        return GROUPS.get(self.status, "in_progress")


@dataclass(frozen=True)
class Own:
    """What one row says."""

    is_done: bool
    completed_on: date | None
    is_started: bool


def register_date(truth: Truth, as_of: date) -> date:
    """Reporting date of the register that rules on the day."""
    return max(on for _, on, _ in truth.reports if on <= as_of)


def _own(report: TrueReport, as_of: date) -> Own:
    is_done = report.completed_on is not None and report.completed_on <= as_of
    if report.status == "DONE" and report.completed_on is None:
        is_done = True
    is_started = (
        report.started_on is not None
        or report.percent > 0
        or report.status in ("DONE", "IN_PROGRESS", "REGULAR")
    )
    return Own(is_done, report.completed_on if is_done else None, is_started)


def _status(deadline: Deadline, owns: list[Own | None], as_of: date) -> TaskFact:
    reported = [own for own in owns if own]
    if reported and len(reported) == len(owns) and all(own.is_done for own in reported):
        dates = [own.completed_on for own in reported]
        if None in dates:
            return TaskFact("DONE_UNKNOWN_DATE", None)
        latest = max(day for day in dates if day)
        late = deadline.on is not None and latest > deadline.on
        return TaskFact("DONE_LATE" if late else "DONE_ON_TIME", latest)
    if not reported:
        return TaskFact("UNKNOWN", None)
    if deadline.kind in ("regular", "annual"):
        return TaskFact("REGULAR", None)
    if deadline.kind in ("conditional", "none"):
        return TaskFact("NO_DEADLINE", None)
    started = any(own.is_started or own.is_done for own in reported)
    late = deadline.on is not None and as_of > deadline.on
    return TaskFact(
        ("IN_PROGRESS" if started else "NOT_STARTED") + ("_LATE" if late else "_ON_TIME"), None
    )


class Facts:
    """All facts of one day."""

    def __init__(self, truth: Truth, as_of: date) -> None:
        self.truth, self.as_of = truth, as_of
        self.register = register_date(truth, as_of)
        self.last = {
            agency: max(
                (on for a, on, _ in truth.reports if a == agency and on <= as_of), default=None
            )
            for agency in truth.agencies
        }
        self.tasks: dict[str, TaskFact] = {}
        self.task_agencies: dict[tuple[str, str], TaskFact] = {}
        self.registered = truth.register(self.register)
        for task in self.registered:
            self._add(task)

    def _row(self, agency: str, code: str) -> Own | None:
        on = self.last[agency]
        report = self.truth.reports.get((agency, on, code)) if on else None
        return _own(report, self.as_of) if report else None

    def _add(self, task: TrueTask) -> None:
        deadline = task.deadline_at(self.register)
        leads = self.truth.expand(task.leads)
        owns = [self._row(agency, task.task_code) for agency in leads]
        self.tasks[task.task_code] = _status(deadline, owns, self.as_of)
        for agency in self.truth.expand(task.leads + task.coordinators):
            own = self._row(agency, task.task_code)
            self.task_agencies[task.task_code, agency] = _status(deadline, [own], self.as_of)

    def of(self, scope: str) -> list[TrueTask]:
        """Registered tasks of a scope such as `NQ71+KL` (blank: all)."""
        return [t for t in self.registered if not scope or t.programme_code in scope.split("+")]

    def measure(self, name: str, scope: str, agency: str = "", since: date | None = None) -> int:
        """A published measure, counted by hand."""
        tasks = self.of(scope)
        if name.startswith("tasks_assigned_in_window"):
            tasks = [t for t in tasks if since and since < t.assigned_on <= self.as_of]
        facts = [self.tasks[t.task_code] for t in tasks]
        suffix = name.removeprefix("tasks_assigned_in_window").removeprefix("tasks").strip("_")
        if name == "agencies_with_tasks":
            return len({a for t in tasks for a in self.truth.expand(t.leads + t.coordinators)})
        if name == "tasks_involving_agency":
            return sum(agency in self.truth.expand(t.leads + t.coordinators) for t in tasks)
        if suffix == "completed_in_window":
            return sum(
                f.completed_on is not None and since is not None and since < f.completed_on
                for f in facts
            )
        return {
            "": len(facts),
            "assigned": len(facts),
            "completed": sum(f.status_group == "completed" for f in facts),
            "completed_on_time": sum(f.status == "DONE_ON_TIME" for f in facts),
            "completed_late": sum(f.status == "DONE_LATE" for f in facts),
            "in_progress": sum(f.status_group == "in_progress" for f in facts),
            "overdue": sum(f.status_group == "overdue" for f in facts),
            "unknown": sum(f.status_group == "unknown" for f in facts),
        }[suffix]
