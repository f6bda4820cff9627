"""`history.release_changes` and `history.release_causes`: their columns, and keeping them.

What belongs here: writing both tables into the warehouse, all or nothing, and bringing back what a
release has frozen. What does not: computing them (`split.py`, `causes.py`), publishing them
(`publication.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines import durable, warehouse
from pipelines.changes.causes import ORDER, UNEXPLAINED, Source, causes_of
from pipelines.frozen import quote

CAUSES = ", ".join((*ORDER, UNEXPLAINED))

_PAIR = {
    "release_id": ("varchar", "The later release"),
    "release_before": ("varchar", "The release that was published when the later one was made"),
    "as_of_date": ("date", "The day that the later release speaks of"),
}
_CAUSE = {
    "cause_order": (
        "integer",
        "The place of the cause among those present, from 1: causes are let in one after another",
    ),
    "cause": ("varchar", f"What let it change, in this order: {CAUSES}"),
}
TABLES = {
    "release_changes": (
        "Figures, ranks and scores that differ from the release before, split by cause: what each "
        "cause moved when it was let in after those of lower order. "
        "Grain release_id × kind × measure × programme_scope × agency_code × subject × dimension × "
        "window_start × cause.",
        {
            **_PAIR,
            "kind": ("varchar", "figure, rank or score"),
            "measure": (
                "varchar",
                "Of a figure its measure; rank_in_peer_group; quality_score",
            ),
            "programme_scope": (
                "varchar",
                "Programmes, joined with +; blank for all; of a score NULL",
            ),
            "agency_code": ("varchar", "Agency, or all, central, provinces"),
            "subject": ("varchar", "Of a score: the subject; all for all of them"),
            "dimension": ("varchar", "Of a score: the dimension; all for the weighted mean"),
            "window_start": ("date", "Of a figure of a window: it counts what came after this day"),
            "value_before": ("double", "In the release before; NULL: it had none"),
            "value_after": ("double", "In the later release; NULL: it has none"),
            **_CAUSE,
            "value_without": ("double", "Before the cause was let in"),
            "value_with": ("double", "After the cause was let in: value_without of the next cause"),
            "difference": (
                "double",
                "What is due to the cause, in the unit of the measure (ranks: places; scores: "
                "points): value_with - value_without; NULL when either is NULL",
            ),
        },
    ),
    "release_causes": (
        "What lies between a release and the one before it: files, decisions, days, changed rules. "
        "Grain release_id × source × key.",
        {
            **_PAIR,
            **_CAUSE,
            "source": ("varchar", "submission, decision, day or rule_file"),
            "key": (
                "varchar",
                "submission_id; kind and key of a decision; the two days; the file of the rule set",
            ),
            "is_added": (
                "boolean",
                "TRUE: the later release has it and the one before has not; FALSE: the reverse",
            ),
            "agency_code": ("varchar", "Who sent the file"),
            "file_name": ("varchar", "Name of the file"),
            "forms": ("varchar", "Forms that were found in the file"),
            "reporting_date": ("date", "The day that the file reports"),
            "known_at": ("timestamp", "When the file was first seen, or the decision taken (UTC)"),
            "answer": ("varchar", "What was decided"),
        },
    ),
}
"""Tables of schema `history`: comment, and type and comment of each column."""


@dataclass(frozen=True)
class Pair:
    """Two releases that are compared, and the day of the later one."""

    release_id: str
    release_before: str
    as_of_date: str


def prepare(path: Path, as_of: date, folder: Path) -> None:
    """Leave of its day in the warehouse what is known of this release: what it has frozen, if so.

    A release that is frozen keeps its comparison, whatever is published when it is made again.
    """
    release_id = folder.name
    with warehouse.connect(path) as connection:
        connection.execute("begin")
        for table in TABLES:
            _create(connection, table)
            connection.execute(
                f"delete from history.{table} where release_id != ? and as_of_date = ?",
                [release_id, as_of],
            )
            frozen = folder / f"{table.removeprefix('release_')}.parquet"
            if frozen.is_file():
                connection.execute(
                    f"delete from history.{table} where release_id = ?", [release_id]
                )
                connection.execute(
                    f"insert into history.{table} by name select {quote(release_id)} as release_id,"
                    f" * from read_parquet({quote(frozen)})"
                )
        durable.commit(connection)


def holds(path: Path, release_id: str, before: str) -> bool:
    """Whether the warehouse has the split of a release against the one before it."""
    with warehouse.connect(path, read_only=True) as connection:
        ((found, is_whole),) = connection.execute(
            "select coalesce(bool_and(release_before = $2), false), (select count(*) = 0"
            " from history.release_changes where release_id = $1 and cause = $3)"
            " from history.release_causes where release_id = $1",
            [release_id, before, UNEXPLAINED],
        ).fetchall()
    return found and is_whole


def write(path: Path, pair: Pair, changes: pa.Table, sources: Sequence[Source]) -> None:
    """Put the comparison of two releases into the warehouse, in place of the one before."""
    causes = causes_of(sources)
    listed = [
        {
            **{name: value for name, value in asdict(one).items() if name != "kind"},
            "source": one.kind,
            "cause_order": causes.index(one.cause) + 1,
        }
        for one in sources
    ]
    with warehouse.connect(path) as connection:
        connection.execute("begin")
        for table, rows in (
            ("release_changes", changes),
            ("release_causes", pa.Table.from_pylist(listed)),
        ):
            _create(connection, table)
            connection.execute(f"delete from history.{table}")
            if rows.num_rows:
                connection.register("incoming", rows)
                connection.execute(
                    f"insert into history.{table} by name select {_literals(pair)}, * from incoming"
                )
                connection.unregister("incoming")
        durable.commit(connection)


def _literals(pair: Pair) -> str:
    return ", ".join(f"{quote(value)} as {name}" for name, value in asdict(pair).items())


def _create(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """The table, with its comments, where it is missing or has other columns."""
    comment, columns = TABLES[table]
    found = connection.execute(
        "select column_name, lower(data_type) from duckdb_columns() where schema_name = 'history'"
        " and table_name = ? and database_name = current_database() order by column_index",
        [table],
    ).fetchall()
    if found == [(name, kind) for name, (kind, _) in columns.items()]:
        return
    shape = ", ".join(f"{name} {kind}" for name, (kind, _) in columns.items())
    connection.execute("create schema if not exists history")
    connection.execute(f"create or replace table history.{table} ({shape})")
    connection.execute(f"comment on table history.{table} is {quote(comment)}")
    for name, (_, text) in columns.items():
        connection.execute(f"comment on column history.{table}.{name} is {quote(text)}")
