"""What is still to be judged: rows that a rule has not seen as they are now.

What belongs here: which rules judge which rows in this run. What does not: judging (`engine.py`),
storing what was judged (`measured.py`), the tables (`schema.py`).

A verdict about a cell or a row (`Rule.is_once`) depends on the rule and on the submission's rows:
on its reading, on who sent it of which day, on which rows are kept under which key, and on the
lists and models that make rows of a reading (`MAKERS`). While these are the same it stands. All
other rules speak of days: they are judged anew for the days that the run builds.

Only what stands is judged. A version that comes to stand again, because the one after it was
withdrawn, is judged again then: that costs one small batch, while verdicts on replaced versions
would cost every run and be read by nobody.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import duckdb

from pipelines import durable, warehouse
from pipelines.quality.register import Rule, Suite, load_suites
from pipelines.quality.schema import free_table, make_tables

MAKERS = (
    "dbt_project/macros/**/*.sql",
    "dbt_project/models/**/*.sql",
    "dbt_project/seeds/**/*.csv",
    "pipelines/quality/*.py",
)
"""What makes rows of a reading, and verdicts of rows; a reading itself is marked by its own key."""
_IDENTITY = ("row_number", "record_key", "agency_code", "reporting_date")
"""Columns of a row that do not come from its reading alone, where a table has them."""


@dataclass(frozen=True)
class Batch:
    """Rows that some rules of a form judge in one pass."""

    suite: Suite
    table: str
    """The table of the suite, or a copy of those of its rows that are new."""
    rules: tuple[Rule, ...]
    queries: Mapping[str, str]
    """Of rules that are queries, by rule_id."""


@dataclass(frozen=True)
class Plan:
    """What a run judges, and what stands of earlier runs."""

    batches: tuple[Batch, ...]
    hashes: Mapping[str, str]
    """Hash of the definition of every rule, by rule_id."""
    kept: frozenset[str]
    """Rules whose definition is the one that they were judged by before."""


def plan(warehouse_: Path, expectations: Path, rules: Sequence[Rule]) -> Plan:
    """Say what is to be judged, and set new rows aside where not all of a form's are new."""
    made_by = _makers_hash(expectations.parent)
    suites = {suite.form: suite for suite in load_suites(expectations).values()}
    hashes = {r.rule_id: _definition_hash(r, suites[r.form], expectations) for r in rules}
    with contextlib.closing(warehouse.connect(warehouse_)) as connection:
        connection.execute("begin")
        make_tables(connection)
        forms = {rule.form: suites[rule.form] for rule in rules if rule.is_once}
        connection.execute("delete from measured.standing_rows")
        for suite in forms.values():
            _note_standing_rows(connection, suite, made_by)
        kept = _kept(connection, rules, hashes)
        tables = [(s, *one) for s in suites.values() for one in _tables(connection, s, rules, kept)]
        durable.commit(connection)
        batches = tuple(
            Batch(
                suite, table, of_table, _queries(connection, expectations, suite, table, of_table)
            )
            for suite, table, of_table in tables
        )
    return Plan(batches, hashes, kept)


def _makers_hash(project_root: Path) -> str:
    digest = hashlib.sha256()
    for pattern in MAKERS:
        for path in sorted(project_root.glob(pattern)):
            digest.update(f"{path.name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}".encode())
    return digest.hexdigest()


def _definition_hash(rule: Rule, suite: Suite, expectations: Path) -> str:
    """Changes with anything that the rule's failing rows depend on but the rows."""
    said = rule.query(expectations) if rule.is_query else suite.entries[rule.rule_id]
    what = [rule.version, rule.form, rule.level, rule.columns, rule.responsible, said]
    what += [suite.rows, suite.personal, version("great-expectations")]
    return hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _note_standing_rows(connection: duckdb.DuckDBPyConnection, suite: Suite, made_by: str) -> None:
    """Hash the rows of each submission by what they are known by.

    To read all cells takes 0.7 s for the 816,000 rows of a year, this 0.04 s (2026-11).
    """
    described = connection.execute(f"describe {suite.rows}").fetchall()
    identity = ", ".join(f"rows.{one[0]}" for one in described if one[0] in _IDENTITY)
    connection.execute(
        f"""
        insert into measured.standing_rows
        select
            $form,
            rows.submission_id,
            md5(concat_ws(
                '|', $made_by, any_value(loaded.folder), any_value(loaded.changed_ns),
                sum(hash({identity}))
            ))
        from {suite.rows} as rows
        left join raw.loaded_readings as loaded on rows.submission_id = loaded.submission_id
        group by rows.submission_id
        """,
        {"form": suite.form, "made_by": made_by},
    )


