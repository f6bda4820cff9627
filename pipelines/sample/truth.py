"""Make up the clean truth: 749 tasks of 56 agencies whose figures agree with the published ones.

Deterministic: no clock, no hash of strings, one seed. What belongs here: putting who (`cast.py`),
when (`courses.py`) and wording (`titles.py`) together. What does not: workbooks.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from datetime import date
from itertools import count
from pathlib import Path

from pipelines.sample import cast, courses, titles
from pipelines.sample.cast import Cast
from pipelines.sample.courses import Course, Outcome, Timeline
from pipelines.sample.records import REPORTING_DATES, TrueReport, TrueTask, Truth
from pipelines.settings import PROJECT_ROOT

_SEED = 57
_NQ71_TASKS = 330  # DOMAIN: tasks of Resolution 71 counted on 2025-08-28; the other 349 are KL.
_NOT_SENT = frozenset((agency, REPORTING_DATES[-1]) for agency in ("VOV", "P12", "P86"))
_SENT_LATE = frozenset(
    {
        *((agency, REPORTING_DATES[-1]) for agency in ("VHLKHXH", "P91")),
        ("P14", date(2025, 10, 25)),
    }
)

_Planned = tuple[str, Cast, Timeline]


def make_truth(seeds: Path = PROJECT_ROOT / "dbt_project" / "seeds") -> Truth:
    """The invented world, always the same for the same agencies and groups."""
    rng = random.Random(_SEED)
    names, members = _agencies(seeds)
    planned = [
        *_plan(rng, cast.programme_casts(rng, members), courses.PROGRAMME_OUTCOMES, members),
        *_plan(rng, cast.plan_casts(rng, members), courses.PLAN_OUTCOMES, members, "KH02"),
    ]
    tasks: list[TrueTask] = []
    reports: dict[tuple[str, date, str], TrueReport] = {}
    wording = titles.titles(rng)
    numbers = {programme: count(1) for programme in ("NQ71", "KL", "KH02")}
    order = list(numbers)
    for programme, who, when in sorted(
        planned, key=lambda plan: (order.index(plan[0]), plan[2].assigned_on)
    ):
        title, deliverable = next(wording)
        task = TrueTask(
            task_code=f"{programme}-{next(numbers[programme]):03d}",
            programme_code=programme,
            title=title,
            leads=who.leads,
            coordinators=who.coordinators,
            assigned_on=when.assigned_on,
            deadline=when.deadline,
            deliverable=deliverable,
            legal_basis=titles.legal_basis(rng, programme),
            extended=when.extended,
        )
        tasks.append(task)
        for agency, course in _courses(rng, who, when, members).items():
            reports |= _reports(task, when, agency, course)
    return Truth(names, members, tuple(tasks), reports, _NOT_SENT, _SENT_LATE)


def _agencies(seeds: Path) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Names of the agencies that report and of the groups, and the members of the groups."""
    rows = _in_force(seeds / "agencies.csv")
    members = _in_force(seeds / "agency_group_members.csv")
    pairs = [(row["group_code"], row["member_code"]) for row in members]
    groups = {group: tuple(m for g, m in pairs if g == group) for group, _ in pairs}
    names = {
        row["agency_code"]: row["name_vi"]
        for row in rows
        if row["peer_group"] or row["agency_code"] in groups
    }
    return names, groups


def _in_force(seed: Path) -> list[dict[str, str]]:
    """The rows of a seed that hold on every day of the sample."""
    first, last = str(REPORTING_DATES[0]), str(REPORTING_DATES[-1])
    with seed.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        row
        for row in rows
        if row["valid_from"] <= first and (not row["valid_to"] or row["valid_to"] >= last)
    ]


def _plan(
    rng: random.Random,
    casts: Sequence[Cast],
    outcomes: Sequence[Outcome],
    members: dict[str, tuple[str, ...]],
    programme: str | None = None,
) -> list[_Planned]:
    """Give every cast an outcome: who does not send at the end cannot finish at the end."""
    silent = {agency for agency, _ in _NOT_SENT}
    ordered = sorted(casts, key=lambda who: not silent.isdisjoint(_expand(who.leads, members)))
    drawn = [(o, number == 0) for o in outcomes for number in range(o.count)]
    ending = [pair for pair in drawn if pair[0].stage in courses.ENDS_AFTER_SECOND]
    other = [pair for pair in drawn if pair[0].stage not in courses.ENDS_AFTER_SECOND]
    rng.shuffle(other)
    planned: list[_Planned] = []
    for number, (who, (outcome, is_edge)) in enumerate(zip(ordered, ending + other, strict=True)):
        code = programme or ("NQ71" if (number * _NQ71_TASKS) % 679 < _NQ71_TASKS else "KL")
        planned.append((code, who, courses.timeline(rng, code, outcome, is_edge)))
    return planned


def _expand(codes: Sequence[str], members: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    agencies = (agency for code in codes for agency in members.get(code, (code,)))
    return tuple(dict.fromkeys(agencies))


def _courses(
    rng: random.Random, who: Cast, when: Timeline, members: dict[str, tuple[str, ...]]
) -> dict[str, Course]:
    """The work of every agency in the task."""
    leads = _expand(who.leads, members)
    last = rng.choice(leads)
    found = {agency: courses.lead_course(rng, when, agency == last) for agency in leads}
    for agency in _expand(who.coordinators, members):
        if agency not in found:
            found[agency] = courses.coordinator_course(rng, when)
    return found


def _reports(
    task: TrueTask, when: Timeline, agency: str, course: Course
) -> dict[tuple[str, date, str], TrueReport]:
    """What the agency says of the task at each date at which it sends."""
    return {
        (agency, on, task.task_code): _report(task, when, agency, course, on)
        for on in REPORTING_DATES
        if task.assigned_on <= on and (agency, on) not in _NOT_SENT
    }


def _report(task: TrueTask, when: Timeline, agency: str, course: Course, on: date) -> TrueReport:
    """The agency's row; its wording does not depend on the other rows."""
    rng = random.Random(f"{_SEED}|{task.task_code}|{agency}")
    person, obstacle, wish = titles.person(rng), titles.obstacle(rng), titles.proposal(rng)
    first_percent, step = rng.randrange(10, 45, 5), rng.randrange(5, 30, 5)
    is_done = course.completed_on is not None and course.completed_on <= on
    is_started = course.started_on is not None and course.started_on <= on
    due = task.deadline_at(on).on
    is_late = not is_done and due is not None and due < on
    paper = titles.evidence(rng, agency, course.completed_on) if course.completed_on else None
    percent = 100 if is_done else first_percent + step * REPORTING_DATES.index(on)
    return TrueReport(
        status=_status(when.stage, is_done, is_started),
        percent=float(percent if is_started else 0),
        started_on=course.started_on if is_started else None,
        completed_on=course.completed_on if is_done else None,
        evidence=paper if is_done else None,
        responsible_person=person,
        obstacles=obstacle if is_late or (not is_done and rng.random() < 0.1) else None,
        proposal=wish if is_late and rng.random() < 0.5 else None,
    )


def _status(stage: str, is_done: bool, is_started: bool) -> str:
    if is_done:
        return "DONE"
    if not is_started:
        return "NOT_STARTED"
    if stage in ("regular", "annual"):
        return "REGULAR"
    return "SUSPENDED" if stage == "suspended" else "IN_PROGRESS"
