"""Rows that answer a question to a published database, as records by column name.

What belongs here: asking, and putting rows together by a column. What does not: the questions
(`content.py` and the modules of the page's sections).
"""

from __future__ import annotations

from typing import Any

import duckdb

Row = dict[str, Any]


def ask(
    connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, Any] | None = None
) -> list[Row]:
    """The answer to a question, a record for each row."""
    cursor = connection.execute(query, values or {})
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def by(column: str, rows: list[Row]) -> dict[Any, list[Row]]:
    """Records by the value of one column, in the order in which values appear."""
    grouped: dict[Any, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row[column], []).append(row)
    return grouped
