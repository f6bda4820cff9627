"""A workbook before it is written: plain values that traps can distort.

What belongs here: the in-memory shape and its clean filling from the truth. What does not: any
distortion (`deform.py` and the traps), any file (`write.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from pipelines.sample.records import TrueReport, TrueTask, Truth
from pipelines.workbook.forms import deadline_text
from pipelines.workbook.template import Template

INVENTED = "DỮ LIỆU GIẢ ĐỊNH · INVENTED DATA"


@dataclass(frozen=True)
class ErrorCell:
    """A cell in which a formula failed, such as `#N/A`."""

    text: str


Written = str | int | float | date | ErrorCell | None


@dataclass
class DraftRow:
    """A line below the header; `task_code` says which task it tells of (None: structure)."""

    cells: dict[str, Written]
    task_code: str | None = None


@dataclass
class Draft:
    """A workbook with a cover and one table; cells by canonical column name."""

    cover: list[tuple[str, Written]]
    sheet: str
    columns: list[str]
    headers: dict[str, str]
    widths: dict[str, int]
    rows: list[DraftRow]
    agency_name: str = ""
    before: list[str] = field(default_factory=list)
    """Lines above the header, one cell each."""
    above: dict[str, str] = field(default_factory=dict)
    """Columns that share a merged cell above their headers, with its text (the same for all)."""
    hidden: dict[str, list[str]] = field(default_factory=dict)
    """Hidden sheets by name, one cell per line."""


@dataclass(frozen=True)
class Deformation:
    """One distortion: `is_certain` when what it means is still beyond doubt."""

    trap: str
    name: str
    sheet: str
    column: str | None
    task_code: str | None
    written: str
    is_certain: bool


def agency_draft(
    truth: Truth, template: Template, labels: Mapping[str, str], agency: str, on: date
) -> Draft:
    """What a careful agency would send."""
    cover: dict[str, Written] = {
        "agency_code": agency,
        "reporting_date": on,
        "period_start": date(on.year, on.month - 1, 15),
        "period_end": date(on.year, on.month, 14),
        "template_version": template.version,
        "prepared_by": f"Phạm Văn {agency}",
        "phone": "0900 000 000",
    }
    draft = _draft(template, "tasks", cover)
    draft.agency_name = truth.names[agency]
    for task, report in truth.rows(agency, on):
        cells = _task_cells(truth, task, on) | _report_cells(report, labels)
        draft.rows.append(DraftRow(cells, task.task_code))
    return draft


def register_draft(truth: Truth, template: Template, on: date) -> Draft:
    """The register of a date as a careful committee would write it."""
    cover: dict[str, Written] = {
        "agency_code": "BCD",
        "reporting_date": on,
        "template_version": template.version,
    }
    draft = _draft(template, "register_tasks", cover)
    for task in truth.register(on):
        cells = _task_cells(truth, task, on)
        cells |= {"programme_code": task.programme_code, "legal_basis": task.legal_basis}
        draft.rows.append(DraftRow(cells, task.task_code))
    return draft


def _draft(template: Template, form_name: str, cover: Mapping[str, Written]) -> Draft:
    form, front = template.forms[form_name], template.forms["cover"]
    return Draft(
        cover=[(column.header, cover[column.name]) for column in front.columns],
        sheet=form.sheet,
        columns=[column.name for column in form.columns],
        headers={column.name: column.header for column in form.columns},
        widths={column.name: column.width for column in form.columns},
        rows=[],
    )


def _task_cells(truth: Truth, task: TrueTask, on: date) -> dict[str, Written]:
    due = task.deadline_at(on)
    return {
        "task_code": task.task_code,
        "title": task.title,
        "lead_agency": "; ".join(truth.names[code] for code in task.leads),
        "coordinating_agencies": "; ".join(truth.names[c] for c in task.coordinators) or None,
        "assigned_on": task.assigned_on,
        "deadline": deadline_text(due.on, due.precision, due.kind),
        "deliverable": task.deliverable,
    }


def _report_cells(report: TrueReport, labels: Mapping[str, str]) -> dict[str, Written]:
    return {
        "status": labels[report.status],
        "percent_complete": int(report.percent),
        "started_on": report.started_on,
        "completed_on": report.completed_on,
        "evidence": report.evidence,
        "responsible_person": report.responsible_person,
        "obstacles": report.obstacles,
        "proposal": report.proposal,
    }
