"""Every release as it was published, beside the newest: `history.releases`, `history.release_*`.

What belongs here: bringing these tables of a publication to a release and those before it, from
what they have frozen, and their comments. What does not: freezing (`frozen.py`), the history of
facts (`history.py`), states (`standing.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipelines import frozen

SOURCES = {
    "measures": "marts.fct_measures",
    "scorecards": "marts.agency_scorecards",
    "tasks": "marts.fct_tasks",
    "reconciliation": "marts.reconciliation",
    "scores": "quality.scores",
    "rule_results": "quality.rule_results",
}
"""Frozen tables and the published tables that their columns are described by."""

TYPES = {
    "release_id": "varchar",
    "as_of_date": "date",
    "release_order": "bigint",
    "known_at": "timestamp",
    "newest_received_at": "timestamp",
    "newest_decided_at": "timestamp",
    "submission_count": "bigint",
    "rule_set_hash": "varchar",
    "state": "varchar",
    "state_by": "varchar",
    "state_at": "timestamp",
    "state_note": "varchar",
    "is_invented": "boolean",
    "is_this_file": "boolean",
}
COLUMNS = {
    "release_id": "As-of date and hash of what went in: knowledge and rule set",
    "as_of_date": "The day that the figures speak of (Asia/Ho_Chi_Minh)",
    "release_order": "How many releases were frozen before it: the order in which they were made",
    "known_at": "Receipts and decisions after this instant (UTC) were left out; NULL: none were",
    "newest_received_at": "When the newest receipt that went in was first seen (UTC)",
    "newest_decided_at": "When the newest decision that went in was taken (UTC)",
    "submission_count": "Receipts that went in, refused ones included",
    "rule_set_hash": "Rules, seeds, templates and models in force; kept in archive/rule_sets",
    "state": "PROVISIONAL, or CERTIFIED by a decision; as known when this file was written, which "
    "happens again when this release, or one before the published release, is certified",
    "state_by": "Who certified the release, or took that back; NULL while nobody decided",
    "state_at": "When that was decided (UTC)",
    "state_note": "The note to that decision",
    "is_invented": "Whether the figures come from invented data",
    "is_this_file": "Whether this file is the publication of the release",
}
"""Columns of `history.releases`: types and comments."""

OWN = {"release_id": COLUMNS["release_id"], "title": "Title of the task, as published"}


def load(connection: duckdb.DuckDBPyConnection, release: Path, manifest: Mapping[str, Any]) -> None:
    """Hold this release and every one that was frozen before it, as each was published.

    What the database holds already, being made from a publication before, is not read again.
    """
    known = {*manifest["releases_before"], release.name}
    folders = [one for one in frozen.releases(release.parent.parent) if one.name in known]
    held = _hold(connection, known)
    new = [folder for folder in folders if folder.name not in held]
    _add_releases(connection, new)
    connection.execute(
        "update history.releases set is_this_file = (release_id = $1) "
        "where is_this_file is distinct from (release_id = $1)",
        [release.name],
    )
    for name in frozen.TABLES:
        _load_table(connection, name, folders, new if held else folders)


def comments(
    described: Mapping[str, str | None], columns: Collection[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """Comments on the tables and their columns, in the words of the tables behind them."""
    yield "history.releases", "This release and those before it. Grain release_id."
    for column, text in COLUMNS.items():
        yield f"history.releases.{column}", text
    for name, source in SOURCES.items():
        table = f"history.release_{name}"
        _, has_grain, grain = (described.get(source) or "").partition(" Grain ")
        text = f"{source} as each release published it."
        yield table, f"{text} Grain release_id × {grain}" if has_grain else text
        for of, column in columns:
            said = described.get(f"{source}.{column}") or OWN.get(column)
            if of == table and said:
                yield f"{table}.{column}", said


def _hold(connection: duckdb.DuckDBPyConnection, known: set[str]) -> set[str]:
    """Make `history.releases` if need be; the releases that it and the tables hold, and no other's.

    A table of other columns was written by another program; nothing is built upon it.
    """
    connection.execute("create schema if not exists history")
    if list(_columns(connection, "releases")) != list(TYPES):
        columns = ", ".join(f"{name} {kind}" for name, kind in TYPES.items())
        connection.execute(f"create or replace table history.releases ({columns})")
    found = connection.execute("select release_id from history.releases").fetchall()
    held = {release for (release,) in found}
    if gone := sorted(held - known):
        for table in ("releases", *(f"release_{name}" for name in frozen.TABLES)):
            if _columns(connection, table):
                connection.execute(
                    f"delete from history.{table} where list_contains($1, release_id)", [gone]
                )
    return held & known


def _add_releases(connection: duckdb.DuckDBPyConnection, folders: Sequence[Path]) -> None:
    for folder in folders:
        manifest = frozen.read_manifest(folder)
        connection.execute(
            "insert into history.releases values "
            "($1, $2, $3, $4, $5, $6, $7, $8, null, null, null, null, $9, null)",
            [
                manifest["release_id"],
                manifest["as_of_date"],
                len(manifest["releases_before"]),
                manifest["known_at"],
                (manifest["newest_receipt"] or {}).get("received_at"),
                (manifest["newest_decision"] or {}).get("decided_at"),
                len(manifest["submissions"]),
                manifest["rule_set_hash"],
                manifest["is_invented"],
            ],
        )


def _load_table(
    connection: duckdb.DuckDBPyConnection, name: str, folders: Sequence[Path], new: Sequence[Path]
) -> None:
    """Add what the new releases have frozen of a table; with other columns, all of them anew."""
    table, known = f"history.release_{name}", _columns(connection, f"release_{name}")
    added = _files(new, name)
    if known and (not added or _shape(connection, added) == known):
        if added:
            connection.execute(f"insert into {table} {_rows(added)} order by all")
    elif files := _files(folders, name):
        connection.execute(f"create or replace table {table} as {_rows(files)} order by all")


def _files(folders: Sequence[Path], name: str) -> list[Path]:
    return [path for folder in folders if (path := folder / f"{name}.parquet").exists()]


def _rows(files: Sequence[Path]) -> str:
    listed = ", ".join(frozen.quote(path) for path in files)
    return f"""
        select parse_path(filename)[-2] as release_id, * exclude (filename)
        from read_parquet([{listed}], union_by_name = true, filename = true)"""


def _shape(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> dict[str, str]:
    described = connection.execute(f"describe {_rows(files)}").fetchall()
    return {name: kind for name, kind, *_ in described}


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """The columns of a table of the history; blank when there is none."""
    return dict(
        connection.execute(
            "select column_name, data_type from duckdb_columns() "
            "where database_name = current_database() and schema_name = 'history' "
            "and table_name = $1 order by column_index",
            [table],
        ).fetchall()
    )
