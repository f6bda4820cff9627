"""Schema `measured`: what was judged and every row that fails, written in one transaction.

What belongs here: what is written and what is forgotten, and the gate that the rows collected are
as many as were counted. What does not: judging (`engine.py`), and what an agency's score is (dbt).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from datetime import date
from pathlib import Path

import duckdb

from pipelines import durable, warehouse
from pipelines.quality.batches import Plan
from pipelines.quality.register import Rule, Suite
from pipelines.quality.schema import FAILING_ROW, drop_scratch

MASK = "•••"


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
    evaluated: str | None = None
    """The query of how many rows were judged, by submission; only of a rule about single rows."""
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


def store(
    path: Path, rules: Sequence[Rule], planned: Plan, judged: Sequence[Outcome]
) -> tuple[Outcome, ...]:
    """Bring `raw.rules` and schema `measured` to what was judged; gives the outcome of every rule.

    What stands of earlier runs stays. Raises MeasureError when the counts differ.
    """
    with contextlib.closing(warehouse.connect(path)) as connection:
        checked = [_checked(connection, outcome) for outcome in judged]
        connection.execute("begin")
        shape = ", ".join(f"{field.name} varchar" for field in fields(Rule))
        connection.execute(f"create or replace table raw.rules ({shape})")
        _insert(connection, "raw.rules", [astuple(rule) for rule in rules])
        _forget(connection, rules, planned)
        collected = {outcome.rule_id: _collected(connection, outcome) for outcome in checked}
        stored = _totals(connection, rules, planned, collected)
        drop_scratch(connection)
        durable.commit(connection)
    return stored


def failing_row(rule: Rule, suite: Suite, present: Collection[str]) -> dict[str, str]:
    """Columns of a failing row, in SQL: where it is, what stands there and beside it."""

    def shown(column: str) -> str:
        if column in suite.personal:
            return f"'{MASK}'"
        return f"{column}_raw" if f"{column}_raw" in present else f"cast({column} as varchar)"

    first, *others = rule.column_names
    related = [f"'{column} = ' || {shown(column)}" for column in others]
    return {
        "as_of_date": "cast(null as date)",
        # An agency named in a row of the committee's register is not its sender.
        "agency_code": "'BCD'" if rule.responsible == "committee" else "agency_code",
        "submission_id": "submission_id",
        "form": f"'{suite.form}'",
        "sheet_name": "sheet_name",
        "row_number": "row_number",
        "record_key": "record_key",
        "column_name": f"'{first}'",
        "value_found": shown(first),
        "value_expected": "cast(null as varchar)",
        "related_cells": f"concat_ws('; ', {', '.join(related)})" if related else "null",
    }


def _forget(connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule], planned: Plan) -> None:
    """Remove what does not stand: changed rules, changed or gone rows, days that are built anew."""
    of_rows = [rule.rule_id for rule in rules if rule.is_once]
    connection.execute(
        """
        delete from measured.judgements
        where rule_id not in (select unnest($kept))
            or (submission_id, rows_hash, rule_id) not in (
                select (standing.submission_id, standing.rows_hash, rules.rule_id)
                from measured.standing_rows as standing
                inner join raw.rules as rules on standing.form = rules.form
            )
        """,
        {"kept": sorted(planned.kept)},
    )
    connection.execute(
        """
        delete from measured.failing_rows
        where rule_id not in (select unnest($kept))
            or (
                rule_id in (select unnest($of_rows))
                and (rule_id, submission_id) not in (
                    select (rule_id, submission_id) from measured.judgements
                )
            )
            or (rule_id not in (select unnest($of_rows)) and as_of_date is null)
            or as_of_date in (select as_of_date from intermediate.int_days)
            -- No day at all is in no empty list either.
            or (
                as_of_date is not null
                and as_of_date not in (select as_of_date from intermediate.int_day_inputs)
            )
        """,
        {"kept": sorted(planned.kept), "of_rows": of_rows},
    )


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
    """Store all failing rows of a batch, and hold that they are as many as were counted."""
    if outcome.error:
        return outcome
    started = time.monotonic()
    names = ", ".join(FAILING_ROW)
    inserted = connection.execute(
        f"insert into measured.failing_rows (rule_id, rule_version, {names}) "
        f"select $rule_id, $rule_version, {names} from ({outcome.failing_rows}\n)",
        {"rule_id": outcome.rule_id, "rule_version": outcome.rule_version},
    ).fetchone()
    _hold(outcome, outcome.unexpected_count, inserted[0] if inserted else 0)
    if outcome.evaluated is not None:
        found = _note_judgements(connection, outcome)
        _hold(outcome, outcome.evaluated_count, sum(evaluated for evaluated, _ in found), "judged")
        _hold(outcome, outcome.unexpected_count, sum(failing for _, failing in found))
    return replace(outcome, seconds=time.monotonic() - started)


def _hold(outcome: Outcome, counted: int, collected: int, what: str = "failing") -> None:
    if counted != collected:
        raise MeasureError(
            f"{outcome.rule_id}: {counted} {what} rows were counted, {collected} were collected"
        )


def _note_judgements(
    connection: duckdb.DuckDBPyConnection, outcome: Outcome
) -> list[tuple[int, int]]:
    """Write which submissions the batch was about; those judged before are there already."""
    return connection.execute(
        f"""
        insert into measured.judgements
        select
            $rule_id,
            standing.submission_id,
            standing.rows_hash,
            coalesce(evaluated.row_count, 0),
            coalesce(failing.row_count, 0)
        from measured.standing_rows as standing
        inner join raw.rules as rules
            on rules.rule_id = $rule_id and standing.form = rules.form
        anti join measured.judgements as before
            on rules.rule_id = before.rule_id and standing.submission_id = before.submission_id
        left join ({outcome.evaluated}) as evaluated (submission_id, row_count)
            on standing.submission_id = evaluated.submission_id
        left join (
            select submission_id, count(*) as row_count
            from measured.failing_rows
            where rule_id = $rule_id
            group by submission_id
        ) as failing
            on standing.submission_id = failing.submission_id
        returning evaluated_count, unexpected_count
        """,
        {"rule_id": outcome.rule_id},
    ).fetchall()


def _totals(
    connection: duckdb.DuckDBPyConnection,
    rules: Sequence[Rule],
    planned: Plan,
    collected: Mapping[str, Outcome],
) -> tuple[Outcome, ...]:
    """Write the outcome of every rule, with what earlier runs judged and what stands of it."""
    said = dict(
        connection.execute("select rule_id, result_json from measured.rule_outcomes").fetchall()
    )
    outcomes = {
        rule.rule_id: collected.get(rule.rule_id)
        or Outcome(rule.rule_id, rule.version, 0, 0, None, said[rule.rule_id], "")
        for rule in sorted(rules, key=lambda rule: rule.rule_id)
    }
    connection.execute("delete from measured.rule_outcomes")
    _insert(
        connection,
        "measured.rule_outcomes",
        [_row(outcome, planned.hashes[rule_id]) for rule_id, outcome in outcomes.items()],
    )
    _add_up(connection)
    counts = connection.execute(
        "select rule_id, evaluated_count, unexpected_count from measured.rule_outcomes"
        " order by rule_id"
    ).fetchall()
    return tuple(
        replace(outcomes[rule_id], evaluated_count=evaluated, unexpected_count=unexpected)
        for rule_id, evaluated, unexpected in counts
    )


def _add_up(connection: duckdb.DuckDBPyConnection) -> None:
    """Count by rule what was judged and what fails, of this run and of earlier ones."""
    connection.execute(
        """
        update measured.rule_outcomes as outcomes
        set evaluated_count = totals.evaluated_count
        from (
            select rule_id, cast(sum(evaluated_count) as bigint) as evaluated_count
            from measured.judgements
            group by rule_id
        ) as totals
        where outcomes.rule_id = totals.rule_id
        """
    )
    connection.execute(
        """
        update measured.rule_outcomes as outcomes
        set unexpected_count = totals.row_count, is_success = false
        from (select rule_id, count(*) as row_count from measured.failing_rows group by rule_id)
            as totals
        where outcomes.rule_id = totals.rule_id
        """
    )


def _row(outcome: Outcome, definition_hash: str) -> tuple[object, ...]:
    return (
        outcome.rule_id,
        outcome.rule_version,
        definition_hash,
        outcome.evaluated_count,
        0,
        outcome.error is None,
        outcome.error,
        outcome.result_json,
    )


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]
) -> None:
    places = ", ".join("?" * len(rows[0]))
    connection.executemany(f"insert into {table} values ({places})", rows)
