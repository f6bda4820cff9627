"""The answer of `nq57 check`: what the temporary warehouse says of one file.

What belongs here: questions to a warehouse that a check has built, and the record of the answers.
What does not: how it was built (`check.py`), how it is shown (`report/checked.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pipelines.check_rules import Selection
from pipelines.intake.archive import Receipt
from pipelines.quality.register import Rule
from pipelines.settings import Settings
from pipelines.warehouse import connect
from pipelines.workbook.template import load_templates

SENT = """
    select status, reason_code, detail, reporting_date, unmatched_sheets, template
    from raw.readings where submission_id = $1"""
FORMS = """
    select form, sheet_name, header_row, rows_received, missing_columns
    from raw.reading_forms where submission_id = $1 order by rowid"""
NOTES = """
    select form, sheet_name, code, detail
    from raw.reading_notes where submission_id = $1 order by note_number"""
HAS_REGISTER = """
    select count(*) > 0 from raw.reading_forms where form like 'register\\_%' escape '\\'"""
EARLIER_FORMS = """
    select distinct forms.form
    from raw.reading_forms as forms
    inner join raw.readings as readings using (submission_id)
    inner join raw.receipts as receipts using (submission_id)
    inner join raw.readings as this on this.submission_id = $1
    inner join raw.receipts as sent on sent.submission_id = $1
    where receipts.agency_code = sent.agency_code
        and readings.reporting_date < this.reporting_date"""
SAME_CONTENT = """
    select readings.submission_id
    from raw.readings as readings
    inner join raw.receipts as receipts using (submission_id)
    inner join raw.readings as this on this.submission_id = $1
    inner join raw.receipts as sent on sent.submission_id = $1
    where readings.submission_id <> $1 and readings.content_hash = this.content_hash
        and receipts.agency_code = sent.agency_code"""
STANDING = """
    select form, reason_code from intermediate.int_submissions
    where submission_id = $1 and status <> 'ACCEPTED' order by form"""
# Without a register no row is expected, and what fails in it is no finding of a run.
FOUND = {
    True: """
    select * from quality.findings where submission_id = $1 and state = 'OPEN'""",
    False: """
    select failing.*, columns.column_letter || failing.row_number as cell
    from measured.failing_rows as failing
    left join quality.source_columns as columns
        using (submission_id, form, sheet_name, column_name)
    where submission_id = $1
        and coalesce(as_of_date, (select as_of_date from raw.run))
            = (select as_of_date from raw.run)""",
}
FINDINGS = """
    select found.rule_id, found.form, coalesce(found.sheet_name, forms.sheet_name),
        found.row_number, found.cell, columns.header_text, found.record_key, found.value_found,
        found.value_expected, found.related_cells
    from ({found}) as found
    inner join raw.reading_forms as forms using (submission_id, form)
    left join raw.source_columns as columns
        on found.submission_id = columns.submission_id and found.form = columns.form
            and found.sheet_name = columns.sheet_name and found.column_name = columns.column_name
    order by forms.rowid, found.row_number nulls first, length(found.cell), found.cell,
        found.rule_id, found.record_key"""
NOT_IN_FILE = """
    select expected.form
    from intermediate.int_expected_submissions as expected
    inner join raw.receipts as sent on sent.submission_id = $1
    inner join raw.readings as this on this.submission_id = $1
    where expected.agency_code = sent.agency_code
        and expected.reporting_date = this.reporting_date
        and expected.form not in (
            select form from raw.reading_forms where submission_id = $1 and rows_received > 0
        )
    order by expected.form"""
REPAIRS = """
    select replace(column_repair, '_repair', ''), repair, count(*), min(row_number)
    from (
        unpivot (
            select row_number, columns('_repair$') from raw.{table} where submission_id = $1
        ) on columns('_repair$') into name column_repair value repair
    )
    group by all order by all"""


@dataclass(frozen=True)
class Finding:
    """What a rule objects to, at its cell; a row that is not there has none."""

    rule: Rule
    form: str
    sheet_name: str
    row_number: int | None
    cell: str | None
    header_text: str | None
    record_key: str | None
    value_found: str | None
    value_expected: str | None
    related_cells: str | None


@dataclass(frozen=True)
class FormFound:
    """A table that was read."""

    form: str
    sheet_name: str
    header_row: int
    rows: int
    missing_columns: tuple[str, ...]
    """Columns of the form that no header names, as the form calls them."""


@dataclass(frozen=True)
class Note:
    """What the receipt says of the reading, by a code of the seed `reading_notes`."""

    form: str | None
    sheet_name: str | None
    code: str
    detail: str


@dataclass(frozen=True)
class Repair:
    """How many cells of a column were read by the same repair."""

    form: str
    header: str
    repair: str
    cells: int
    first_row: int


@dataclass(frozen=True)
class Question:
    """A header or a row that only a person can place; its values do not count until then."""

    form: str
    text: str


@dataclass(frozen=True)
class Checked:
    """All that is to say of a file."""

    file_name: str
    agency_code: str | None
    refusal: tuple[str, str | None] | None = None
    """The code of the reason and its detail: then nothing else is known."""
    reporting_date: date | None = None
    tables: tuple[FormFound, ...] = ()
    unmatched_sheets: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    repairs: tuple[Repair, ...] = ()
    has_register: bool = False
    held: tuple[tuple[str, str], ...] = ()
    """Forms that would wait for the committee, each with the code of the reason."""
    not_in_file: tuple[str, ...] = ()
    """Forms that are due from the agency on the reporting date."""
    questions: tuple[Question, ...] = ()
    findings: tuple[Finding, ...] = ()
    selection: Selection = field(default_factory=lambda: Selection((), {}))

    @property
    def forms(self) -> frozenset[str]:
        """Forms of which there is a row."""
        return frozenset(table.form for table in self.tables if table.rows)

    @property
    def faults(self) -> int:
        """How many things are left to mend."""
        return sum(map(len, (self.held, self.findings, self.questions))) + bool(self.refusal)

    @property
    def is_clean(self) -> bool:
        """Whether nothing is left to mend."""
        return self.faults == 0


def ask(
    settings: Settings,
    receipt: Receipt,
    selection: Selection | None = None,
    held: tuple[tuple[str, str], ...] = (),
) -> Checked:
    """What the warehouse says of a file: of its reading, and once rules have run, of findings."""
    with closing(connect(settings.warehouse, read_only=True)) as connection:
        [head] = _rows(connection, SENT, receipt)
        status, reason, detail, reporting_date, unmatched_sheets, template = head
        if status != "READ":
            return Checked(receipt.file_name, receipt.agency_code, refusal=(reason, detail))
        headers = _headers(settings, template)
        tables = _tables(connection, receipt, headers)
        return Checked(
            file_name=receipt.file_name,
            agency_code=receipt.agency_code,
            reporting_date=reporting_date,
            tables=tables,
            unmatched_sheets=tuple(unmatched_sheets or ()),
            notes=tuple(Note(*row) for row in _rows(connection, NOTES, receipt)),
            repairs=_repairs(connection, receipt, tables, headers),
            has_register=_rows(connection, HAS_REGISTER)[0][0],
            held=held,
            **(_judgement(connection, receipt, selection) if selection else {}),
        )


def same_content(warehouse: Path, submission: str) -> list[str]:
    """Earlier submissions of the agency whose cells say the same as those of the file."""
    return _column(warehouse, SAME_CONTENT, submission)


def earlier_forms(warehouse: Path, submission: str) -> frozenset[str]:
    """Forms of which the agency sent an earlier report that is at hand."""
    return frozenset(_column(warehouse, EARLIER_FORMS, submission))


def standing(warehouse: Path, submission: str) -> tuple[tuple[str, str], ...]:
    """Forms of the file that a run would not take, each with its reason."""
    with closing(connect(warehouse, read_only=True)) as connection:
        return tuple(connection.execute(STANDING, [submission]).fetchall())


def _judgement(
    connection: duckdb.DuckDBPyConnection, receipt: Receipt, selection: Selection
) -> dict[str, Any]:
    rules = {rule.rule_id: rule for rule in selection.rules}
    has_register = _rows(connection, HAS_REGISTER)[0][0]
    found = _rows(connection, FINDINGS.format(found=FOUND[has_register]), receipt)
    return {
        "selection": selection,
        "findings": tuple(Finding(rules[rule_id], *rest) for rule_id, *rest in found),
        "not_in_file": tuple(form for (form,) in _rows(connection, NOT_IN_FILE, receipt)),
    }


def _headers(settings: Settings, template: str) -> dict[tuple[str, str], tuple[str, str]]:
    """By form and column: the table of schema `raw`, and what the form calls the column."""
    return {
        (name, column.name): (form.raw_table or name, column.header)
        for one in load_templates(settings.templates)
        if one.template == template
        for name, form in one.forms.items()
        for column in form.columns
    }


def _tables(
    connection: duckdb.DuckDBPyConnection,
    receipt: Receipt,
    headers: dict[tuple[str, str], tuple[str, str]],
) -> tuple[FormFound, ...]:
    return tuple(
        FormFound(form, sheet, row, rows, tuple(headers[form, name][1] for name in missing or ()))
        for form, sheet, row, rows, missing in _rows(connection, FORMS, receipt)
    )


def _repairs(
    connection: duckdb.DuckDBPyConnection,
    receipt: Receipt,
    tables: Sequence[FormFound],
    headers: dict[tuple[str, str], tuple[str, str]],
) -> tuple[Repair, ...]:
    homes = {form: table for (form, _), (table, _) in headers.items()}
    return tuple(
        Repair(table.form, headers[table.form, column][1], repair, cells, first)
        for table in tables
        for column, repair, cells, first in _rows(
            connection, REPAIRS.format(table=homes[table.form]), receipt
        )
    )


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, receipt: Receipt | None = None
) -> list[Any]:
    return connection.execute(query, [receipt.submission_id] if receipt else []).fetchall()


def _column(warehouse: Path, query: str, submission: str) -> list[str]:
    with closing(connect(warehouse, read_only=True)) as connection:
        return [value for (value,) in connection.execute(query, [submission]).fetchall()]
