"""What the tables of a database hold: rows, columns, comments, days.

What belongs here: looking at tables whatever they mean. What does not: opening the warehouse for
writing (`warehouse.py`), publishing (`release.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipelines import warehouse


@dataclass(frozen=True)
class Column:
    """A column as the database describes it."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True)
class Table:
    """A table or view with the number of its rows; None for a view, which nobody counts here."""

    rows: int | None
    columns: tuple[Column, ...]


def describe(database: Path, schemas: Collection[str]) -> dict[tuple[str, ...], Table]:
    """All tables and views of the schemas, by (schema, name)."""
    columns: dict[tuple[str, ...], list[Column]] = defaultdict(list)
    with warehouse.connect(database, read_only=True) as connection:
        found = connection.execute(
            "select schema_name, table_name, column_name, data_type, coalesce(comment, '')"
            " from duckdb_columns() where list_contains(?, schema_name)"
            " order by schema_name, table_name, column_index",
            [list(schemas)],
        ).fetchall()
        for schema, table, *column in found:
            columns[schema, table].append(Column(*column))
        stored = connection.execute("select schema_name, table_name from duckdb_tables()")
        rows: dict[tuple[str, ...], int] = {
            (schema, table): len(connection.table(f'"{schema}"."{table}"'))
            for schema, table in stored.fetchall()
            if (schema, table) in columns
        }
    return {key: Table(rows.get(key), tuple(named)) for key, named in columns.items()}


def days_built(database: Path) -> tuple[date, ...]:
    """The as-of dates that the last run built, oldest first."""
    with warehouse.connect(database, read_only=True) as connection:
        found = connection.execute("select as_of_date from intermediate.int_days order by all")
        return tuple(day for (day,) in found.fetchall())
