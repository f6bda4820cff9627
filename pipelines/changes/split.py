"""The change of every figure between two releases, split by cause.

What belongs here: collecting the figures before and after each cause, and their differences, as
SQL. What does not: where figures under part of the causes come from (`worlds.py`).

The parts are neighbours: the value with a cause is the value without the next one, to the last bit.
So they add up, but for changes below `TOLERANCE`, which are none.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import duckdb

from pipelines.frozen import quote

TOLERANCE = 1e-9
"""Values closer than this are the same: the last digits of a parallel sum depend on threads."""

FIGURES = """
    select 'figure' as kind, measure, programme_scope, agency_code, null::varchar as subject,
        null::varchar as dimension, window_start, value
    from {measures} where as_of_date = {day} and value is not null
    union all
    select 'rank', 'rank_in_peer_group', programme_scope, agency_code, null, null, null,
        rank_in_peer_group
    from {scorecards} where as_of_date = {day} and rank_in_peer_group is not null
    union all
    select 'score', 'quality_score', null, agency_code, subject, dimension, null, score
    from {scores} where as_of_date = {day} and score is not null
"""

SPLIT = """
    with ladders as (
        select * exclude (step, value), {values} as ladder
        from states group by all
    ),
    steps as (
        select *, unnest(range(1, len(ladder))) as step from ladders
    )
    select
        steps.kind, steps.measure, steps.programme_scope, steps.agency_code, steps.subject,
        steps.dimension, steps.window_start,
        steps.ladder[1] as value_before,
        steps.ladder[-1] as value_after,
        causes.step as cause_order,
        causes.cause,
        steps.ladder[steps.step] as value_without,
        steps.ladder[steps.step + 1] as value_with,
        value_with - value_without as difference
    from steps inner join causes using (step)
    where
        (value_without is null) != (value_with is null)
        or abs(value_with - value_without) > {tolerance}
    order by all
"""


class Ladder:
    """Figures before the first cause, and after each."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(
            "set timezone = 'UTC';"
            "create table states (step integer, kind varchar, measure varchar,"
            " programme_scope varchar, agency_code varchar, subject varchar, dimension varchar,"
            " window_start date, value double);"
            "create table causes (step integer, cause varchar)"
        )
        self._steps = 0

    def start(self, release: Path, day: date) -> None:
        """The figures before any cause: those that a release has frozen."""
        self._add(_frozen(release), day)

    def let_in(self, cause: str, warehouse: Path, day: date) -> None:
        """The figures after one more cause, as a warehouse tells them."""
        self._name(cause)
        self.connection.execute(f"attach {quote(warehouse)} as world (read_only)")
        try:
            self._add(
                {
                    "measures": "world.marts.fct_measures",
                    "scorecards": "world.marts.agency_scorecards",
                    "scores": "world.quality.scores",
                },
                day,
            )
        finally:
            self.connection.execute("detach world")

    def end(self, cause: str, release: Path, day: date) -> None:
        """The figures after the last cause: those that a release has frozen."""
        self._name(cause)
        self._add(_frozen(release), day)

    def split(self) -> duckdb.DuckDBPyRelation:
        """Each figure that a cause moved: before it, after it, and the difference."""
        values = ", ".join(
            f"max(value) filter (where step = {step})" for step in range(self._steps)
        )
        return self.connection.sql(SPLIT.format(values=f"[{values}]", tolerance=TOLERANCE))

    def _name(self, cause: str) -> None:
        self.connection.execute("insert into causes values (?, ?)", [self._steps, cause])

    def _add(self, tables: dict[str, str], day: date) -> None:
        query = FIGURES.format(**tables, day=f"date {quote(day)}")
        self.connection.execute(
            f"insert into states select {self._steps} as step, * from ({query})"
        )
        self._steps += 1


def _frozen(release: Path) -> dict[str, str]:
    names: Iterable[str] = ("measures", "scorecards", "scores")
    return {name: f"read_parquet({quote(release / f'{name}.parquet')})" for name in names}
