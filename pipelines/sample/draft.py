"""A workbook before it is written: plain values that traps can distort.

What belongs here: the in-memory shape and its clean filling from the truth. What does not: any
distortion (`deform.py` and the traps), any file (`write.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from pipelines.sample.records import TrueReport, TrueTask, Truth
from pipelines.sample.row_truth import Record
from pipelines.workbook.forms import deadline_text
from pipelines.workbook.looks import Words
from pipelines.workbook.template import Column, Form, Template

INVENTED = "DỮ LIỆU GIẢ ĐỊNH · INVENTED DATA"


@dataclass(frozen=True)
class ErrorCell:
    """A cell in which a formula failed, such as `#N/A`."""

    text: str


Written = str | int | float | date | ErrorCell | None


@dataclass
class DraftRow:
    """A line below the header; `record_key` says what it tells of (None: structure)."""

    cells: dict[str, Written]
    record_key: str | None = None


@dataclass
class DraftTable:
    """The sheet of one form; cells by canonical column name."""

    form: str
    sheet: str
    columns: list[str]
    headers: dict[str, str]
    widths: dict[str, int]
    rows: list[DraftRow]
    sums: dict[str, int]
    """True totals of the columns that a total row would add up."""
    before: list[str] = field(default_factory=list)
    """Lines above the header, one cell each."""
    above: dict[str, str] = field(default_factory=dict)
    """Columns that share a merged cell above their headers, with its text (the same for all)."""


@dataclass
class Draft:
    """A workbook with a cover and the tables of some forms."""

    cover: list[tuple[str, Written]]
    tables: list[DraftTable]
    agency_name: str = ""
    hidden: dict[str, list[str]] = field(default_factory=dict)
    """Hidden sheets by name, one cell per line."""


@dataclass(frozen=True)
class Deformation:
    """One distortion: `is_certain` when what it means is still beyond doubt."""

    trap: str
    name: str
    form: str
    sheet: str
    column: str | None
    record_key: str | None
    written: str
    is_certain: bool


def draft_cover(template: Template, agency: str, on: date) -> list[tuple[str, Written]]:
    """Who reports, for which day: the first sheet of every workbook."""
    answers: dict[str, Written] = {
        "agency_code": agency,
        "reporting_date": on,
        "period_start": date(on.year, on.month - 1, 15),
        "period_end": date(on.year, on.month, 14),
        "template_version": template.version,
        "prepared_by": f"Phạm Văn {agency}",
        "phone": "0900 000 000",
    }
    return [(column.header, answers[column.name]) for column in template.forms["cover"].columns]


def draft_table(name: str, form: Form, rows: list[DraftRow]) -> DraftTable:
    """The sheet of a form as its template describes it."""
    counts = [c.name for c in form.columns if c.type == "count" and not c.is_register]
    return DraftTable(
        form=name,
        sheet=form.sheet,
        columns=[column.name for column in form.columns],
        headers={column.name: column.header for column in form.columns},
        widths={column.name: column.width for column in form.columns},
        rows=rows,
        sums={count: _sum(row.cells[count] for row in rows) for count in counts},
    )


def record_rows(form: Form, records: Iterable[Record], words: Words) -> list[DraftRow]:
    """What a careful sender would write of the rows of a form."""
    return [
        DraftRow(
            {column.name: _written(column, record, words) for column in form.columns},
            record_key(form, record),
        )
        for record in records
    ]


def record_key(form: Form, record: Record) -> str:
    """The key of a row as the raw tables have it."""
    return "/".join(str(record[name]) for name in form.key)


def task_rows(truth: Truth, agency: str, on: date, statuses: Mapping[str, str]) -> list[DraftRow]:
    """What a careful agency would say of its tasks."""
    return [
        DraftRow(_task_cells(truth, task, on) | _report_cells(report, statuses), task.task_code)
        for task, report in truth.rows(agency, on)
    ]


def register_task_rows(truth: Truth, on: date) -> list[DraftRow]:
    """The tasks of a date as a careful committee would write them."""
    rows = []
    for task in truth.register(on):
        cells = _task_cells(truth, task, on)
        cells |= {"programme_code": task.programme_code, "legal_basis": task.legal_basis}
        rows.append(DraftRow(cells, task.task_code))
    return rows


def _written(column: Column, record: Record, words: Words) -> Written:
    """A value of the truth as a cell: codes by their word, whole numbers without decimals."""
    name, value = column.name, record[column.name]
    if value is None:
        return None
    if column.word_list:
        code = str(value).lower() if isinstance(value, bool) else value
        return words[column.word_list][code]
    if column.type == "unit":
        return record[f"{name}_raw"]
    if column.type == "quantity" and record[f"{name}_operator"] != "=":
        return f"{record[f'{name}_operator']} {number_text(value)}"
    return int(value) if isinstance(value, float) and value.is_integer() else value


def number_text(number: float) -> str:
    """A number as people write it: a decimal comma, no marks between thousands."""
    return str(int(number)) if float(number).is_integer() else repr(number).replace(".", ",")


def _sum(values: Iterable[Written]) -> int:
    return sum(value for value in values if isinstance(value, int))


def _task_cells(truth: Truth, task: TrueTask, on: date) -> dict[str, Written]:
    due = task.deadline_at(on)
    return {
        "task_code": task.task_code,
        "title": task.title,
        "lead_agency": _names(truth, task.leads),
        "coordinating_agencies": _names(truth, task.coordinators) or None,
        "assigned_on": task.assigned_on,
        "deadline": deadline_text(due.on, due.precision, due.kind),
        "deliverable": task.deliverable,
    }


def _names(truth: Truth, codes: Sequence[str]) -> str:
    return "; ".join(truth.names[code] for code in codes)


def _report_cells(report: TrueReport, statuses: Mapping[str, str]) -> dict[str, Written]:
    return {
        "status": statuses[report.status],
        "percent_complete": int(report.percent),
        "started_on": report.started_on,
        "completed_on": report.completed_on,
        "evidence": report.evidence,
        "responsible_person": report.responsible_person,
        "obstacles": report.obstacles,
        "proposal": report.proposal,
    }
