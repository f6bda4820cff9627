"""The clean truth as records: tasks, and what each agency reports of them at each date.

What belongs here: the shape of the truth and simple questions to it. What does not: how it is made
up (`truth.py`), and how workbooks distort it (`deform.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

REPORTING_DATES = (date(2025, 7, 20), date(2025, 9, 23), date(2025, 10, 28))

CleanValue = str | float | date | tuple[str, ...] | None


@dataclass(frozen=True)
class Deadline:
    """Until when: a date with its precision, or a kind that has no date."""

    on: date | None
    precision: str | None
    kind: str = "fixed"


@dataclass(frozen=True)
class TrueTask:
    """A task of the register; leads and coordinators are codes of agencies or groups."""

    task_code: str
    programme_code: str
    title: str
    leads: tuple[str, ...]
    coordinators: tuple[str, ...]
    assigned_on: date
    deadline: Deadline
    deliverable: str
    legal_basis: str
    extended: Deadline | None = None
    """Deadline from the last register on."""

    def deadline_at(self, on: date) -> Deadline:
        """The deadline in the register of this reporting date."""
        return self.extended if self.extended and on >= REPORTING_DATES[-1] else self.deadline


@dataclass(frozen=True)
class TrueReport:
    """What an agency says of a task at a reporting date."""

    status: str
    percent: float
    started_on: date | None
    completed_on: date | None
    evidence: str | None
    responsible_person: str
    obstacles: str | None
    proposal: str | None


@dataclass(frozen=True)
class Truth:
    """The invented world without any fault of writing."""

    names: Mapping[str, str]
    """Vietnamese name by code: the agencies that report, then the groups."""
    members: Mapping[str, tuple[str, ...]]
    """Agencies of each group."""
    tasks: tuple[TrueTask, ...]
    reports: Mapping[tuple[str, date, str], TrueReport]
    """By agency, reporting date and task code; an agency that did not send has none."""
    not_sent: frozenset[tuple[str, date]]
    sent_late: frozenset[tuple[str, date]]

    @property
    def agencies(self) -> tuple[str, ...]:
        """Codes of the agencies that report."""
        return tuple(code for code in self.names if code not in self.members)

    def expand(self, codes: tuple[str, ...]) -> tuple[str, ...]:
        """The agencies behind the codes, each once, in the order written."""
        agencies = (agency for code in codes for agency in self.members.get(code, (code,)))
        return tuple(dict.fromkeys(agencies))

    def register(self, on: date) -> tuple[TrueTask, ...]:
        """The tasks that stand in the register of this date."""
        return tuple(task for task in self.tasks if task.assigned_on <= on)

    def rows(self, agency: str, on: date) -> tuple[tuple[TrueTask, TrueReport], ...]:
        """What the agency reports at this date, in the order of the register."""
        found = ((task, self.reports.get((agency, on, task.task_code))) for task in self.tasks)
        return tuple((task, report) for task, report in found if report)

    def is_lead(self, agency: str, task: TrueTask) -> bool:
        """Whether the agency leads the task, be it as a member of a group."""
        return agency in self.expand(task.leads)

    def expected_cells(self, agency: str, on: date) -> dict[tuple[str, str], CleanValue]:
        """What every cell of the agency's task sheet means, by task code and column name."""
        return {
            (task.task_code, column): value
            for task, report in self.rows(agency, on)
            for column, value in clean_values(task, report, on).items()
        }

    def restricted(self, agencies: tuple[str, ...]) -> Truth:
        """A smaller world: tasks that only these agencies lead, without other coordinators."""
        tasks = tuple(
            replace(task, coordinators=tuple(c for c in task.coordinators if c in agencies))
            for task in self.tasks
            if set(self.expand(task.leads)) <= set(agencies)
        )
        involved = {
            (agency, task.task_code)
            for task in tasks
            for agency in self.expand(task.leads + task.coordinators)
        }
        return replace(
            self,
            names={code: name for code, name in self.names.items() if code in agencies},
            members={},
            tasks=tasks,
            reports={
                key: report for key, report in self.reports.items() if (key[0], key[2]) in involved
            },
        )


def clean_values(task: TrueTask, report: TrueReport, on: date) -> dict[str, CleanValue]:
    """The columns of form NQ57-01, sheet of tasks, by canonical name."""
    return {
        "task_code": task.task_code,
        "title": task.title,
        "lead_agency": task.leads,
        "coordinating_agencies": task.coordinators,
        "assigned_on": task.assigned_on,
        "deadline": task.deadline_at(on).on,
        "status": report.status,
        "percent_complete": report.percent,
        "started_on": report.started_on,
        "completed_on": report.completed_on,
        "deliverable": task.deliverable,
        "evidence": report.evidence,
        "responsible_person": report.responsible_person,
        "obstacles": report.obstacles,
        "proposal": report.proposal,
    }
