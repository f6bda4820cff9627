"""Schema `measured`: its tables, and scratch ones that hold what is being judged.

What belongs here: names, types and comments. What does not: what is in them (`batches.py`,
`measured.py`).
"""

from __future__ import annotations

import duckdb

FAILING_ROW = {
    "as_of_date": "date",
    "agency_code": "varchar",
    "submission_id": "varchar",
    "form": "varchar",
    "sheet_name": "varchar",
    "row_number": "integer",
    "record_key": "varchar",
    "column_name": "varchar",
    "value_found": "varchar",
    "value_expected": "varchar",
    "related_cells": "varchar",
}
"""What a rule's query returns, by name. Without a day the row fails for as long as it stands."""

TABLES = {
    "standing_rows": {"form": "varchar", "submission_id": "varchar", "rows_hash": "varchar"},
    "judgements": {
        "rule_id": "varchar",
        "submission_id": "varchar",
        "rows_hash": "varchar",
        "evaluated_count": "bigint",
        "unexpected_count": "bigint",
    },
    "failing_rows": {"rule_id": "varchar", "rule_version": "varchar", **FAILING_ROW},
    "rule_outcomes": {
        "rule_id": "varchar",
        "rule_version": "varchar",
        "definition_hash": "varchar",
        "evaluated_count": "bigint",
        "unexpected_count": "bigint",
        "is_success": "boolean",
        "error": "varchar",
        "result_json": "varchar",
    },
}
COMMENTS = {
    "standing_rows": "Rows that stand to be judged, by a hash that changes with any of them."
    " Grain form × submission.",
    "judgements": "What a rule about cells or rows has judged, once for each submission."
    " Grain rule × submission.",
    "failing_rows": "Every failing cell or row, never a sample. Without a day it fails for as long"
    " as it stands. Grain rule × day (or none) × failing cell.",
    "rule_outcomes": "What became of a rule: how much it judged and how much of that fails, of all"
    " submissions (rules about cells and rows) or of all days (the others, which count as judged"
    " what the last run looked at). result_json is what Great Expectations said of the last batch."
    " Grain rule.",
}
SCRATCH = "unjudged"


def make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make schema `measured`; all of it anew when a table has not the columns that it should."""
    shapes: dict[str, dict[str, str]] = {}
    for table, name, kind in connection.execute(
        "select table_name, column_name, lower(data_type) from duckdb_columns()"
        " where schema_name = 'measured' and database_name = current_database()"
        " order by table_name, column_index"
    ).fetchall():
        shapes.setdefault(table, {})[name] = kind
    if any(shapes.get(table) != columns for table, columns in TABLES.items()):
        connection.execute("drop schema if exists measured cascade")
        connection.execute("create schema measured")
        for table, columns in TABLES.items():
            described = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            connection.execute(f"create table measured.{table} ({described})")
            connection.execute(f"comment on table measured.{table} is '{COMMENTS[table]}'")
    drop_scratch(connection)


def drop_scratch(connection: duckdb.DuckDBPyConnection) -> None:
    """Remove copies of rows to be judged, also those that a killed run left."""
    found = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'measured'"
        " and starts_with(table_name, ?) and database_name = current_database()",
        [SCRATCH],
    ).fetchall()
    for (table,) in found:
        connection.execute(f"drop table measured.{table}")


def free_table(connection: duckdb.DuckDBPyConnection) -> str:
    """The name of a scratch table that is not there yet."""
    count = "select count(*) from duckdb_tables() where starts_with(table_name, ?)"
    (number,) = connection.execute(count, [SCRATCH]).fetchall()[0]
    return f"measured.{SCRATCH}_{number + 1}"
