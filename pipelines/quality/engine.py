"""Great Expectations, pushed down in DuckDB: what is judged, and which rows fail.

What belongs here: the adaptor that makes Great Expectations work on DuckDB, running the suites, and
the queries of failing rows made of the expectations' own conditions. What does not: what a rule
says (`expectations/`), storing results (`measured.py`), what they mean for an agency (dbt).
The only module that imports Great Expectations, and only inside functions: it takes seconds.

Great Expectations gives a verdict and counts, but at most 200 rows. All rows come from the
condition that it computed itself, compiled to SQL; a gate holds that they are as many as counted.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.quality.batches import Batch, plan
from pipelines.quality.measured import MeasureError, MeasureSummary, Outcome, failing_row, store
from pipelines.quality.register import Rule, Suite, load_rules

RESULT_FORMAT = {
    "result_format": "BASIC",
    "partial_unexpected_count": 0,
    "return_unexpected_index_query": False,
}
REGEX_FUNCTION = "get_dialect_regex_expression"


def measure(
    warehouse: Path,
    expectations: Path,
    as_of: date,
    rules: Sequence[Rule] | None = None,
) -> MeasureSummary:
    """Judge what is new to each rule, and bring `raw.rules` and schema `measured` to it.

    No other connection of this process may hold the warehouse open. `rules`: some, not all.
    """
    started = time.monotonic()
    rules = load_rules(expectations) if rules is None else rules
    planned = plan(warehouse, expectations, rules)
    judged = judge(warehouse, planned.batches)
    outcomes = store(warehouse, rules, planned, judged)
    return MeasureSummary(as_of, outcomes, time.monotonic() - started)


def preload() -> None:
    """Import Great Expectations and mend it; may run in a thread while other work goes on."""
    import great_expectations.expectations  # noqa: F401

    _mend_cursor()
    _mend_regex()


def judge(warehouse: Path, batches: Sequence[Batch]) -> list[Outcome]:
    """Run the definitions of rules, sorted by rule; no lock on the warehouse remains."""
    preload()
    outcomes: list[Outcome] = []
    with _quiet(), _data_source(warehouse) as source:
        for batch in batches:
            entries = {rule: _entry(rule, batch) for rule in batch.rules}
            outcomes += _judge_table(source, batch, entries)
    return sorted(outcomes, key=lambda outcome: outcome.rule_id)


def _entry(rule: Rule, batch: Batch) -> dict[str, Any]:
    if not rule.is_query:
        return batch.suite.entries[rule.rule_id]
    kwargs = {"unexpected_rows_query": batch.queries[rule.rule_id]}
    return {"type": "unexpected_rows_expectation", "kwargs": kwargs}


def _judge_table(
    source: Any, batch: Batch, entries: Mapping[Rule, dict[str, Any]]
) -> Iterator[Outcome]:
    """Validate all entries on one table in one pass and find the condition of each."""
    expectations = _built(batch.table, entries)
    schema, _, name = batch.table.rpartition(".")
    asset = source.add_table_asset(
        f"{batch.suite.form} on {batch.table}", table_name=name, schema_name=schema
    )
    rows = asset.add_batch_definition_whole_table("all").get_batch()
    validated = rows.validate(expectations, result_format=RESULT_FORMAT)
    results = {r.expectation_config.meta["rule_id"]: r for r in validated.results}
    rules = {rule.rule_id: rule for rule in entries}
    judged = [(rules[one.meta["rule_id"]], one) for one in expectations.expectations]
    broken = {id_ for id_, result in results.items() if _error(result.exception_info)}
    sound = {r: one for r, one in judged if not r.is_query and r.rule_id not in broken}
    conditions = _Conditions(rows, sound)
    for rule, expectation in judged:
        yield _outcome(rule, batch, expectation, results[rule.rule_id], conditions)


def _outcome(
    rule: Rule, batch: Batch, expectation: Any, result: Any, conditions: _Conditions
) -> Outcome:
    error = _error(result.exception_info)
    counted = result.result
    by_submission = ""
    if error:
        evaluated, unexpected, query = 0, 0, ""
    elif rule.is_query:
        evaluated, unexpected = conditions.row_count, counted["observed_value"]
        query = expectation.unexpected_rows_query
        by_submission = f"select submission_id, count(*) from {batch.table} group by submission_id"
    else:
        # On an empty table the counts are None.
        evaluated = (counted["element_count"] or 0) - (counted.get("missing_count") or 0)
        unexpected = counted.get("unexpected_count") or 0
        query = conditions.failing_rows(rule, batch.suite)
        by_submission = conditions.evaluated(rule)
    return Outcome(
        rule_id=rule.rule_id,
        rule_version=rule.version,
        evaluated_count=evaluated,
        unexpected_count=unexpected,
        error=error,
        result_json=json.dumps(counted, ensure_ascii=False, default=str, sort_keys=True),
        failing_rows=query,
        evaluated=by_submission if rule.is_once else None,
    )


def _built(name: str, entries: Mapping[Rule, dict[str, Any]]) -> Any:
    """The suite as Great Expectations holds it, equal to what is written.

    It only logs an entry of unknown type or severity and drops it; so what was loaded is compared.
    """
    import great_expectations as gx

    written = [
        {**entry, "severity": rule.severity, "meta": {"rule_id": rule.rule_id}}
        for rule, entry in entries.items()
    ]
    suite = gx.ExpectationSuite(name=name, expectations=written)
    loaded = [one.configuration.to_json_dict() for one in suite.expectations]
    for entry in written:
        if not any(entry.items() <= one.items() for one in loaded):
            raise MeasureError(f"{entry['meta']['rule_id']}: {entry['type']} was not loaded")
    return suite


def _error(exception_info: Mapping[str, Any]) -> str | None:
    """The message of the exception, if the expectation raised one.

    It stands at the top, or as JSON text below the id of each metric that failed.
    """
    if "raised_exception" in exception_info:
        failures = [exception_info]
    else:
        failures = [
            json.loads(one) if isinstance(one, str) else one for one in exception_info.values()
        ]
    # Below its first line the message repeats the query.
    messages = {
        str(one["exception_message"]).partition("\n")[0]
        for one in failures
        if one["raised_exception"]
    }
    return "; ".join(sorted(messages)) or None


class _Conditions:
    """Conditions of expectations, computed in one pass by the engine that judged the batch."""

    def __init__(self, batch: Any, expectations: Mapping[Rule, Any]) -> None:
        from great_expectations.validator.metric_configuration import MetricConfiguration
        from great_expectations.validator.validator import Validator

        self._engine = batch.data.execution_engine
        calculator = Validator(execution_engine=self._engine, batches=[batch]).metrics_calculator
        calculator.show_progress_bars = False
        asked = {rule: _condition(one) for rule, one in expectations.items()}
        columns = MetricConfiguration("table.columns", {}, {})
        row_count = MetricConfiguration("table.row_count", {}, {})
        found, _ = calculator.compute_metrics([columns, row_count, *asked.values()])
        self._columns = set(found[columns.id])
        self.row_count = int(found[row_count.id])
        """How many rows the table has."""
        self._conditions = {rule: found[metric.id] for rule, metric in asked.items()}

    def failing_rows(self, rule: Rule, suite: Suite) -> str:
        """The query of all rows that fail: the condition, over the domain it was judged on."""
        import sqlalchemy as sa

        columns = failing_row(rule, suite, self._columns)
        query = sa.select(*(sa.text(f"{text} as {name}") for name, text in columns.items()))
        condition, _, _ = self._conditions[rule]
        return self._compiled(query.select_from(self._domain(rule)).where(condition))

    def evaluated(self, rule: Rule) -> str:
        """The query of how many rows of each submission were judged."""
        import sqlalchemy as sa

        _, _, accessor = self._conditions[rule]
        # A blank cell is not judged; a blank partner is no part of the domain.
        judged = sa.text(f"count({accessor.get('column', '*')})")
        query = sa.select(sa.text("submission_id"), judged).select_from(self._domain(rule))
        return self._compiled(query.group_by(sa.text("submission_id")))

    def _domain(self, rule: Rule) -> Any:
        import sqlalchemy as sa

        _, compute, accessor = self._conditions[rule]
        # All keys together, or ignore_row_if is left out of the domain.
        domain = self._engine.get_domain_records({**compute, **accessor})
        return domain.subquery() if isinstance(domain, sa.Select) else domain

    def _compiled(self, query: Any) -> str:
        dialect = self._engine.engine.dialect
        # In DuckDB, unlike old PostgreSQL, a backslash in a text is a backslash.
        dialect._backslash_escapes = False
        return str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


def _condition(expectation: Any) -> Any:
    """The metric that is the condition of an expectation on the rows of a table."""
    from great_expectations.expectations.registry import get_metric_kwargs
    from great_expectations.validator.metric_configuration import MetricConfiguration

    name = f"{expectation.map_metric}.condition"
    kwargs = get_metric_kwargs(name, expectation.configuration)
    return MetricConfiguration(name, kwargs["metric_domain_kwargs"], kwargs["metric_value_kwargs"])


@contextlib.contextmanager
def _data_source(warehouse: Path) -> Iterator[Any]:
    """The warehouse as Great Expectations sees it; in the end every connection is closed."""
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    bars = {"globally": False, "metric_calculations": False}
    context.variables.progress_bars = bars  # pyright: ignore[reportAttributeAccessIssue]
    source = context.data_sources.add_sql("warehouse", connection_string=f"duckdb:///{warehouse}")
    try:
        yield source
    finally:
        judging = source.get_execution_engine()
        judging.close()
        judging.engine.dispose()
        source.get_engine().dispose()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence advice on queries of several tables, on schemas, on types of columns."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def _mend_cursor() -> None:
    """Give every statement a cursor of its own.

    The driver's cursor is the connection; Great Expectations hands that back to the pool before it
    fetches, and the pool's rollback discards the result.
    """
    from duckdb_engine import ConnectionWrapper, CursorWrapper

    def cursor(self: Any) -> Any:
        return CursorWrapper(self._ConnectionWrapper__c.cursor(), self)

    ConnectionWrapper.cursor = cursor  # pyright: ignore[reportAttributeAccessIssue]


def _mend_regex() -> None:
    """Teach the regex expectations DuckDB's search; `~` would be a full match there."""
    import sqlalchemy as sa
    from great_expectations.expectations.metrics import util

    original = getattr(util, REGEX_FUNCTION)
    if getattr(original, "speaks_duckdb", False):
        return

    def expression(column: Any, regex: str, dialect: Any, positive: bool = True) -> Any:
        if getattr(getattr(dialect, "dialect", dialect), "name", None) != "duckdb":
            return original(column, regex, dialect, positive)
        found = sa.func.regexp_matches(column, sa.literal(regex))
        return found if positive else sa.not_(found)

    expression.speaks_duckdb = True  # pyright: ignore[reportFunctionMemberAccess]
    for name, module in list(sys.modules.items()):
        # Seven modules of Great Expectations hold the function by name.
        if name.startswith("great_expectations") and vars(module).get(REGEX_FUNCTION) is original:
            setattr(module, REGEX_FUNCTION, expression)
