"""The files of a quarter, brought day by day: workbooks into the inbox, decisions on record.

What belongs here: turning events into what a data root receives. What does not: the events
(`events.py`), and the shape of a workbook, which is the sample's (`pipelines/sample`).
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from pipelines.intake import archive
from pipelines.intake.archive import Decision
from pipelines.sample.draft import (
    Draft,
    DraftRow,
    Written,
    draft_table,
    record_rows,
    register_task_rows,
    task_rows,
)
from pipelines.sample.records import Truth
from pipelines.sample.render import to_workbook
from pipelines.settings import Settings
from pipelines.workbook.forms import form_words, save
from pipelines.workbook.template import Template, load_template
from quarter.events import REGISTERS, Decided, Event, Quarter, Register, Sent, period


class Post:
    """Brings what happens to a data root, in the order in which it happens."""

    def __init__(self, quarter: Quarter, settings: Settings) -> None:
        self.quarter, self.settings = quarter, settings
        folder = settings.project_root / "pipelines" / "templates"
        self.form = load_template(folder / "nq57-01.yml")
        self.register = load_template(folder / "register-01.yml")
        self.words = form_words(self.form, settings.seeds)
        self.words |= form_words(self.register, settings.seeds)
        self.submissions: dict[Sent | Register, str] = {}
        """The identity of each workbook that was brought."""
        self._left = list(quarter.events)
        self._write_channels()

    def bring(self, until: datetime) -> None:
        """Everything that happens until an instant and was not brought before."""
        while self._left and self._left[0].at <= until:
            self._bring(self._left.pop(0))

    def _write_channels(self) -> None:
        agencies = (code for code in self.quarter.names if code not in self.quarter.members)
        lines = [
            f"- {{agency_code: {code}, url: inbox/{code}, trust_sent_at: true}}\n"
            for code in (REGISTERS, *agencies)
        ]
        self.settings.data_root.mkdir(parents=True, exist_ok=True)
        self.settings.channels.write_text("".join(lines), encoding="utf-8")

    def _bring(self, event: Event) -> None:
        if isinstance(event, Decided):
            key = self.submissions[event.about]
            decision = Decision(event.at, "Ban Chỉ đạo", event.kind, key, event.answer, "giả định")
            archive.append_decision(self.settings.archive, decision)
            return
        target = self.settings.inbox / event.path
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = self._register(event) if isinstance(event, Register) else self._report(event)
        save(to_workbook(draft), target, int(event.at.timestamp()) * 1_000_000_000)
        agency = REGISTERS if isinstance(event, Register) else event.agency
        sha256 = hashlib.sha256(target.read_bytes()).hexdigest()
        self.submissions[event] = archive.submission_id(agency, sha256)

    def _report(self, sent: Sent) -> Draft:
        reports = {(sent.agency, sent.on, task.task_code): report for task, report in sent.tasks}
        truth = self._truth(tuple(task for task, _ in sent.tasks), reports)
        rows = {
            "tasks": task_rows(truth, sent.agency, sent.on, self.words["status"]),
            "services": record_rows(self.form.forms["services"], sent.services, self.words),
        }
        return self._draft(self.form, sent.claims, sent.on, rows)

    def _register(self, register: Register) -> Draft:
        form = self.register.forms["register_services"]
        rows = {
            "register_tasks": register_task_rows(self._truth(register.tasks, {}), register.on),
            "register_services": record_rows(form, register.services, self.words),
        }
        return self._draft(self.register, REGISTERS, register.on, rows)

    def _truth(self, tasks: tuple, reports: dict) -> Truth:
        names, members = self.quarter.names, self.quarter.members
        return Truth(names, members, tasks, reports, frozenset(), frozenset())

    def _draft(
        self, template: Template, agency: str, on: date, rows: dict[str, list[DraftRow]]
    ) -> Draft:
        start, end = period(on)
        answers: dict[str, Written] = {
            "agency_code": agency,
            "reporting_date": on,
            "period_start": start,
            "period_end": end,
            "template_version": template.version,
            "prepared_by": f"Phạm Văn {agency}",
            "phone": "0900 000 000",
        }
        cover = [
            (column.header, answers[column.name]) for column in template.forms["cover"].columns
        ]
        tables = [draft_table(name, template.forms[name], own) for name, own in rows.items() if own]
        return Draft(cover, tables)
