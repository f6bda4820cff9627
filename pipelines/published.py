"""Questions of the terminal to the newest release: what waits for a person, an agency's blank form.

What belongs here: opening what is published, and commands that need only that. What does not: how
it is made (`release.py`, `publication.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from pipelines.intake.archive import Decision, append_decision, read_decisions, read_receipts
from pipelines.publication import DATABASE
from pipelines.settings import Settings
from pipelines.workbook.forms import blank_form, deadline_text, labels
from pipelines.workbook.template import load_templates

FORM = "nq57-01"
TASKS = """
    select
        tasks.task_code, tasks.title, tasks.lead_agencies as lead_agency,
        tasks.coordinating_agencies, tasks.assigned_on, tasks.deadline,
        tasks.deadline_precision, tasks.deadline_kind
    from marts.dim_tasks as tasks
    where tasks.withdrawn_on is null and tasks.task_code in (
        select task_code from marts.bridge_task_agencies
        where agency_code = $1 and valid_to is null)
    order by tasks.task_code"""
HELD = """
    select submission_id, agency_code, file_name, reporting_date, reason_vi, reason_en, detail
    from marts.fct_submissions
    where status = 'HELD'
    group by all order by min(received_at), submission_id"""


class NothingPublished(Exception):
    """There is no release yet to ask."""


class UnknownName(Exception):
    """No such agency, file or release; the sentence says which names there are."""


@dataclass(frozen=True)
class Held:
    """A file that waits for a person's answer."""

    submission_id: str
    agency_code: str
    file_name: str
    reporting_date: date | None
    reason_vi: str
    reason_en: str
    detail: str | None
    answer: str | None
    """Given since the release was made; counts from the next run on."""


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Open the newest release for reading. Raises NothingPublished."""
    database = settings.published / DATABASE
    if not database.exists():
        raise NothingPublished(f"Nothing is published in {settings.data_root} yet: nq57 run")
    return duckdb.connect(str(database), read_only=True)


def held(settings: Settings) -> tuple[Held, ...]:
    """Files that the newest release holds back, oldest first."""
    answers = {decision.key: decision.answer for decision in read_decisions(settings.archive)}
    with connect(settings) as connection:
        waiting = connection.execute(HELD).fetchall()
    return tuple(Held(*row, answer=answers.get(row[0])) for row in waiting)


def answer(settings: Settings, decision: Decision) -> None:
    """Record a person's answer for a file. Raises UnknownName when it was never received."""
    known = {receipt.submission_id for receipt in read_receipts(settings.archive)}
    if decision.key not in known:
        raise UnknownName(f"No file with the submission id {decision.key}: nq57 decide lists them")
    append_decision(settings.archive, decision)


def held_submission(key: str, given: str, by: str, reason: str, now: datetime) -> Decision:
    """The answer to a held file, as it is kept."""
    return Decision(now.replace(microsecond=0), by, "held_submission", key, given, reason)


def write_blank(settings: Settings, agency_code: str, path: Path) -> int:
    """Write an agency's form with its tasks; gives their number. Raises UnknownName."""
    template = next(t for t in load_templates(settings.templates) if t.template == FORM)
    with connect(settings) as connection:
        known = connection.execute(
            "select agency_code from marts.dim_agencies where peer_group is not null"
        ).fetchall()
        if (agency_code,) not in known:
            codes = ", ".join(sorted({code for (code,) in known}))
            raise UnknownName(f"No reporting agency has the code {agency_code}. Codes: {codes}")
        cursor = connection.execute(TASKS, [agency_code])
        names = [column[0] for column in cursor.description or ()]
        tasks = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for task in tasks:
        precision, kind = task.pop("deadline_precision"), task.pop("deadline_kind")
        task["deadline"] = deadline_text(task["deadline"], precision, kind)
    blank_form(template, path, agency_code, tasks, tuple(labels(settings.seeds, "status").values()))
    return len(tasks)
