"""What happened: who sent or decided what, for which day, and when it was known.

What belongs here: the records of a quarter, and plain questions to them. What does not: how a
quarter is made up (`story.py`), what follows from it (`truth.py`), files (`workbooks.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from pipelines.sample.records import TrueReport, TrueTask

REGISTERS = "BCD"
_LOCAL_OFFSET = timedelta(hours=7)  # Asia/Ho_Chi_Minh, no daylight saving

Record = dict[str, Any]
"""A row of a form by column name."""

Kind = Literal["monthly", "ad_hoc", "correction", "fallen", "foreign", "register"]


@dataclass(frozen=True, eq=False)
class Sent:
    """A workbook that an agency sent; rows as the agency means them."""

    kind: Kind
    agency: str
    on: date
    """The reporting date on its cover."""
    at: datetime
    """When it was sent, and known at once."""
    claims: str
    """The agency that its cover names."""
    tasks: tuple[tuple[TrueTask, TrueReport], ...]
    services: tuple[Record, ...]

    def rows(self, form: str) -> int:
        """How many rows its sheet of a form has."""
        return len(self.tasks if form == "tasks" else self.services)

    @property
    def path(self) -> str:
        """Where it lies in the inbox; no two files of an agency share an instant."""
        return f"{self.agency}/{self.kind}_{self.on}_{self.at:%Y%m%dT%H%M%S}.xlsx"


@dataclass(frozen=True, eq=False)
class Register:
    """A workbook of the committee: all tasks of the programmes in it."""

    on: date
    at: datetime
    tasks: tuple[TrueTask, ...]
    services: tuple[Record, ...]

    @property
    def path(self) -> str:
        return f"{REGISTERS}/register_{self.on}.xlsx"

    @property
    def programmes(self) -> tuple[str, ...]:
        return tuple(sorted({task.programme_code for task in self.tasks}))


@dataclass(frozen=True)
class Decided:
    """What a person decided about a workbook."""

    at: datetime
    kind: Literal["held_submission", "withdrawal"]
    about: Sent
    answer: str


Event = Sent | Register | Decided


@dataclass(frozen=True)
class Quarter:
    """A world and all that happened in it, oldest first."""

    names: Mapping[str, str]
    """Vietnamese name by code: the agencies that report, then the groups."""
    members: Mapping[str, tuple[str, ...]]
    """Agencies of each group."""
    events: tuple[Event, ...]

    def known(self, at: datetime) -> tuple[Event, ...]:
        """What had happened by an instant."""
        return tuple(event for event in self.events if event.at <= at)

    def expand(self, codes: tuple[str, ...]) -> tuple[str, ...]:
        """The agencies behind the codes, each once: as written, those of a group by their codes."""
        agencies = (one for code in codes for one in sorted(self.members.get(code, (code,))))
        return tuple(dict.fromkeys(agencies))


def instant(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """An instant of a day by the clock of Asia/Ho_Chi_Minh."""
    local = datetime(day.year, day.month, day.day, hour, minute, second)
    return (local - _LOCAL_OFFSET).replace(tzinfo=UTC)


def run_at(day: date) -> datetime:
    """When the daily run reports a day: at six in the morning of the next."""
    return instant(day + timedelta(days=1), 6)


def period(on: date) -> tuple[date, date]:
    """The last month, from a 15th to a 14th, that has ended by a day after the 14th."""
    end = on.replace(day=14)
    return (end - timedelta(days=31)).replace(day=15), end


def ruling(registers: list[Register], day: date) -> dict[str, TrueTask]:
    """The tasks in force on a day: of each programme, those of its newest register."""
    newest: dict[str, Register] = {}
    for register in sorted(registers, key=lambda one: one.on):
        if register.on <= day:
            newest |= dict.fromkeys(register.programmes, register)
    return {
        task.task_code: task
        for programme, register in newest.items()
        for task in register.tasks
        if task.programme_code == programme
    }
