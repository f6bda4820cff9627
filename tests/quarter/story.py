"""A quarter made up: registers, monthly and ad-hoc reports, corrections, held files, decisions.

What belongs here: drawing all that from one seed, at any size. What does not: its records
(`events.py`), and what must follow from it (`truth.py`). Everything is invented.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from pipelines.sample import titles
from pipelines.sample.records import Deadline, TrueReport, TrueTask
from pipelines.sample.truth import make_truth
from quarter.events import (
    Decided,
    Quarter,
    Record,
    Register,
    Sent,
    instant,
    ruling,
)
from quarter.work import count, deadline, word

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)
MONTHS = (date(2026, 1, 25), date(2026, 2, 25), date(2026, 3, 25))
REGISTERED = (date(2025, 12, 29), date(2026, 2, 9), date(2026, 3, 10))
"""Reporting dates of the registers. The second extends, gives away, withdraws and adds; the third
does so in one programme, and comes two days late."""
PROGRAMMES = ("NQ71", "KL", "KH02")


@dataclass(frozen=True)
class Size:
    """How much happens."""

    tasks: int
    """Tasks of the first register."""
    procedures: int
    ad_hoc: int
    corrections: int
    fallen: int
    foreign: int
    withdrawn: int


SMALL = Size(tasks=84, procedures=40, ad_hoc=24, corrections=24, fallen=9, foreign=6, withdrawn=6)
WHOLE = Size(
    tasks=749, procedures=340, ad_hoc=160, corrections=160, fallen=45, foreign=30, withdrawn=30
)


def make_quarter(size: Size, seed: int = 57) -> Quarter:
    """The quarter of a size and a seed, always the same."""
    return _Story(size, seed).told()


class _Story:
    """What has been made up so far."""

    def __init__(self, size: Size, seed: int) -> None:
        world = make_truth()
        self.size, self.seed = size, seed
        self.quarter = Quarter(world.names, world.members, ())
        self.agencies = world.agencies
        self.services = self._services()
        self.registers = [Register(REGISTERED[0], instant(REGISTERED[0], 9), (), self.services)]
        self.registers[0] = replace(self.registers[0], tasks=self._tasks())
        self._change_registers()

    def told(self) -> Quarter:
        """All events, oldest first."""
        monthly = [sent for on in MONTHS for sent in self._monthly(on)]
        # A workbook without a row says nothing.
        sent = [one for one in monthly + self._ad_hoc() if one.tasks or one.services]
        rng = self._rng("again")
        full = [one for one in sent if one.kind == "monthly" and len(one.tasks) >= 3]
        corrections = [self._correction(one) for one in rng.sample(sent, self.size.corrections)]
        fallen = [self._fallen(one) for one in rng.sample(full, self.size.fallen)]
        foreign = [self._foreign(one) for one in rng.sample(monthly, self.size.foreign)]
        decided = [
            *self._answers(fallen),
            *self._answers(foreign),
            *self._withdrawals(rng.sample(corrections + sent, self.size.withdrawn)),
        ]
        events = [*self.registers, *sent, *corrections, *fallen, *foreign, *decided]
        return replace(self.quarter, events=tuple(sorted(events, key=lambda event: event.at)))

    def _rng(self, *what: object) -> random.Random:
        return random.Random("|".join(map(str, (self.seed, *what))))

    # The registers

    def _tasks(self) -> tuple[TrueTask, ...]:
        wording = titles.titles(self._rng("titles"))
        return tuple(self._task(number, *next(wording)) for number in range(self.size.tasks))

    def _task(self, number: int, title: str, deliverable: str) -> TrueTask:
        rng = self._rng("task", number)
        lead = self.agencies[number % len(self.agencies)]
        others = [agency for agency in self.agencies if agency != lead]
        leads = (lead, *rng.sample(others, rng.choice((0, 0, 0, 1))))
        if number in (5, 6):
            leads = ("G-CENTRAL",) if number == 5 else ("G-CENTRAL", "P01")
        free = [agency for agency in others if agency not in leads]
        programme = PROGRAMMES[number % len(PROGRAMMES)]
        return TrueTask(
            task_code=f"{programme}-{number:03d}",
            programme_code=programme,
            title=title,
            leads=leads,
            coordinators=tuple(rng.sample(free, rng.choice((0, 1, 2)))),
            assigned_on=date(2025, 10, 1) + timedelta(days=rng.randrange(80)),
            deadline=deadline(rng),
            deliverable=deliverable,
            legal_basis=titles.legal_basis(rng, programme),
        )

    def _services(self) -> tuple[Record, ...]:
        return tuple(
            {
                "procedure_code": f"9.{number:06d}",
                "procedure_name": f"Thủ tục giả định số {number}",
                "agency_code": self.agencies[(number * 3) % len(self.agencies)],
                "service_level": ("full", "partial")[number % 2],
                "is_essential": number % 5 == 0,
            }
            for number in range(self.size.procedures)
        )

    def _change_registers(self) -> None:
        """Two changes: one of all programmes, one of the first alone that is known late."""
        second = self._changed(self.registers[0].tasks, REGISTERED[1])
        at = instant(REGISTERED[1], 10)
        self.registers.append(Register(REGISTERED[1], at, second, self.services))
        own = [task for task in second if task.programme_code == PROGRAMMES[0]]
        third = self._changed(own, REGISTERED[2])
        at = instant(REGISTERED[2] + timedelta(days=2), 10)
        self.registers.append(Register(REGISTERED[2], at, third, ()))

    def _changed(self, tasks: Sequence[TrueTask], on: date) -> tuple[TrueTask, ...]:
        """The next register: every seventh extended, given away, withdrawn; some added."""
        changed: list[TrueTask] = []
        for number, task in enumerate(tasks):
            rng = self._rng("change", on, task.task_code)
            if number % 7 == 1 and task.deadline.on:
                later = task.deadline.on + timedelta(days=rng.randrange(20, 60))
                changed.append(replace(task, deadline=Deadline(later, "day")))
            elif number % 7 == 3:
                given = [one for one in self.agencies if one not in task.leads + task.coordinators]
                changed.append(replace(task, leads=(rng.choice(given),)))
            elif number % 14 != 5:
                changed.append(task)
        for number in range(max(1, len(tasks) // 20)):
            source = replace(
                tasks[number], task_code=f"{tasks[number].task_code[:-3]}{on:%m}{number:02d}"
            )
            changed.append(replace(source, assigned_on=on, deadline=Deadline(LAST, "day")))
        return tuple(changed)

    # What agencies send

    def _monthly(self, on: date) -> Iterator[Sent]:
        """Reports of a month: most in time, one in eight late, one in fourteen never."""
        for agency in self.agencies:
            rng = self._rng("monthly", agency, on)
            lot = rng.randrange(56)
            if lot < 4:
                continue
            days = rng.randrange(1, 9) if lot < 11 else -rng.randrange(0, 3)
            # Early files speak of a day that has not come; they count from that day on.
            at = instant(on + timedelta(days=days), rng.randrange(8, 17), rng.randrange(60))
            yield self._report("monthly", agency, on, min(at, run_end()))

    def _ad_hoc(self) -> list[Sent]:
        """Reports of tasks between the months, some known a few days later."""
        rng = self._rng("ad hoc")
        made: list[Sent] = []
        for number in range(self.size.ad_hoc):
            on = FIRST + timedelta(days=(number * 88) // self.size.ad_hoc)
            late = rng.choice((0, 0, 1, 4)) if number else 0
            at = instant(on + timedelta(days=late), 9, number % 60)
            agency = self.agencies[(number * 23) % len(self.agencies)]
            sent = self._report("ad_hoc", agency, on, at)
            made.append(replace(sent, services=()))
        return made

    def _report(self, kind, agency: str, on: date, at: datetime) -> Sent:
        """What the agency knows: the tasks of the register that rules, and its own work."""
        known = [one for one in self.registers if one.at <= at]
        tasks = [
            (task, self._word(task, agency, on, 0))
            for task in ruling(known, on).values()
            if agency in self.quarter.expand(task.leads + task.coordinators)
        ]
        kept = tuple(
            pair for pair in tasks if self._rng("left out", pair[0], agency).random() < 0.95
        )
        services = tuple(self._count(one, on, 0) for one in self._own(agency))
        return Sent(kind, agency, on, at, agency, kept, services)

    def _own(self, agency: str) -> list[Record]:
        return [one for one in self.services if one["agency_code"] == agency]

    def _word(self, task: TrueTask, agency: str, on: date, edition: int) -> TrueReport:
        return word(self._rng("work", task.task_code, agency), task, agency, on, edition)

    def _count(self, service: Record, on: date, edition: int) -> Record:
        return count(self._rng("count", service["procedure_code"], on, edition), service, on)

    # The same day once more

    def _again(self, sent: Sent, edition: int) -> Sent:
        """The report of the same day as the agency sees it some days later."""
        tasks = tuple(
            (task, self._word(task, sent.agency, sent.on, 0 if number % 2 else edition))
            for number, (task, _) in enumerate(sent.tasks)
        )
        by_code = {one["procedure_code"]: one for one in self.services}
        counts = (
            self._count(by_code[one["procedure_code"]], sent.on, edition) for one in sent.services
        )
        rng = self._rng("again", sent.path, edition)
        later = max(sent.at, instant(sent.on, 7)) + timedelta(
            days=rng.randrange(1, 20), minutes=rng.randrange(60), seconds=edition
        )
        return replace(sent, at=min(later, run_end(edition)), tasks=tasks, services=tuple(counts))

    def _correction(self, sent: Sent) -> Sent:
        return replace(self._again(sent, 1), kind="correction")

    def _fallen(self, sent: Sent) -> Sent:
        """Less than 70 % of the tasks; its services are whole, and count at once."""
        again = self._again(sent, 2)
        return replace(again, kind="fallen", tasks=again.tasks[: len(again.tasks) * 6 // 10])

    def _foreign(self, sent: Sent) -> Sent:
        """On the cover the next agency's name."""
        place = self.agencies.index(sent.agency) + 1
        other = self.agencies[place % len(self.agencies)]
        return replace(self._again(sent, 3), kind="foreign", claims=other)

    def _answers(self, held: Sequence[Sent]) -> Iterator[Decided]:
        """One in three is accepted, one refused, one waits; two are answered otherwise later."""
        for number, sent in enumerate(held):
            at = sent.at + timedelta(days=1 + number % 9, seconds=number)
            if number % 3 < 2:
                answer = ("accept", "refuse")[number % 3]
                yield Decided(at, "held_submission", sent, answer)
            if number < 2:
                answer = ("refuse", "accept")[number]
                yield Decided(at + timedelta(days=6), "held_submission", sent, answer)

    def _withdrawals(self, sent: Sequence[Sent]) -> Iterator[Decided]:
        for number, one in enumerate(sent):
            at = max(one.at, instant(one.on, 7)) + timedelta(
                days=2 + 3 * number % 11, seconds=number
            )
            yield Decided(at, "withdrawal", one, "withdraw")


def run_end(before: int = 0) -> datetime:
    """The last instant that the quarter knows, or some seconds before."""
    return instant(LAST, 23, 0) - timedelta(seconds=before)
