"""What a release publishes: one DuckDB file, its tables as Parquet, two pages and a manifest.

What belongs here: copying tables out of the warehouse in a fixed order with their comments, and
the history of all releases in the archive. What does not: which release it is and whether it
becomes the published one (`release.py`), what macros ask (`macros.sql`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from pipelines import frozen
from pipelines.frozen import quote, write_parquet
from pipelines.macros import create_macros
from pipelines.report import dictionary, page
from pipelines.settings import Settings
from pipelines.workbook.template import load_templates

DATABASE = "nq57.duckdb"
PAGE = "index.html"
DICTIONARY = "dictionary.html"
NOTICE = "INVENTED DATA · DỮ LIỆU GIẢ ĐỊNH"
SCHEMAS = "('marts', 'quality', 'history')"

HISTORY = {
    "measures": "marts.fct_measures",
    "scorecards": "marts.agency_scorecards",
    "tasks": "marts.fct_tasks",
    "reconciliation": "marts.reconciliation",
    "scores": "quality.scores",
    "rule_results": "quality.rule_results",
}
"""Frozen tables and the published tables that their columns are described by."""

RELEASES_COLUMNS = {
    "release_id": "As-of date and hash of what went in: knowledge and rule set",
    "as_of_date": "The day that the figures speak of (Asia/Ho_Chi_Minh)",
    "known_at": "Receipts and decisions after this instant (UTC) were left out; NULL: none were",
    "newest_received_at": "When the newest receipt that went in was first seen (UTC)",
    "newest_decided_at": "When the newest decision that went in was taken (UTC)",
    "submission_count": "Receipts that went in, refused ones included",
    "rule_set_hash": "Rules, seeds, templates and models in force; kept in archive/rule_sets",
    "state": "PROVISIONAL until the committee certifies the release",
    "is_invented": "Whether the figures come from invented data",
    "is_this_file": "Whether this file is the publication of the release",
}


class PersonalDataError(RuntimeError):
    """A table that would be published holds a column that templates mark as personal."""


def build(settings: Settings, release: Path, folder: Path) -> None:
    """Fill `folder` with the publication of the frozen release."""
    manifest = frozen.read_manifest(release)
    with duckdb.connect(str(folder / DATABASE)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach {quote(settings.warehouse)} as warehouse (read_only)")
        _refuse_personal(connection, settings.templates)
        _copy_tables(connection, manifest["notice"])
        _load_history(connection, release, manifest)
        connection.execute("detach warehouse")
        create_macros(connection, manifest["notice"])
        counts = _write_tables(connection, folder / "parquet", manifest["notice"])
    page.write_page(folder / DATABASE, folder / PAGE)
    dictionary.write_dictionary(folder / DATABASE, settings.seeds, folder / DICTIONARY)
    files = {
        path.relative_to(folder).as_posix(): frozen.file_hash(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    frozen.write_manifest(folder, manifest | {"published_rows": counts, "files": files})


def undescribed(database: Path) -> list[str]:
    """Published tables and columns without a comment."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return [name for name, comment in _comments(connection, None) if not comment]


def _refuse_personal(connection: duckdb.DuckDBPyConnection, templates: tuple[Path, ...]) -> None:
    personal = {
        name
        for template in load_templates(templates)
        for form in template.forms.values()
        for column in form.columns
        if column.is_personal
        for name in (column.name, f"{column.name}_raw")
    }
    found = [
        f"{schema}.{table}.{column}"
        for schema, table, column in connection.execute(
            f"""
            select schema_name, table_name, column_name from duckdb_columns()
            where database_name = 'warehouse' and schema_name in {SCHEMAS}"""
        ).fetchall()
        if column in personal
    ]
    if found:
        raise PersonalDataError(f"Personal columns are never published: {', '.join(sorted(found))}")


def _tables(connection: duckdb.DuckDBPyConnection, database: str | None) -> list[tuple[str, str]]:
    return connection.execute(
        f"""
        select table_schema, table_name from information_schema.tables
        where table_catalog = coalesce($1, current_database()) and table_schema in {SCHEMAS}
        order by all""",
        [database],
    ).fetchall()


def _comments(
    connection: duckdb.DuckDBPyConnection, database: str | None
) -> list[tuple[str, str | None]]:
    """Each table (`schema.table`) and column (`schema.table.column`) with its comment."""
    return connection.execute(
        f"""
        with described as (
            select database_name, schema_name, table_name as name, comment from duckdb_tables()
            union all
            select database_name, schema_name, view_name, comment from duckdb_views()
            union all
            select database_name, schema_name, table_name || '.' || column_name, comment
            from duckdb_columns()
        )
        select schema_name || '.' || name as path, comment from described
        where database_name = coalesce($1, current_database()) and schema_name in {SCHEMAS}
        order by path""",
        [database],
    ).fetchall()


