"""The SQL of `history.fct_*`: what changed against it, and what it is after a change.

What belongs here: statements on one fact and its history in an open warehouse. What does not: which
releases make the history and where they are kept (`history.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.frozen import quote

Columns = dict[str, str]
"""Columns of a table in their order, each with its type."""

OWN: Columns = {"known_from": "TIMESTAMP", "known_to": "TIMESTAMP"}
COMMENTS = {
    "known_from": "Instant (UTC) from which publications said this: when the newest report or "
    "decision behind the first of them came",
    "known_to": "Instant (UTC) from which publications said otherwise or no more; not included. "
    "NULL: they still say so",
}


class DoubledKeyError(RuntimeError):
    """Two rows of a fact have one name, so that its history cannot tell them apart."""


def has_tables(connection: duckdb.DuckDBPyConnection, facts: Collection[str]) -> bool:
    """Whether every fact has its history."""
    found = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'history'"
    ).fetchall()
    return set(facts) <= {table for (table,) in found}


def find_changes(connection: duckdb.DuckDBPyConnection, table: str, keys: Sequence[str]) -> int:
    """Make the temporary table `changes` of one fact against its history; gives its rows.

    It holds the rows that are new or other than they were, whole, and by their keys alone, with
    `is_gone`, those that are no more. The last digits of a sum do not count.
    """
    columns, known = _columns(connection, f"marts.{table}"), _columns(connection, _name(table))
    now = f"from marts.{table}"
    before = f"from {_name(table)} where known_to is null"
    now_hash = _hash(columns, columns)
    before_hash = _hash(columns, known)
    connection.execute(
        f"""
        create or replace temp table days as
        with now as (
            select {keys[0]} as day, count(*) as total, sum({now_hash}::hugeint) as content
            {now} group by day),
        before as (
            select {keys[0]} as day, count(*) as total, sum({before_hash}::hugeint) as content
            {before} group by day)
        select coalesce(now.day, before.day) as day
        from now full join before on now.day is not distinct from before.day
        where now.total is distinct from before.total
            or now.content is distinct from before.content;

        create or replace temp table now as
        select facts.*, {now_hash} as content from (select * {now}) as facts
        semi join days on {keys[0]} is not distinct from days.day;

        create or replace temp table before as
        select {_list(keys)}, {before_hash} as content from (select * {before}) as facts
        semi join days on {keys[0]} is not distinct from days.day;

        create or replace temp table changes as
        select false as is_gone, now.* exclude (content) from now
        anti join before on {_same(keys, "now", "before")} and now.content = before.content
        union all by name
        select true as is_gone, before.* exclude (content) from before
        anti join now on {_same(keys, "before", "now")}"""
    )
    _insist_on_one_row_a_key(connection, table, keys)
    return connection.execute("select count(*) from changes").fetchall()[0][0]


def fits(connection: duckdb.DuckDBPyConnection, table: str, path: Path) -> bool:
    """Whether the changes of a release have the columns that the history has."""
    known = _columns(connection, _name(table)).items() - OWN.items()
    return path.exists() and known == _columns(connection, _read([path])).items() - {
        ("is_gone", "BOOLEAN")
    }


def add(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    keys: Sequence[str],
    path: Path,
    known_from: datetime,
) -> None:
    """Add the changes of one release, all known from one instant, to the history of a fact."""
    history, names = _name(table), _list(_columns(connection, f"marts.{table}"))
    connection.execute(
        f"""
        create or replace temp table changes as from {_read([path])};

        create or replace temp table touched as
        select history.rowid as row_id, history.* from {history} as history
        semi join changes on {_same(keys, "history", "changes")};

        create or replace temp table events as
        select known_from as instant, 0 as position, false as is_gone,
            touched.* exclude (row_id, known_from, known_to) from touched
        union all by name
        select known_to as instant, -1 as position, true as is_gone, {_list(keys)} from touched
        where known_to is not null
        union all by name
        select timestamp {quote(known_from)} as instant, 1 as position, * from changes;

        delete from {history} where rowid in (select row_id from touched);

        insert into {history} by name {_periods("events", keys, names)}"""
    )


def fold(
    connection: duckdb.DuckDBPyConnection, table: str, keys: Sequence[str], paths: Sequence[Path]
) -> None:
    """Make the history of a fact anew from what the releases in `folded.releases` added to it."""
    columns = _columns(connection, f"marts.{table}")
    connection.execute("create schema if not exists history")
    if not paths:
        connection.execute(
            f"""
            create or replace table {_name(table)} as
            select *, null::timestamp as known_from, null::timestamp as known_to
            from marts.{table} limit 0"""
        )
        return
    # A column that a later release brought is NULL before; one that it dropped stays, at the end.
    source = f"{_read(paths)[:-1]}, union_by_name = true, filename = true)"
    kept = [name for name in _columns(connection, source) if name not in {"is_gone", "filename"}]
    names = _list([*(name for name in columns if name in kept), *(kept - columns.keys())])
    connection.execute(
        f"""
        create or replace temp table events as
        select releases.known_from as instant, releases.rowid as position, rows.* exclude (filename)
        from {source} as rows
        inner join folded.releases as releases
            on parse_path(rows.filename)[-3] = releases.release_id;

        create or replace table {_name(table)} as
        {_periods("events", keys, names)} order by {_list(keys)}, known_from"""
    )


def describe(connection: duckdb.DuckDBPyConnection, facts: Collection[str]) -> None:
    """Comment on every history and its columns in the words of the fact behind it."""
    for table in facts:
        text = _comment(connection, "duckdb_tables()", table)
        said, _, grain = text.partition(" Grain ")
        _say(
            connection,
            f"table {_name(table)}",
            f"What publications knew, from when to when: {said} A row only when a value changes. "
            f"Grain {(grain or 'that of the fact').rstrip('.')} × known_from.",
        )
        comments = dict(
            connection.execute(
                "select column_name, comment from duckdb_columns() "
                "where schema_name = 'marts' and table_name = $1 and comment is not null",
                [table],
            ).fetchall()
        )
        for column in _columns(connection, _name(table)):
            if said := (comments | COMMENTS).get(column):
                _say(connection, f'column {_name(table)}."{column}"', said)


def _periods(events: str, keys: Sequence[str], names: str) -> str:
    """The query of what held from when to when, by the last word of every instant.

    Most rows are said once: they pass by the sorting, 20 s of computing for 4 million of them.
    """
    key = _list(keys)
    return f"""
        with often as (select {key} from {events} group by {key} having count(*) > 1),
        last as (
            select events.* from {events} as events
            semi join often on {_same(keys, "events", "often")}
            qualify row_number() over (partition by {key}, instant order by position desc) = 1),
        news as (
            select * from last
            qualify hash(is_gone, {names}) is distinct from
                lag(hash(is_gone, {names})) over (partition by {key} order by instant)),
        periods as (
            select is_gone, {names}, instant as known_from,
                lead(instant) over (partition by {key} order by instant) as known_to
            from news
            union all
            select is_gone, {names}, instant, null from {events} as events
            anti join often on {_same(keys, "events", "often")})
        select * exclude (is_gone) from periods where not is_gone"""


def _insist_on_one_row_a_key(
    connection: duckdb.DuckDBPyConnection, table: str, keys: Sequence[str]
) -> None:
    key = _list(keys)
    doubled = connection.execute(
        f"select {key} from now group by {key} having count(*) > 1 order by all limit 1"
    ).fetchall()
    if doubled:
        raise DoubledKeyError(f"marts.{table} has two rows of one key ({key}): {doubled[0]}")


def _columns(connection: duckdb.DuckDBPyConnection, source: str) -> Columns:
    return {
        name: kind
        for name, kind, *_ in connection.execute(f"describe select * from {source}").fetchall()
    }


def _hash(columns: Columns, known: Columns) -> str:
    """The hash of a row of `known` columns, as a row of other columns."""
    values = [
        "null" if name not in known else f'round("{name}", 9)' if kind == "DOUBLE" else f'"{name}"'
        for name, kind in columns.items()
    ]
    return f"hash({', '.join(values)})"


def _same(keys: Sequence[str], one: str, other: str) -> str:
    return " and ".join(f'{one}."{key}" is not distinct from {other}."{key}"' for key in keys)


def _list(names: Collection[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _name(table: str) -> str:
    return f'history."{table}"'


def _read(paths: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(quote(path) for path in paths)}])"


def _comment(connection: duckdb.DuckDBPyConnection, where: str, table: str) -> str:
    found = connection.execute(
        f"select coalesce(comment, '') from {where} "
        "where schema_name = 'marts' and table_name = $1",
        [table],
    ).fetchall()
    return found[0][0]


def _say(connection: duckdb.DuckDBPyConnection, what: str, text: str) -> None:
    connection.execute(f"comment on {what} is {quote(text)}")
