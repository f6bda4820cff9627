"""Tables that rules are judged on, made by hand, and registers of a few rules."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipelines.quality.register import Rule, load_rules, load_suites
from pipelines.raw_schema import raw_columns
from pipelines.settings import PROJECT_ROOT
from pipelines.warehouse import connect
from pipelines.workbook.template import load_templates

EXPECTATIONS = PROJECT_ROOT / "expectations"
RULES = load_rules(EXPECTATIONS)
FORMS = {
    name: form
    for template in load_templates((PROJECT_ROOT / "pipelines" / "templates",))
    for name, form in template.forms.items()
}

SENT = "agency_code varchar, reporting_date date, valid_from date, valid_to date"
PLACE = "form varchar, submission_id varchar, sheet_name varchar, row_number integer,"
RAW = {"reading_forms", "control_totals", "loaded_readings"}
TABLES = {
    "reading_forms": "submission_id varchar, form varchar, sheet_name varchar,"
    " other_sheets varchar[]",
    "control_totals": "submission_id varchar, form varchar, sheet_name varchar, row_number integer,"
    " column_name varchar, value double, value_raw varchar, first_row integer, last_row integer,"
    " earliest_row integer",
    "loaded_readings": "submission_id varchar, folder varchar, changed_ns bigint",
    "int_sheet_totals": "submission_id varchar, form varchar, agency_code varchar,"
    " sheet_name varchar, row_number integer, column_name varchar, value double,"
    " value_raw varchar, first_row integer, last_row integer, near_sum double, is_wrong boolean,"
    " valid_from date, valid_to date",
    "int_cumulative_figures": "form varchar, compared varchar, agency_code varchar,"
    " submission_id varchar, sheet_name varchar, row_number integer, record_key varchar,"
    " column_name varchar, stated_value double, computed_value double, stated_raw varchar,"
    " related_cells varchar, verdict varchar, valid_from date, valid_to date",
    "int_days": "as_of_date date",
    "int_day_inputs": "as_of_date date",
    "int_submissions": f"submission_id varchar, form varchar, status varchar, {SENT}",
    "int_expected_submissions": "agency_code varchar, form varchar, reporting_date date,"
    " serves_from date, due_at timestamp",
    "int_rows": f"{PLACE} record_key varchar, {SENT}, rejection_reason varchar",
    "int_standing_rows": f"{PLACE} record_key varchar, {SENT}",
    "int_registered_keys": "form varchar, agency_code varchar, registered_key varchar,"
    " valid_from date, valid_to date",
    "int_expected_rows": "form varchar, agency_code varchar, record_key varchar, valid_from date,"
    " valid_to date, excused_columns varchar[]",
    "int_rule_rows": "form varchar, agency_code varchar, record_key varchar, valid_from date,"
    " valid_to date, submission_id varchar, excused_columns varchar[]",
    "int_rule_gaps": "form varchar, submission_id varchar, record_key varchar,"
    " column_name varchar, state varchar",
    "int_agency_resolutions": "agency_code varchar, resolved_code varchar, valid_from date,"
    " valid_to date",
    "int_service_overlaps": "submission_id varchar, row_number integer,"
    " other_submission_id varchar, other_row_number integer, valid_from date, valid_to date,"
    " is_said_again boolean",
    "int_task_agency_days": "as_of_date date, task_code varchar, agency_code varchar, role varchar,"
    " lead_position bigint, deadline date, deadline_kind varchar, submission_id varchar,"
    " sheet_name varchar, row_number integer, reporting_date date, status_reported varchar,"
    " status_raw varchar, obstacles_state varchar, is_done boolean",
}


def _add_tables_of(form: str) -> None:
    """The rows of a form as they were sent, and as an agency's word or the register's."""
    sheet = {name: kind for name, kind in raw_columns(FORMS[form])}
    TABLES[form] = _shape(sheet)
    ruled = {"valid_from": "date", "valid_to": "date"}
    if form.startswith("register_"):
        # An agency of the register is resolved there to one code.
        owner = {"agency_code": "varchar"} if "agency_code" in sheet else {}
        TABLES[form.replace("register_", "int_registered_")] = _shape(sheet | owner | ruled)
    else:
        sender = {"agency_code": "varchar", "reporting_date": "date"}
        TABLES[f"int_reported_{form}"] = _shape(sheet | sender | ruled)


def _shape(columns: dict[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())


for suite in load_suites(EXPECTATIONS).values():
    _add_tables_of(suite.form)


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    for table, columns in TABLES.items():
        connection.execute(f"create schema if not exists {schema_of(table)}")
        connection.execute(f"create table {schema_of(table)}.{table} ({columns})")


def schema_of(table: str) -> str:
    return "raw" if table in {*FORMS, *RAW} else "intermediate"


def insert(connection: duckdb.DuckDBPyConnection, table: str, *rows: dict[str, Any]) -> None:
    for row in rows:
        places = ", ".join("?" * len(row))
        connection.execute(
            f"insert into {schema_of(table)}.{table} ({', '.join(row)}) values ({places})",
            list(row.values()),
        )


def make_warehouse(path: Path, **tables: list[dict[str, Any]]) -> Path:
    with connect(path) as connection:
        create_tables(connection)
        for table, rows in tables.items():
            insert(connection, table, *rows)
    return path


def make_register(
    folder: Path, *definitions: dict[str, Any] | str, levels: Sequence[str] = ()
) -> tuple[Path, list[Rule]]:
    """A register of one rule per definition: an entry of a suite, or the text of a query."""
    (folder / "sql").mkdir(parents=True)
    rules, entries = [], []
    for number, definition in enumerate(definitions, start=1):
        rule_id = f"TSK-COR-{number:03d}"
        is_entry = isinstance(definition, dict)
        home = "tasks.yml" if is_entry else f"sql/rule_{number}.sql"
        level = levels[number - 1] if levels else ("cell" if is_entry else "time")
        rules.append(replace(RULES[0], rule_id=rule_id, definition=home, level=level))
        if isinstance(definition, dict):
            entries.append({**definition, "meta": {"rule_id": rule_id}})
        else:
            (folder / home).write_text(definition)
    suite = {
        "name": "tasks",
        "meta": {
            "subject": "tasks",
            "rows": "intermediate.int_reported_tasks",
            "days": "intermediate.int_task_agency_days",
            "personal": ["responsible_person"],
        },
        "expectations": entries,
    }
    (folder / "tasks.yml").write_text(yaml.safe_dump(suite))
    with (folder / "rules.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(asdict(rules[0])))
        writer.writeheader()
        writer.writerows(asdict(rule) for rule in rules)
    return folder, rules
