"""What the committee and the agencies say in a simulated year, sheet by sheet.

What belongs here: who says what on which day. What does not: files (`write.py`), and measuring.

Tasks, datasets and indicators are those of the sample, told month after month; every province
reports its own procedures each month. Everything is drawn from texts, so that the same size always
gives the same year. Some 2 % of the rows hold a fault that a rule finds. Commune criteria are no
part of the stated size and are left out.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from pipelines.sample.draft import DraftRow, record_rows, register_task_rows, task_rows
from pipelines.sample.records import REPORTING_DATES, TrueReport, TrueTask, Truth
from pipelines.sample.row_truth import Record
from pipelines.sample.write import REGISTER_AGENCY, Sample, load_sample
from pipelines.settings import Settings
from pipelines.workbook.template import Form, Template

FIRST = date(2025, 7, 25)
"""Day 1, on which all agencies report for the first time: the 25th, as every month."""
AD_HOC = 2
"""Agencies that report their tasks once more, on any day without monthly reports."""
LEVELS = ("full", "partial", "none")
_REGISTER = REPORTING_DATES[-1]

Value = str | int | float | date | None
Sheets = dict[str, Sequence[Sequence[Value]]]


@dataclass(frozen=True)
class Year:
    """The simulated history of `days` days, with so many procedures in each province."""

    settings: Settings
    days: int = 367
    procedures: int = 2000

    @cached_property
    def sample(self) -> Sample:
        return load_sample(self.settings)

    @cached_property
    def agencies(self) -> tuple[str, ...]:
        return self.sample.truth.agencies

    def day(self, number: int) -> date:
        """The date of a day, counted from 1."""
        return FIRST + timedelta(number - 1)

    def speakers(self) -> Iterator[tuple[date, str]]:
        """Who sends a workbook when, in order."""
        for number in range(1, self.days + 1):
            on = self.day(number)
            if on == FIRST:
                yield on, REGISTER_AGENCY
            if on.day == FIRST.day:
                yield from ((on, agency) for agency in self.agencies)
            else:
                rng = random.Random(f"ad hoc|{on}")
                yield from ((on, agency) for agency in rng.sample(self.agencies, AD_HOC))

    def sheets(self, on: date, agency: str) -> Sheets:
        """The tables of a workbook, each with its header."""
        if agency == REGISTER_AGENCY:
            return self._tables(self.sample.register, self._register())
        if on.day != FIRST.day:
            return self._tables(self.sample.form, {"tasks": self._tasks(on, agency)})
        rows = {"tasks": self._tasks(on, agency)}
        for name, changed in (("datasets", dataset_at), ("indicators", indicator_at)):
            told = {one[f"{name[:-1]}_code"]: one for one in self._records(name, agency)}
            records = [changed(record, on) for record in told.values()]
            rows[name] = record_rows(self.sample.form.forms[name], records, self.sample.words)
        sheets = self._tables(self.sample.form, rows)
        if is_province(agency):
            form = self.sample.form.forms["services"]
            sheets[form.sheet] = [header(form), *self._services(on, agency)]
        return sheets

    def _tables(self, template: Template, rows: dict[str, list[DraftRow]]) -> Sheets:
        sheets: Sheets = {}
        for name, drafted in rows.items():
            if drafted or name == "tasks":
                form = template.forms[name]
                names = [column.name for column in form.columns]
                cells = [[row.cells[column] for column in names] for row in drafted]
                sheets[form.sheet] = [header(form), *cells]  # pyright: ignore[reportArgumentType]
        return sheets

    def _records(self, form: str, agency: str | None) -> Sequence[Record]:
        return self.sample.rows.rows(form, _REGISTER, agency)

    def _register(self) -> dict[str, list[DraftRow]]:
        """Every task from the first day on, the procedures of every province, and the rest."""
        rows = {"register_tasks": register_task_rows(self._truth({}), FIRST)}
        for name in ("register_services", "register_datasets", "register_indicators"):
            records = self._records(name, None)
            if name == "register_services":
                central = [one for one in records if not is_province(one["agency_code"])]
                records = [*central, *self._procedures()]
            form = self.sample.register.forms[name]
            rows[name] = record_rows(form, records, self.sample.words)
        return rows

    def _procedures(self) -> Iterator[Record]:
        for agency in filter(is_province, self.agencies):
            for number in range(self.procedures):
                yield {
                    "procedure_code": procedure_code(number),
                    "procedure_name": procedure_name(number),
                    "agency_code": agency,
                    "service_level": LEVELS[number % 3],
                    "is_essential": number % 100 == 0,
                }

    def _truth(self, reports: dict[tuple[str, date, str], TrueReport]) -> Truth:
        return replace(self.sample.truth, tasks=self._assigned, reports=reports)

    @cached_property
    def _assigned(self) -> tuple[TrueTask, ...]:
        """The tasks of the sample, all of them assigned before the first day."""
        before = FIRST - timedelta(10)
        return tuple(
            replace(task, assigned_on=min(task.assigned_on, before))
            for task in self.sample.truth.tasks
        )

    @cached_property
    def _involved(self) -> dict[str, list[TrueTask]]:
        """The tasks of each agency, leading or coordinating."""
        truth, found = self.sample.truth, {agency: [] for agency in self.agencies}
        for task in truth.tasks:
            for agency in truth.expand(task.leads + task.coordinators):
                found[agency].append(task)
        return found

    def _tasks(self, on: date, agency: str) -> list[DraftRow]:
        told = {
            (agency, on, task.task_code): self._report(agency, task, on)
            for task in self._involved[agency]
        }
        rows = task_rows(self._truth(told), agency, on, self.sample.words["status"])
        for row in rows:
            if random.Random(f"fault|{agency}|{on}|{row.record_key}").random() < 0.02:
                row.cells["percent_complete"] = None
        return rows

    def _report(self, agency: str, task: TrueTask, on: date) -> TrueReport:
        """The newest that the sample says by then, taken further: half are done in time."""
        reports, code = self.sample.truth.reports, task.task_code
        known = [reports.get((agency, day, code)) for day in REPORTING_DATES]
        by_then = [one for one, day in zip(known, REPORTING_DATES, strict=True) if day <= on]
        report = next(filter(None, reversed(by_then)), None)
        if report is None:
            first = next(filter(None, known))
            return replace(
                first, status="NOT_STARTED", percent=0.0, started_on=None, completed_on=None,
                evidence=None,
            )  # fmt: skip
        if report.status != "IN_PROGRESS":
            return report
        rng = random.Random(f"course|{agency}|{code}")
        done_on = _REGISTER + timedelta(rng.randrange(20, 600))
        if done_on <= on:
            return replace(
                report, status="DONE", percent=100.0, completed_on=done_on,
                evidence=f"{rng.randrange(1, 900)}/BC-{agency}, {done_on:%d/%m/%Y}",
            )  # fmt: skip
        return replace(report, percent=min(95.0, report.percent + (on - FIRST).days // 30))

    def _services(self, on: date, agency: str) -> Iterator[Sequence[Value]]:
        """The month before the 15th, at first all of the year so far, as the calendar asks."""
        for month in range(1 if on == FIRST else on.month, on.month + 1):
            yield from self._month(period(on.replace(month=month)), agency)

    def _month(self, months: tuple[date, date], agency: str) -> Iterator[Sequence[Value]]:
        """What is pending stays the same, so that months agree."""
        start, end = months
        for number in range(self.procedures):
            rng = random.Random(f"{agency}|{number}|{end}")
            level, received = number % 3, min(int(rng.paretovariate(0.7)), 5_000)
            online = received * (90, 45, 0)[level] // 100
            full = online * 8 // 10 if level == 0 else 0
            late = received // 25
            fault = rng.random()
            told: Value = received if fault > 0.01 else None
            yield (
                *(procedure_code(number), procedure_name(number), WORDS[level], start, end),
                *(told, online, full if fault < 0.98 else online + 3, received, received - late),
                *(late, number % 7, received * 7 // 10, online // 3, received // 4),
            )


WORDS = ("Toàn trình", "Một phần", "Chưa trực tuyến")


def is_province(agency: str) -> bool:
    return agency[0] == "P" and agency[1:].isdigit()


def header(form: Form) -> list[Value]:
    return [column.header for column in form.columns]


def procedure_code(number: int) -> str:
    return f"9.{100_000 + number:06d}"


def procedure_name(number: int) -> str:
    return f"Cấp giấy phép loại {number} (giả định)"


def period(on: date) -> tuple[date, date]:
    """From the 15th of the month before to the 14th."""
    end = on.replace(day=14)
    return (end - timedelta(20)).replace(day=15), end


def dataset_at(record: Record, on: date) -> Record:
    """The sample's dataset, kept up to date."""
    age = random.Random(f"age|{record['dataset_code']}|{on}").randrange(1, 60)
    return {**record, "last_updated_on": on - timedelta(age)}


def indicator_at(record: Record, on: date) -> Record:
    """The sample's indicator as measured on that day."""
    return {**record, "measured_on": on}
