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

from pipelines.checking.check_rules import Selection
from pipelines.checking.checked_queries import (
    EARLIER_FORMS,
    FINDINGS,
    FORMS,
    FOUND,
    HAS_REGISTER,
    NOT_IN_FILE,
    NOTES,
    QUESTIONS,
    REPAIRS,
    SAME_CONTENT,
    SENT,
    STANDING,
)
from pipelines.intake.archive import Receipt
from pipelines.quality.register import Rule
from pipelines.settings import Settings
from pipelines.warehouse import connect
from pipelines.workbook.layout.notes import Note
from pipelines.workbook.template import load_templates


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

    kind: str
    """`header` or `row`."""
    form: str
    what: str
    """The text of the header, or the number of the row."""
    guess: str
    """The column or the record that it may be."""


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
            questions=tuple(
                Question(kind, form, what, headers.get((form, guess), ("", guess))[1])
                for kind, form, what, guess in _rows(connection, QUESTIONS, receipt)
            ),
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
