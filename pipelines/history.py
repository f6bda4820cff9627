"""What the publications knew of the facts, and from when to when: `history.fct_*`.

What belongs here: what a release adds to that history, frozen in the archive, and the history of
any list of releases. What does not: its SQL (`history_sql.py`), releases as they were published
(`frozen.py`), what is copied into a publication (`publication.py`).

A release keeps only the rows that it says differently from the releases before it, and the keys of
those that it says no more. All of them folded are schema `history` of the warehouse, which may be
lost at any time: the archive gives it again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines import durable, frozen, history_sql, warehouse
from pipelines.settings import Settings

FACTS = "facts"
"""The folder of a frozen release that makes it a part of the history."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "fct_tasks": ("as_of_date", "task_code"),
    "fct_task_agencies": ("as_of_date", "task_code", "agency_code"),
    "fct_services": ("period_end", "agency_code", "procedure_code"),
    "fct_datasets": ("reporting_date", "dataset_code", "agency_code"),
    "fct_indicators": ("measured_on", "indicator_code", "agency_code"),
    "fct_commune_criteria": ("reporting_date", "commune_code", "criterion_code", "agency_code"),
    "fct_submissions": ("reporting_date", "agency_code", "form", "submission_id"),
}
"""The facts that have a history, each with the columns that name a row; NULL is a name too. The
first is a day: only days whose content differs are compared row by row."""

CHANGES_NO_FACT = "certified_release"
"""The kind of decision that is no knowledge of facts."""


def freeze(settings: Settings, folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Write what a release adds to the history; gives what its manifest says of that.

    Blank when it is no part of it: of restated knowledge, or of a day before one published already.
    """
    before = members(settings.archive, manifest["releases_before"])
    is_later = all(name[:10] <= manifest["as_of_date"] for name in before)
    if manifest["known_at"] or not is_later:
        return {}
    fold(settings, before)
    rows, files = {}, {}
    with warehouse.connect(settings.warehouse, read_only=True) as connection:
        known_from = max([_instant(manifest), *_folded(connection).values()])
        for table in _facts(connection):
            name = f"{FACTS}/{table}.parquet"
            rows[table] = history_sql.find_changes(connection, table, KEYS[table])
            ordered = f"from changes order by {', '.join(KEYS[table])}"
            frozen.write_parquet(connection, ordered, folder / name, manifest["notice"])
            files[name] = frozen.file_hash(folder / name)
    return {
        "history": {
            "position": len(before),
            "known_from": known_from.isoformat(),
            "rows": rows,
            "files": files,
        }
    }


def compare(settings: Settings, release: Path) -> None:
    """Insist that the history ends, after a release made again, with what the warehouse says.

    Raises:
        frozen.ReleaseChangedError: some facts differ.
    """
    names = frozen.read_manifest(release)["releases_before"]
    own = members(settings.archive, [release.name])
    if not own:
        return
    fold(settings, [*members(settings.archive, names), *own])
    with warehouse.connect(settings.warehouse, read_only=True) as connection:
        found = [
            table
            for table in _facts(connection)
            if history_sql.find_changes(connection, table, KEYS[table])
        ]
    frozen.insist_on_same(release, [f"{FACTS}/{table}" for table in found])


def follow(settings: Settings, release: Path) -> None:
    """Bring schema `history` of the warehouse to what a release of the archive knew."""
    names = frozen.read_manifest(release)["releases_before"]
    fold(settings, members(settings.archive, [*names, release.name]))


def members(archive: Path, names: Collection[str]) -> list[str]:
    """Those of the releases that are part of the history."""
    return [name for name in names if (archive / "releases" / name / FACTS).is_dir()]


def fold(settings: Settings, releases: Collection[str]) -> None:
    """Make schema `history` of the warehouse the fold of these releases, all or nothing.

    One more than it holds is added to it; anything else is folded anew from the archive.
    """
    with warehouse.connect(settings.warehouse) as connection:
        done = _folded(connection)
        missing = [name for name in releases if name not in done]
        facts = _facts(connection)
        whole = history_sql.has_tables(connection, facts)
        if whole and not missing and len(done) == len(releases):
            return
        connection.execute("begin")
        is_next = whole and len(missing) == 1 and len(done) == len(releases) - 1
        if not is_next or not _add(connection, settings.archive, facts, missing[0]):
            _fold_anew(connection, settings.archive, facts, releases)
        history_sql.describe(connection, facts)
        durable.commit(connection)


def _add(
    connection: duckdb.DuckDBPyConnection, archive: Path, facts: Collection[str], name: str
) -> bool:
    """Add the newest release; False, and nothing is done, when the columns are not those before."""
    folder = archive / "releases" / name
    known_from = frozen.read_manifest(folder)["history"]["known_from"]
    paths = {table: folder / FACTS / f"{table}.parquet" for table in facts}
    if not all(history_sql.fits(connection, table, path) for table, path in paths.items()):
        return False
    for table, path in paths.items():
        history_sql.add(connection, table, KEYS[table], path, datetime.fromisoformat(known_from))
    connection.execute("insert into folded.releases values ($1, $2)", [name, known_from])
    return True


def _fold_anew(
    connection: duckdb.DuckDBPyConnection,
    archive: Path,
    facts: Collection[str],
    releases: Collection[str],
) -> None:
    connection.execute("create schema if not exists folded")
    connection.execute(
        "create or replace table folded.releases (release_id varchar, known_from timestamp)"
    )
    folders = [archive / "releases" / name for name in releases]
    places = [(folder, frozen.read_manifest(folder)["history"]) for folder in folders]
    places.sort(key=lambda place: place[1]["position"])
    for folder, place in places:
        connection.execute(
            "insert into folded.releases values ($1, $2)", [folder.name, place["known_from"]]
        )
    for table in facts:
        paths = [folder / FACTS / f"{table}.parquet" for folder, _ in places]
        history_sql.fold(connection, table, KEYS[table], [one for one in paths if one.exists()])


def _facts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'marts'"
    ).fetchall()
    return [table for table in KEYS if (table,) in found]


def _folded(connection: duckdb.DuckDBPyConnection) -> dict[str, datetime]:
    """The releases that schema `history` is the fold of, with their instants."""
    is_there = connection.execute(
        "select count(*) from duckdb_tables() where schema_name = 'folded'"
    ).fetchall()
    if is_there == [(0,)]:
        return {}
    return dict(connection.execute("from folded.releases").fetchall())


def _instant(manifest: Mapping[str, Any]) -> datetime:
    """When the newest knowledge behind a release came, in UTC; without any, its day begins."""
    instants = [one["received_at"] for one in manifest["submissions"]]
    instants += [
        one["decided_at"] for one in manifest["decisions"] if one["kind"] != CHANGES_NO_FACT
    ]
    newest = max(instants, default=manifest["as_of_date"])
    return datetime.fromisoformat(newest).replace(tzinfo=None)
