"""What a release publishes: one DuckDB file, its tables as Parquet, two pages and a manifest.

What belongs here: copying tables out of the warehouse in a fixed order with their comments, and
the history of all releases in the archive. What does not: which release it is and whether it
becomes the published one (`release.py`), what macros ask (`macros.sql`).
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines import frozen, parts, release_tables
from pipelines.frozen import quote
from pipelines.intake.archive import read_decisions
from pipelines.macros import create_macros, drop_macros
from pipelines.parts import Before
from pipelines.report import dictionary, page
from pipelines.settings import Settings
from pipelines.standing import in_history, in_manifest, write_standings
from pipelines.workbook.template import load_templates

DATABASE = "nq57.duckdb"
PAGE = "index.html"
DICTIONARY = "dictionary.html"
NOTICE = "INVENTED DATA · DỮ LIỆU GIẢ ĐỊNH"
SCHEMAS = "('marts', 'quality', 'history')"
RELEASES = ("history.releases", "history.release_")
"""Tables that the releases in the archive make, by how their names begin."""

PROGRAM = (
    "publication.py",
    "parts.py",
    "release_tables.py",
    "history_sql.py",
    "standing.py",
    "macros.*",
    "report/**/*",
)
"""Files that turn a warehouse into a publication, beside the rule set."""


class PersonalDataError(RuntimeError):
    """A table that would be published holds a column that templates mark as personal."""


def build(settings: Settings, release: Path, folder: Path, published_at: datetime) -> None:
    """Fill `folder` with the publication of the frozen release."""
    manifest = frozen.read_manifest(release)
    standings = in_history(read_decisions(settings.archive), manifest)
    by = program()
    notice = manifest["notice"]
    before = Before.of(settings.published, DATABASE, notice, f"{by} duckdb {duckdb.__version__}")
    if before.folder:
        shutil.copyfile(before.folder / DATABASE, folder / DATABASE)
    with duckdb.connect(str(folder / DATABASE)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach {quote(settings.warehouse)} as warehouse (read_only)")
        _refuse_personal(connection, settings.templates)
        tables = _copy_tables(connection, before)
        release_tables.load(connection, release, manifest)
        write_standings(connection, standings)
        _describe(connection, notice)
        connection.execute("detach warehouse")
        drop_macros(connection)
        create_macros(connection, notice)
        tables = _write_tables(connection, tables, folder, before)
    page.write_page(folder / DATABASE, folder / PAGE, published_at)
    dictionary.write_dictionary(folder / DATABASE, settings.seeds, folder / DICTIONARY)
    files = {
        path.relative_to(folder).as_posix(): frozen.file_hash(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    made = {"published_at": published_at.isoformat(timespec="seconds"), "program_hash": by}
    made |= {"published_rows": {table: parts.rows_of(one) for table, one in tables.items()}}
    made |= {"content": {"by": f"{by} duckdb {duckdb.__version__}", "tables": tables}}
    made |= {"files": files}
    frozen.write_manifest(folder, manifest | made | in_manifest(manifest, standings))


def program() -> str:
    """The hash of the code that publishes; a release published by another is rendered again."""
    here = Path(__file__).parent
    files = {path for pattern in PROGRAM for path in here.glob(pattern) if path.is_file()}
    names = sorted(path for path in files if "__pycache__" not in path.parts)
    marks = (f"{path.relative_to(here).as_posix()} {frozen.file_hash(path)}" for path in names)
    return hashlib.sha256("\n".join(marks).encode()).hexdigest()


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


def _copy_tables(connection: duckdb.DuckDBPyConnection, before: Before) -> dict[str, parts.Content]:
    """Make every table that of the warehouse, but those of earlier releases; drop all others."""
    wanted = [
        f"{schema}.{table}"
        for schema, table in _tables(connection, "warehouse")
        if not (schema == "history" and table.startswith("release_"))
    ]
    for schema, table in _tables(connection, None):
        if f"{schema}.{table}" not in wanted and not f"{schema}.{table}".startswith(RELEASES):
            connection.execute(f'drop table {schema}."{table}"')
    for schema in {table.partition(".")[0] for table in wanted}:
        connection.execute(f"create schema if not exists {schema}")
    return {
        table: parts.refresh(connection, table, "warehouse", before.tables.get(table))
        for table in wanted
    }


def _describe(connection: duckdb.DuckDBPyConnection, notice: str | None) -> None:
    """Give every table and column its comment, where it has not got it."""
    described = dict(_comments(connection, "warehouse"))
    columns = connection.execute(
        "select schema_name || '.' || table_name, column_name from duckdb_columns() "
        "where database_name = current_database() and schema_name = 'history'"
    ).fetchall()
    described |= dict(release_tables.comments(described, columns))
    said = dict(_comments(connection, None))
    for name, comment in described.items():
        text = f"[{notice}] {comment}" if notice else comment
        if comment and name in said and said[name] != text:
            kind = "column" if name.count(".") == 2 else "table"
            quoted = ".".join(f'"{part}"' for part in name.split("."))
            connection.execute(f"comment on {kind} {quoted} is {quote(text)}")


def _write_tables(
    connection: duckdb.DuckDBPyConnection,
    copied: Mapping[str, parts.Content],
    folder: Path,
    before: Before,
) -> dict[str, parts.Content]:
    """Write every table as Parquet; returns what each holds."""
    found: dict[str, parts.Content] = {}
    for schema, name in _tables(connection, None):
        table = f"{schema}.{name}"
        found[table] = copied.get(table) or parts.content_of(connection, table)
        parts.write(connection, table, found[table], folder, before)
    return found
