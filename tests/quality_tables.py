"""Tables that rules are judged on, made by hand, and registers of a few rules."""

from __future__ import annotations

import csv
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipelines.quality.register import Rule, load_rules
from pipelines.settings import PROJECT_ROOT
from pipelines.warehouse import connect, raw_columns
from pipelines.workbook.template import load_templates

EXPECTATIONS = PROJECT_ROOT / "expectations"
RULES = load_rules(EXPECTATIONS)
FORMS = {
    name: form
    for template in load_templates((PROJECT_ROOT / "pipelines" / "templates",))
    for name, form in template.forms.items()
}

SENT = "agency_code varchar, reporting_date date, valid_from date, valid_to date"
TABLES = {
    "int_days": "as_of_date date",
    "int_submissions": f"submission_id varchar, form varchar, status varchar, {SENT}",
    "int_expected_submissions": "agency_code varchar, form varchar, reporting_date date,"
    " due_at timestamp",
    "int_rejected_rows": "submission_id varchar, form varchar, sheet_name varchar,"
    " row_number integer, record_key varchar, rejection_reason varchar",
    "int_task_agencies": "task_code varchar, agency_code varchar, role varchar,"
    " valid_from date, valid_to date",
    "int_agency_resolutions": "agency_code varchar, resolved_code varchar, valid_from date,"
    " valid_to date",
    "int_task_agency_days": "as_of_date date, task_code varchar, agency_code varchar, role varchar,"
    " lead_position bigint, deadline date, deadline_kind varchar, submission_id varchar,"
    " sheet_name varchar, row_number integer, reporting_date date, status_reported varchar,"
    " status_raw varchar, obstacles_state varchar, is_done boolean",
}


def _shape(form: str, more: str) -> str:
    columns = ", ".join(f"{name} {kind}" for name, kind in raw_columns(FORMS[form]))
    return f"{columns}, {more}"


TABLES["int_reported_tasks"] = _shape("tasks", SENT)
TABLES["int_task_rows"] = _shape("tasks", f"{SENT}, rejection_reason varchar")
TABLES["int_registered_tasks"] = _shape("register_tasks", "valid_from date, valid_to date")


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create schema intermediate")
    for table, columns in TABLES.items():
        connection.execute(f"create table intermediate.{table} ({columns})")


def insert(connection: duckdb.DuckDBPyConnection, table: str, *rows: dict[str, Any]) -> None:
    for row in rows:
        places = ", ".join("?" * len(row))
        connection.execute(
            f"insert into intermediate.{table} ({', '.join(row)}) values ({places})",
            list(row.values()),
        )


def make_warehouse(path: Path, **tables: list[dict[str, Any]]) -> Path:
    with connect(path) as connection:
        create_tables(connection)
        for table, rows in tables.items():
            insert(connection, table, *rows)
    return path


def make_register(folder: Path, *definitions: dict[str, Any] | str) -> tuple[Path, list[Rule]]:
    """A register of one rule per definition: an entry of a suite, or the text of a query."""
    (folder / "sql").mkdir(parents=True)
    rules, entries = [], []
    for number, definition in enumerate(definitions, start=1):
        rule_id = f"TSK-COR-{number:03d}"
        home = "tasks.yml" if isinstance(definition, dict) else f"sql/rule_{number}.sql"
        rules.append(replace(RULES[0], rule_id=rule_id, definition=home))
        if isinstance(definition, dict):
            entries.append({**definition, "meta": {"rule_id": rule_id}})
        else:
            (folder / home).write_text(definition)
    suite = {
        "name": "tasks",
        "meta": {
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