def _copy_tables(connection: duckdb.DuckDBPyConnection, notice: str | None) -> None:
    """Copy every table of the published schemas, ordered, with its comments."""
    for schema, table in _tables(connection, "warehouse"):
        connection.execute(f"create schema if not exists {schema}")
        connection.execute(
            f'create table {schema}."{table}" as '
            f'select * from warehouse.{schema}."{table}" order by all'
        )
    for name, comment in _comments(connection, "warehouse"):
        if comment:
            _describe(connection, name, comment, notice)


def _describe(
    connection: duckdb.DuckDBPyConnection, name: str, comment: str, notice: str | None
) -> None:
    kind = "column" if name.count(".") == 2 else "table"
    text = f"[{notice}] {comment}" if notice else comment
    quoted = ".".join(f'"{part}"' for part in name.split("."))
    connection.execute(f"comment on {kind} {quoted} is {quote(text)}")


def _load_history(
    connection: duckdb.DuckDBPyConnection, release: Path, manifest: dict[str, Any]
) -> None:
    """Load this release and every one that was frozen before it, as it was published."""
    notice = manifest["notice"]
    known = {*manifest["releases_before"], release.name}
    folders = [one for one in frozen.releases(release.parent.parent) if one.name in known]
    connection.execute("create schema if not exists history")
    _load_releases(connection, folders, release.name)
    _describe(
        connection,
        "history.releases",
        "This release and those before it. Grain release_id.",
        notice,
    )
    for column, comment in RELEASES_COLUMNS.items():
        _describe(connection, f"history.releases.{column}", comment, notice)
    described = dict(_comments(connection, None))
    for name, source in HISTORY.items():
        files = [str(path) for folder in folders if (path := folder / f"{name}.parquet").exists()]
        connection.execute(
            f"""
            create table history.release_{name} as
            select parse_path(filename)[-2] as release_id, * exclude (filename)
            from read_parquet($1, union_by_name = true, filename = true) order by all""",
            [files],
        )
        _, has_grain, grain = (described.get(source) or "").partition(" Grain ")
        text = f"{source} as each release published it."
        if has_grain:
            text += f" Grain release_id × {grain}"
        _describe(connection, f"history.release_{name}", text, notice)
        _describe_like(connection, f"history.release_{name}", source, described, notice)


def _load_releases(connection: duckdb.DuckDBPyConnection, folders: list[Path], this: str) -> None:
    connection.execute(
        """
        create table history.releases (
            release_id varchar, as_of_date date, known_at timestamp, newest_received_at timestamp,
            newest_decided_at timestamp, submission_count bigint, rule_set_hash varchar,
            state varchar, is_invented boolean, is_this_file boolean)"""
    )
    for folder in folders:
        manifest = frozen.read_manifest(folder)
        connection.execute(
            "insert into history.releases values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            [
                manifest["release_id"],
                manifest["as_of_date"],
                manifest["known_at"],
                (manifest["newest_receipt"] or {}).get("received_at"),
                (manifest["newest_decision"] or {}).get("decided_at"),
                len(manifest["submissions"]),
                manifest["rule_set_hash"],
                manifest["state"],
                manifest["is_invented"],
                manifest["release_id"] == this,
            ],
        )


def _describe_like(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    source: str,
    described: dict[str, str | None],
    notice: str | None,
) -> None:
    """Give a history table the comments of the published table behind it, which has the notice."""
    own = {"release_id": RELEASES_COLUMNS["release_id"], "title": "Title of the task, as published"}
    for (column,) in connection.execute(
        "select column_name from duckdb_columns() "
        "where database_name = current_database() and schema_name || '.' || table_name = $1",
        [table],
    ).fetchall():
        if comment := described.get(f"{source}.{column}"):
            _describe(connection, f"{table}.{column}", comment, None)
        elif column in own:
            _describe(connection, f"{table}.{column}", own[column], notice)


def _write_tables(
    connection: duckdb.DuckDBPyConnection, folder: Path, notice: str | None
) -> dict[str, int]:
    """Write every table as Parquet; returns their numbers of rows."""
    counts: dict[str, int] = {}
    for schema, table in _tables(connection, None):
        name = f'{schema}."{table}"'
        write_parquet(connection, f"from {name}", folder / schema / f"{table}.parquet", notice)
        counts[f"{schema}.{table}"] = connection.execute(f"select count(*) from {name}").fetchall()[
            0
        ][0]
    return counts
