"""Schema `raw`: its tables and their columns, whatever was read.

What belongs here: names and types. What does not: how tables are filled (`warehouse.py`), what a
reading writes (`workbook/record.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.workbook.template import COLUMN_TYPES, Form, Template

Columns = list[tuple[str, str]]
"""Names and DuckDB types, in order."""


def columns(text: str) -> Columns:
    """Columns written as `name` (varchar) or `name:type`."""
    named = [word.partition(":") for word in text.split()]
    return [(name, kind or "varchar") for name, _, kind in named]


RECORDS = {
    "receipts": columns(
        "submission_id agency_code channel file_name sha256 size_bytes:bigint sent_at:timestamp"
        " received_at:timestamp status reason_code detail"
    ),
    "decisions": columns("decided_at:timestamp decided_by kind key answer reason expires_on:date"),
    "row_matches": columns(
        "submission_id form sheet_name row_number:integer record_key basis score:double verdict"
        " decision_key"
    ),
}
"""Tables made of records, one row each: of the archive, and of rows brought together."""

HEADS = {
    "readings": columns(
        "submission_id reading_key status reason_code detail template template_version"
        " claimed_agency_raw claimed_agency_code reporting_date:date period_start:date"
        " period_end:date content_hash is_invented:boolean unmatched_sheets:varchar[]"
    ),
    "reading_forms": columns(
        "submission_id form sheet_name header_row:integer rows_received:bigint"
        " missing_columns:varchar[] unmatched_columns:varchar[] other_sheets:varchar[]"
    ),
    "reading_notes": columns("submission_id note_number:integer form sheet_name code detail"),
    "header_questions": columns(
        "submission_id form sheet_name header_text column_name score:double verdict decision_key"
    ),
}
"""Tables made of what `reading.json` says."""

LISTS = {
    "reading_forms": "forms",
    "reading_notes": "notes",
    "header_questions": "header_questions",
}
"""Of those, the tables with a row for each entry of a list in `reading.json`."""

LOADED = columns("submission_id folder changed_ns:bigint")
"""Which folders of readings are in the warehouse, and as of when."""

ROW_FILES = {
    "source_columns": columns(
        "submission_id form sheet_name column_name column_letter header_text"
    ),
    "structure_rows": columns("submission_id form sheet_name row_number:integer row_class text"),
    "form_rows": columns("submission_id form sheet_name row_number:integer record_key section"),
    "control_totals": columns(
        "submission_id form sheet_name row_number:integer column_name value:double value_raw"
        " first_row:integer last_row:integer earliest_row:integer"
    ),
    "gaps": columns("submission_id form sheet_name row_number:integer column_name state"),
}
"""Tables made of Parquet files that every reading may have, whatever its template."""


def raw_columns(form: Form) -> Columns:
    """The columns of the raw table of a form: address, then each value with what is known of it."""
    found = columns("submission_id sheet_name row_number:integer record_key")
    for column in form.columns:
        name = column.name
        kind, parts = COLUMN_TYPES[column.type]
        found.append((name, kind))
        found += [(f"{name}_{part}", of_part) for part, of_part in parts.items()]
        found += [(f"{name}_{part}", "varchar") for part in ("raw", "state", "problem", "repair")]
    return found


def raw_tables(templates: Sequence[Template]) -> dict[str, Columns]:
    """Raw tables by name; two templates that feed one table both add their columns to it."""
    tables: dict[str, dict[str, str]] = {}
    for template in templates:
        for name, form in template.forms.items():
            if form.layout == "table":
                known = tables.setdefault(form.raw_table or name, {})
                for column, kind in raw_columns(form):
                    if known.setdefault(column, kind) != kind:
                        raise ValueError(f"{template.template}: {name}.{column} is no {kind}")
    return {table: list(known.items()) for table, known in tables.items()}
