"""What must follow from what happened: the facts of any day, as known at any instant.

Independent of the models: plain Python over the events, by the rules of the design document. What
belongs here: which version stands, the status of every task and agency, counts of services, the
standing of every file. What does not: how the events were made up (`story.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from pipelines.sample.records import TrueReport, TrueTask
from quarter.events import Decided, Quarter, Register, Sent, instant, ruling

Fact = dict[str, Any]
FORMS = ("tasks", "services")
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


@dataclass(frozen=True)
class Slot:
    """When a month's report may be dated, and until when it is in time."""

    opens: date
    closes: date
    due_on: date

    def takes(self, on: date) -> bool:
        return self.opens <= on <= self.closes

    @property
    def due(self) -> datetime:
        return instant(self.due_on, 23, 59, 59)


SLOTS = {
    # 25 January 2026 is a Sunday: due on Monday.
    date(2026, 1, 25): Slot(date(2026, 1, 14), date(2026, 1, 26), date(2026, 1, 26)),
    date(2026, 2, 25): Slot(date(2026, 2, 14), date(2026, 2, 25), date(2026, 2, 25)),
    date(2026, 3, 25): Slot(date(2026, 3, 14), date(2026, 3, 25), date(2026, 3, 25)),
}
"""What was due in the quarter, by hand: no rule of the calendar is asked."""


class Truth:
    """The quarter as known at an instant, under some rules."""

    def __init__(self, quarter: Quarter, known_at: datetime, rules: Rules) -> None:
        events = quarter.known(known_at)
        self.quarter, self.rules = quarter, rules
        self.sent = [event for event in events if isinstance(event, Sent)]
        self.registers = [event for event in events if isinstance(event, Register)]
        decided = [event for event in events if isinstance(event, Decided)]
        self._answers = {one.about: one.answer for one in decided if one.kind == "held_submission"}
        self._withdrawn = {one.about for one in decided if one.kind == "withdrawal"}
        self._stood: set[tuple[str, Sent]] = set()

    # Which version of a report stands

    @cached_property
    def standing(self) -> dict[tuple[str, str, date], Sent]:
        """The file that speaks for a form, an agency and a reporting date."""
        stands: dict[tuple[str, str, date], Sent] = {}
        for sent in self.sent:
            for form in FORMS:
                key = (form, sent.agency, sent.on)
                before = stands.get(key)
                if self._may_count(sent, form) and not self._has_fallen(sent, form, before):
                    stands[key] = sent
                    self._stood.add((form, sent))
        return stands

    @property
    def first_day(self) -> date:
        """The first day that anybody reported; there are facts from then on."""
        return min(on for _, _, on in self.standing)

    def statuses(self) -> Iterator[tuple[Sent, str, str]]:
        """Every file and form with its standing."""
        for sent in self.sent:
            for form in FORMS:
                if sent.rows(form):
                    yield sent, form, self._status(sent, form)

    def _may_count(self, sent: Sent, form: str) -> bool:
        answer = self._answers.get(sent)
        is_own = sent.claims == sent.agency or answer == "accept"
        return bool(sent.rows(form)) and is_own and not self._is_out(sent)

    def _is_out(self, sent: Sent) -> bool:
        return sent in self._withdrawn or self._answers.get(sent) == "refuse"

    def _has_fallen(self, sent: Sent, form: str, before: Sent | None) -> bool:
        if before is None or sent in self._answers:
            return False
        return sent.rows(form) * 10 < before.rows(form) * 7

    def _status(self, sent: Sent, form: str) -> str:
        self.standing  # noqa: B018 - it notes down what stood
        if self._answers.get(sent) == "refuse":
            return "REFUSED"
        if sent in self._withdrawn:
            return "WITHDRAWN"
        if self.standing.get((form, sent.agency, sent.on)) == sent:
            return "ACCEPTED"
        return "SUPERSEDED" if (form, sent) in self._stood else "HELD"

    # Slots of the calendar

    def timeliness(self, day: date) -> dict[tuple[str, str, date], str]:
        """What became of each slot of the quarter that had opened by a day: form, agency, slot."""
        served: dict[tuple[str, str, date], list[datetime]] = {}
        for sent, form, status in self.statuses():
            slot = next((one for one in SLOTS if SLOTS[one].takes(sent.on)), None)
            if slot and sent.on <= day and status in ("ACCEPTED", "SUPERSEDED"):
                served.setdefault((form, sent.agency, slot), []).append(sent.at)
        return {
            (form, agency, slot): self._slot(served, form, agency, slot, day)
            for slot in SLOTS
            if SLOTS[slot].opens <= day
            for form in FORMS
            for agency in self._reporters(form)
        }

    def _slot(self, served, form: str, agency: str, slot: date, day: date) -> str:
        if came := served.get((form, agency, slot)):
            return "ON_TIME" if min(came) <= SLOTS[slot].due else "LATE"
        if SLOTS[slot].due_on > day:
            return "NOT_YET_DUE"
        has_sent = any(
            one.agency == agency and one.on <= day and one.rows(form) for one in self.sent
        )
        return "MISSING" if has_sent else "NEVER_SENT"

    def _reporters(self, form: str) -> list[str]:
        if form == "tasks":
            return [code for code in self.quarter.names if code not in self.quarter.members]
        registered = self.registers[0].services if self.registers else ()
        return list(dict.fromkeys(one["agency_code"] for one in registered))

    # Tasks

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
    def _original(self) -> dict[str, date | None]:
        """The deadline that the first register to list a task gives it."""
        first: dict[str, date | None] = {}
        for register in sorted(self.registers, key=lambda one: one.on):
            for task in register.tasks:
                first.setdefault(task.task_code, task.deadline.on)
        return first

    def _deadline(self, task: TrueTask) -> date | None:
        is_original = self.rules.deadline_that_counts == "original"
        return self._original[task.task_code] if is_original else task.deadline.on

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
            task.deadline.kind, deadline, day, completed,
            is_done=is_done, is_started=is_started, is_told=bool(told),
        )  # fmt: skip
        said = _said_together([word.report.status if word else None for word in words])
        is_overdue = status in ("IN_PROGRESS_LATE", "NOT_STARTED_LATE")
        reported_on = max((word.on for word in told), default=None)
        return {
            "programme_code": task.programme_code,
            "lead_agency_code": task.leads[0],
            "assigned_on": task.assigned_on,
            "deadline": deadline,
            "deadline_original": self._original[task.task_code],
            "deadline_precision": task.deadline.precision,
            "deadline_kind": task.deadline.kind,
            "status": status,
            "status_group": group(status),
            "status_reported": said,
            "has_status_conflict": _conflicts(said, is_done, is_started),
            "is_overdue": is_overdue,
            "days_overdue": (day - deadline).days if is_overdue and deadline else None,
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
            task.deadline.kind, self._deadline(task), day, word.completed_on if word else None,
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
    kind: str,
    deadline: date | None,
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
        return "DONE_LATE" if deadline and completed > deadline else "DONE_ON_TIME"
    if kind in ("regular", "none"):
        return {"regular": "REGULAR", "none": "NO_DEADLINE"}[kind]
    if not is_told or deadline is None:
        return "UNKNOWN"
    work = "IN_PROGRESS" if is_started else "NOT_STARTED"
    return f"{work}_LATE" if day > deadline else f"{work}_ON_TIME"


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
