"""What must follow from what happened: the facts of any day, as known at any instant.

Independent of the models: plain Python over the events, by the rules of the design document. What
belongs here: the status of every task and agency, counts of services. What does not: which files
stand (`standing.py`), how the events were made up (`story.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from pipelines.sample.records import Deadline, TrueReport, TrueTask
from quarter.events import Quarter, Sent, ruling
from quarter.standing import Fact, Standing

_NAMED = ("period_end", "procedure_code", "procedure_name")
"""Columns of a count that its key, or its procedure, says."""
_WORK = ("IN_PROGRESS", "REGULAR", "DONE")


@dataclass(frozen=True)
class Rules:
    """What a rule set says that changes facts."""

    deadline_that_counts: str = "current"
    """`current` or `original`."""


@dataclass(frozen=True)
class Word:
    """What one agency's row says on a day."""

    report: TrueReport
    on: date
    is_done: bool
    completed_on: date | None
    is_started: bool


class Truth(Standing):
    """The facts of the quarter as known at an instant, under some rules."""

    def __init__(self, quarter: Quarter, known_at: datetime, rules: Rules) -> None:
        super().__init__(quarter, known_at)
        self.rules = rules

    def tasks(self, day: date) -> dict[str, Fact]:
        """Every task in force on a day, by code."""
        return {code: self._task(task, day) for code, task in self._ruling(day).items()}

    def task_agencies(self, day: date) -> dict[tuple[str, str], Fact]:
        """Every agency's own word of every task that it has part in."""
        found: dict[tuple[str, str], Fact] = {}
        for code, task in self._ruling(day).items():
            leads = self.quarter.expand(task.leads)
            for agency in self.quarter.expand(task.leads + task.coordinators):
                role = "lead" if agency in leads else "coordinating"
                found[code, agency] = self._own_fact(task, agency, role, day)
        return found

    def _ruling(self, day: date) -> dict[str, TrueTask]:
        return ruling(self.registers, day)

    @cached_property
    def _original(self) -> dict[str, Deadline]:
        """The deadline that the first register to list a task gives it."""
        first: dict[str, Deadline] = {}
        for register in sorted(self.registers, key=lambda one: one.on):
            for task in register.tasks:
                first.setdefault(task.task_code, task.deadline)
        return first

    def _deadline(self, task: TrueTask) -> Deadline:
        """The deadline that counts."""
        is_original = self.rules.deadline_that_counts == "original"
        return self._original[task.task_code] if is_original else task.deadline

    @cached_property
    def _reports(self) -> dict[str, list[tuple[date, Sent]]]:
        """The reports of tasks that stand, by agency, newest reporting date first."""
        found: dict[str, list[tuple[date, Sent]]] = {}
        for (form, agency, on), sent in self.standing.items():
            if form == "tasks":
                found.setdefault(agency, []).append((on, sent))
        return {
            agency: sorted(of, key=lambda one: one[0], reverse=True) for agency, of in found.items()
        }

    def _word(self, task: TrueTask, agency: str, day: date) -> Word | None:
        """What the agency's last report says of the task."""
        sent = next((one for on, one in self._reports.get(agency, ()) if on <= day), None)
        if sent is None:
            return None
        report = next((r for t, r in sent.tasks if t.task_code == task.task_code), None)
        if report is None:
            return None
        completed = report.completed_on
        is_past = completed is not None and completed <= day
        is_done = is_past or (completed is None and report.status == "DONE")
        is_started = report.percent > 0 or report.status in _WORK or report.started_on is not None
        return Word(report, sent.on, is_done, completed if is_past else None, is_started)

    def _task(self, task: TrueTask, day: date) -> Fact:
        leads = self.quarter.expand(task.leads)
        words = [self._word(task, agency, day) for agency in leads]
        told = [word for word in words if word]
        is_done = len(told) == len(leads) and all(word.is_done for word in told)
        dates = [word.completed_on for word in told]
        completed = max(one for one in dates if one) if is_done and all(dates) else None
        is_started = any(word.is_started or word.is_done for word in told)
        deadline = self._deadline(task)
        status = _status(
            deadline, day, completed,
            is_done=is_done, is_started=is_started, is_told=bool(told),
        )  # fmt: skip
        said = _said_together([word.report.status if word else None for word in words])
        is_overdue = status in ("IN_PROGRESS_LATE", "NOT_STARTED_LATE")
        reported_on = max((word.on for word in told), default=None)
        return {
            "programme_code": task.programme_code,
            "lead_agency_code": task.leads[0],
            "assigned_on": task.assigned_on,
            "deadline": deadline.on,
            "deadline_original": self._original[task.task_code].on,
            "deadline_precision": deadline.precision,
            "deadline_kind": deadline.kind,
            "status": status,
            "status_group": group(status),
            "status_reported": said,
            "has_status_conflict": _conflicts(said, is_done, is_started),
            "is_overdue": is_overdue,
            "days_overdue": (day - deadline.on).days if is_overdue and deadline.on else None,
            "percent_complete_pct": _mean([word.report.percent for word in told]),
            "completed_on": completed,
            "has_evidence": any(word.report.evidence for word in told),
            "obstacles": next((w.report.obstacles for w in told if w.report.obstacles), None),
            "reported_on": reported_on,
            "days_since_report": (day - reported_on).days if reported_on else None,
        }

    def _own_fact(self, task: TrueTask, agency: str, role: str, day: date) -> Fact:
        word = self._word(task, agency, day)
        is_done, is_started = bool(word and word.is_done), bool(word and word.is_started)
        status = _status(
            self._deadline(task), day, word.completed_on if word else None,
            is_done=is_done, is_started=is_started, is_told=word is not None,
        )  # fmt: skip
        return {
            "role": role,
            "status": status,
            "status_group": group(status),
            "status_reported": word.report.status if word else None,
            "has_status_conflict": bool(word)
            and _conflicts(word.report.status, is_done, is_started),
            "percent_complete_pct": word.report.percent if word else None,
            "started_on": word.report.started_on if word else None,
            "completed_on": word.completed_on if word else None,
            "reported_on": word.on if word else None,
        }

    # Services

    def services(self, day: date) -> dict[tuple[date, str, str], Fact]:
        """The newest count of every period, agency and procedure that is told by a day."""
        found: dict[tuple[date, str, str], tuple[date, Fact]] = {}
        for (form, agency, on), sent in self.standing.items():
            if form != "services" or on > day:
                continue
            for row in sent.services:
                key = (row["period_end"], agency, row["procedure_code"])
                if key not in found or found[key][0] < on:
                    fact = {name: value for name, value in row.items() if name not in _NAMED}
                    found[key] = on, fact | {"reporting_date": on}
        return {key: fact for key, (_, fact) in found.items()}