def _kept(
    connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule], hashes: Mapping[str, str]
) -> frozenset[str]:
    """Rules that say what they said before; what broke about rows is judged wholly anew."""
    outcomes = "select rule_id, definition_hash, error is not null from measured.rule_outcomes"
    found = connection.execute(outcomes).fetchall()
    before = {rule_id: (known, is_broken) for rule_id, known, is_broken in found}
    return frozenset(
        rule.rule_id
        for rule in rules
        for known, is_broken in [before.get(rule.rule_id, (None, False))]
        if known == hashes[rule.rule_id] and not (is_broken and rule.is_once)
    )


def _tables(
    connection: duckdb.DuckDBPyConnection,
    suite: Suite,
    rules: Sequence[Rule],
    kept: frozenset[str],
) -> list[tuple[str, tuple[Rule, ...]]]:
    """The tables of a form: all its rows, its days, and what is new to rules that saw the rest."""
    of_form = [rule for rule in rules if rule.form == suite.form]
    tables: dict[str, list[Rule]] = {}
    for rule in of_form:
        if not rule.is_once:
            tables.setdefault(suite.days, []).append(rule)
        elif rule.rule_id not in kept:
            tables.setdefault(suite.rows, []).append(rule)
    again = {rule.rule_id: rule for rule in of_form if rule.is_once and rule.rule_id in kept}
    for is_all, submissions, rule_ids in _unjudged(connection, suite.form, sorted(again)):
        table = suite.rows if is_all else _set_aside(connection, suite, submissions)
        tables.setdefault(table, []).extend(again[rule_id] for rule_id in rule_ids)
    return [(table, tuple(of_table)) for table, of_table in tables.items()]


def _queries(
    connection: duckdb.DuckDBPyConnection,
    expectations: Path,
    suite: Suite,
    table: str,
    rules: Sequence[Rule],
) -> dict[str, str]:
    """What is asked of the warehouse by each rule that is a query.

    What a query about days returns is kept aside: Great Expectations would run it twice, to show
    rows and to count them, and storing them once more. One that breaks is left to it to report.
    """
    asked: dict[str, str] = {}
    for rule in rules:
        if not rule.is_query:
            continue
        query = rule.query(expectations).strip()
        if rule.is_once:
            asked[rule.rule_id] = query.replace(suite.rows, table)
            continue
        aside = free_table(connection)
        try:
            connection.execute(f"create table {aside} as\n{query}")
        except duckdb.Error:
            asked[rule.rule_id] = query
        else:
            asked[rule.rule_id] = f"select * from {aside}"
    return asked


def _unjudged(
    connection: duckdb.DuckDBPyConnection, form: str, rule_ids: Sequence[str]
) -> list[tuple[bool, list[str], list[str]]]:
    """Submissions by the rules that have not judged them; as a rule one set for all rules."""
    return connection.execute(
        """
        with due as (
            select
                rules.rule_id,
                list(standing.submission_id order by standing.submission_id) as ids
            from (select unnest($rule_ids) as rule_id) as rules
            inner join measured.standing_rows as standing on standing.form = $form
            anti join measured.judgements as judged
                on rules.rule_id = judged.rule_id
                    and standing.submission_id = judged.submission_id
                    and standing.rows_hash = judged.rows_hash
            group by rules.rule_id
        )

        select
            len(ids) = (select count(*) from measured.standing_rows where form = $form),
            ids,
            list(rule_id order by rule_id)
        from due
        group by ids
        order by ids
        """,
        {"form": form, "rule_ids": list(rule_ids)},
    ).fetchall()


def _set_aside(
    connection: duckdb.DuckDBPyConnection, suite: Suite, submissions: Sequence[str]
) -> str:
    """A copy of few rows: 30 rules on a view would each look for them among all rows."""
    table = free_table(connection)
    connection.execute(
        f"create table {table} as"
        f" from {suite.rows} where submission_id in (select unnest($submissions))",
        {"submissions": list(submissions)},
    )
    return table
