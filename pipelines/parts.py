"""Published tables in parts, so that a publication costs what changed since the one before.

What belongs here: the content of a table by month, bringing a copy of the publication before up to
the warehouse, and Parquet files that stay the same file. What does not: which tables are published
and what is said of them (`publication.py`).

A table by day, or by period, changes in a few months only. The file of the publication before is
copied and those months are replaced in it; Parquet files of the other months are linked.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pipelines import frozen
from pipelines.frozen import write_parquet

MONTHLY = ("as_of_date", "period_end")
"""A table that has one of these among its first three columns is kept by the month of it."""

WHOLE, UNDATED = "whole", "undated"
"""The only part of a table that is not kept by month, and that of rows without a day."""

Content = dict[str, Any]
"""`columns` with their types, in order, and `parts`: rows of each part and the sum of the hashes of
its rows. The hashes are those of one version of DuckDB."""


@dataclass(frozen=True)
class Before:
    """The publication before, as far as it can be built upon."""

    notice: str | None
    """What every file says of invented data; the same as before, or nothing is built upon it."""
    folder: Path | None = None
    tables: Mapping[str, Content] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path, database: str, notice: str | None, by: str) -> Before:
        """What a publication says of itself; blank when damaged, or made by another program."""
        if not (folder / frozen.MANIFEST).exists():
            return cls(notice)
        manifest = frozen.read_manifest(folder)
        content = manifest.get("content", {})
        is_whole = (folder / database).is_file() and (
            frozen.file_hash(folder / database) == manifest["files"].get(database)
        )
        if manifest["notice"] != notice or content.get("by") != by or not is_whole:
            return cls(notice)
        return cls(notice, folder, content["tables"], manifest["files"])


def content_of(connection: duckdb.DuckDBPyConnection, table: str) -> Content:
    """What a table (`schema.table`, perhaps of an attached database) holds, by part."""
    name = _quoted(table)
    columns = {
        column: kind
        for column, kind, *_ in connection.execute(f"describe select * from {name}").fetchall()
    }
    hashed = ", ".join(f'"{column}"' for column in columns)
    day = _day(columns)
    part = f"coalesce(strftime(of_day, '%Y-%m'), '{UNDATED}')" if day else f"'{WHOLE}'"
    parts = connection.execute(
        f"""
        with days as (
            select {day or "null"} as of_day, count(*) as total,
                sum(hash({hashed})::hugeint) as content
            from {name} group by of_day)
        select {part} as part, sum(total)::bigint, sum(content)::varchar
        from days group by part order by part"""
    ).fetchall()
    found = {part: [rows, content] for part, rows, content in parts}
    return {
        "columns": [f"{column} {kind}" for column, kind in columns.items()],
        "parts": found or {UNDATED if day else WHOLE: [0, None]},
    }


def refresh(
    connection: duckdb.DuckDBPyConnection, table: str, source: str, before: Content | None
) -> Content:
    """Make a table that of the attached database `source`; only parts that changed are copied."""
    now = content_of(connection, f"{source}.{table}")
    name, origin = _quoted(table), _quoted(f"{source}.{table}")
    if before == now:
        return now
    if before is None or before["columns"] != now["columns"] or WHOLE in now["parts"]:
        connection.execute(f"create or replace table {name} as from {origin} order by all")
        return now
    for label in sorted(before["parts"].keys() | now["parts"].keys()):
        if before["parts"].get(label) != now["parts"].get(label):
            which = _where(now, label)
            connection.execute(f"delete from {name} {which}")
            connection.execute(f"insert into {name} from {origin} {which} order by all")
    return now


def write(
    connection: duckdb.DuckDBPyConnection, table: str, now: Content, folder: Path, before: Before
) -> None:
    """Write a table as Parquet, a file for each part; one that did not change is the same file."""
    known = before.tables.get(table, {"columns": [], "parts": {}})
    same = known["parts"] if known["columns"] == now["columns"] else {}
    for label, content in now["parts"].items():
        name = _file(table, label)
        if same.get(label) != content or not _link(before, name, folder / name):
            query = f"from {_quoted(table)} {_where(now, label)}"
            write_parquet(connection, query, folder / name, before.notice)


def rows_of(content: Content) -> int:
    """The number of rows of a table."""
    return sum(rows for rows, _ in content["parts"].values())


def _link(before: Before, name: str, target: Path) -> bool:
    """Give a file of the publication before a second name; False when it is not as it was."""
    if before.folder is None or name not in before.files:
        return False
    source = before.folder / name
    if not source.is_file() or frozen.file_hash(source) != before.files[name]:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source.resolve(), target)
    except OSError:  # a disk that knows no second names
        shutil.copyfile(source, target)
    return True


def _day(names: Collection[str]) -> str | None:
    return next((name for name in list(names)[:3] if name in MONTHLY), None)


def _where(content: Content, label: str) -> str:
    """The condition, as SQL, that makes a part out of a table."""
    day = _day([column.split(" ")[0] for column in content["columns"]])
    if label == WHOLE or day is None:
        return ""
    if label == UNDATED:
        return f"where {day} is null"
    first = f"date '{label}-01'"
    return f"where {day} between {first} and last_day({first})"


def _file(table: str, label: str) -> str:
    place = f"parquet/{table.replace('.', '/')}"
    return f"{place}.parquet" if label == WHOLE else f"{place}/{label}.parquet"


def _quoted(table: str) -> str:
    return ".".join(f'"{name}"' for name in table.split("."))