def _status(
    deadline: Deadline,
    day: date,
    completed: date | None,
    *,
    is_done: bool,
    is_started: bool,
    is_told: bool,
) -> str:
    """The status of a task: every date is inclusive."""
    if is_done:
        if completed is None:
            return "DONE_UNKNOWN_DATE"
        return "DONE_LATE" if deadline.on and completed > deadline.on else "DONE_ON_TIME"
    if deadline.kind in ("regular", "none"):
        return {"regular": "REGULAR", "none": "NO_DEADLINE"}[deadline.kind]
    if not is_told or deadline.on is None:
        return "UNKNOWN"
    work = "IN_PROGRESS" if is_started else "NOT_STARTED"
    return f"{work}_LATE" if day > deadline.on else f"{work}_ON_TIME"


def group(status: str) -> str:
    """The four groups in which the committee counts."""
    if status.startswith("DONE"):
        return "completed"
    if status.endswith("_LATE"):
        return "overdue"
    return "unknown" if status == "UNKNOWN" else "in_progress"


def _said_together(words: list[str | None]) -> str:
    """One word for what the leads say, in their order."""
    if all(word == "DONE" for word in words):
        return "DONE"
    if None not in words and len(set(words)) == 1:
        return words[0] or ""
    if any(word in _WORK for word in words):
        return "IN_PROGRESS"
    return next((word for word in words if word), "UNKNOWN")


def _conflicts(said: str, is_done: bool, is_started: bool) -> bool:
    return (said == "DONE") != is_done or (said == "NOT_STARTED" and is_started)


def _mean(values: list[float]) -> float | None:
    return round(sum(values) / len(values), 6) if values else None
