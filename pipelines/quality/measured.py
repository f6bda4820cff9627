"""Schema `measured`: what was judged and every row that fails, written in one transaction.

What belongs here: the shape of `measured`, and the gate that the rows collected are as many as were
counted. What does not: judging (`engine.py`), and what an agency's score is (dbt).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields, replace
from datetime import date
from pathlib import Path

import duckdb

from pipelines import durable, warehouse
from pipelines.quality.register import Rule

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

SCHEMA = f"""
create schema if not exists raw;
create schema if not exists measured;
create or replace table raw.rules ({", ".join(f"{field.name} varchar" for field in fields(Rule))});
create or replace table measured.rule_outcomes (
    rule_id varchar, rule_version varchar, evaluated_count bigint, unexpected_count bigint,
    is_success boolean, error varchar, result_json varchar
);
create or replace table measured.failing_rows (
    rule_id varchar, rule_version varchar,
    {", ".join(f"{name} {type_}" for name, type_ in FAILING_ROW.items())}
);
"""


class MeasureError(RuntimeError):
    """What was collected is not what was counted: nothing may be published from it."""


@dataclass(frozen=True)
class Outcome:
    """What became of one rule."""

    rule_id: str
    rule_version: str
    evaluated_count: int
    unexpected_count: int
    error: str | None
    """Set when the rule itself broke; then nothing was judged."""
    result_json: str
    failing_rows: str
    """The query that returns every failing row, in the columns of `FAILING_ROW`."""
    seconds: float = 0.0
    """Time to collect the failing rows; a suite is judged in one pass for all its rules."""


@dataclass(frozen=True)
class MeasureSummary:
    """What was measured, by rule."""

    as_of_date: date
    outcomes: tuple[Outcome, ...]
    seconds: float

    @property
    def errors(self) -> tuple[Outcome, ...]:
        """Rules that broke: never bad data, always ours to mend."""
        return tuple(outcome for outcome in self.outcomes if outcome.error)


def store(path: Path, rules: Sequence[Rule], outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """Write `raw.rules` and schema `measured`. Raises MeasureError when the counts differ."""
    with contextlib.closing(warehouse.connect(path)) as connection:
        checked = [_checked(connection, outcome) for outcome in outcomes]
        connection.execute("begin")
        connection.execute(SCHEMA)
        _insert(connection, "raw.rules", [astuple(rule) for rule in rules])
        stored = tuple(_collected(connection, outcome) for outcome in checked)
        _insert(connection, "measured.rule_outcomes", [_row(outcome) for outcome in stored])
        durable.commit(connection)
    return stored


def _checked(connection: duckdb.DuckDBPyConnection, outcome: Outcome) -> Outcome:
    """The outcome; in error when its query does not return the columns of a failing row."""
    if outcome.error:
        return outcome
    returned = {row[0] for row in connection.execute(f"describe {outcome.failing_rows}").fetchall()}
    missing = sorted(set(FAILING_ROW) - returned)
    if not missing:
        return outcome
    error = f"the query does not return {', '.join(missing)}"
    return replace(outcome, evaluated_count=0, unexpected_count=0, error=error)


def _collected(connection: duckdb.DuckDBPyConnection, outcome: Outcome) -> Outcome:
    """Store all failing rows of a rule, and hold that they are as many as were counted."""
    if outcome.error:
        return outcome
    started = time.monotonic()
    names = ", ".join(FAILING_ROW)
    inserted = connection.execute(
        f"insert into measured.failing_rows (rule_id, rule_version, {names}) "
        f"select $rule_id, $rule_version, {names} from ({outcome.failing_rows}\n)",
        {"rule_id": outcome.rule_id, "rule_version": outcome.rule_version},
    ).fetchone()
    count = inserted[0] if inserted else 0
    if count != outcome.unexpected_count:
        raise MeasureError(
            f"{outcome.rule_id}: {outcome.unexpected_count} rows fail, {count} were collected"
        )
    return replace(outcome, seconds=time.monotonic() - started)


def _row(outcome: Outcome) -> tuple[object, ...]:
    return (
        outcome.rule_id,
        outcome.rule_version,
        outcome.evaluated_count,
        outcome.unexpected_count,
        outcome.error is None and outcome.unexpected_count == 0,
        outcome.error,
        outcome.result_json,
    )


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]
) -> None:
    places = ", ".join("?" * len(rows[0]))
    connection.executemany(f"insert into {table} values ({places})", rows)
