"""The part of a release that stays in the archive: its small tables, and what went into them.

What belongs here: writing, comparing and checking a frozen release. What does not: which release
it is (`release.py`) and the publication made from it (`publication.py`).
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pipelines import durable

MANIFEST = "manifest.json"

TABLES = {
    "measures": "select * from warehouse.marts.fct_measures where as_of_date = $day",
    "scorecards": "select * from warehouse.marts.agency_scorecards where as_of_date = $day",
    "tasks": """
        select facts.as_of_date, facts.task_code, tasks.title,
            facts.* exclude (as_of_date, task_code)
        from warehouse.marts.fct_tasks as facts
        left join warehouse.marts.dim_tasks as tasks using (task_code)
        where facts.as_of_date = $day""",
    "reconciliation": "select * from warehouse.marts.reconciliation",
    "scores": "select * from warehouse.quality.scores where as_of_date = $day",
    "rule_results": "select * from warehouse.quality.rule_results where as_of_date = $day",
    "changes": """
        select * exclude (release_id) from warehouse.history.release_changes
        where as_of_date = $day""",
    "causes": """
        select * exclude (release_id) from warehouse.history.release_causes
        where as_of_date = $day""",
}
"""The tables that are frozen, as queries on the warehouse."""


class ReleaseChangedError(RuntimeError):
    """The same knowledge and the same rules gave other tables: a fault of ours."""


def freeze(warehouse: Path, as_of: date, folder: Path, manifest: dict[str, Any]) -> None:
    """Write the small tables as Parquet, and the manifest with the hash of each one's content."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach {quote(warehouse)} as warehouse (read_only)")
        for name, query in TABLES.items():
            dated = query.replace("$day", f"date {quote(as_of)}")
            ordered = f"select * from ({dated}) order by all"
            write_parquet(connection, ordered, folder / f"{name}.parquet", manifest["notice"])
    tables = {name: describe(folder / f"{name}.parquet") for name in TABLES}
    write_manifest(folder, manifest | {"tables": tables})


def compare(warehouse: Path, as_of: date, folder: Path, manifest: dict[str, Any]) -> None:
    """Freeze again beside the first time and compare.

    Raises:
        ReleaseChangedError: a table has other content than when the release was frozen.
    """
    with tempfile.TemporaryDirectory() as beside:
        freeze(warehouse, as_of, Path(beside), manifest)
        again = read_manifest(Path(beside))["tables"]
    before = read_manifest(folder)["tables"]
    insist_on_same(folder, [name for name in before | again if before.get(name) != again.get(name)])


def insist_on_same(folder: Path, differing: Collection[str]) -> None:
    """Stop when a release made again has other content in some tables.

    Raises:
        ReleaseChangedError: it has; their names are in it.
    """
    if differing:
        raise ReleaseChangedError(
            f"Release {folder.name} exists, and the same knowledge and rules now give other "
            f"content in: {', '.join(sorted(differing))}. Nothing is published. Look for a figure "
            "that depends on the clock, on the order of rows or on a file outside the rule set."
        )


def check_release(folder: Path) -> list[str]:
    """What in a frozen release or in a publication is not as its manifest says; blank if whole."""
    manifest = read_manifest(folder)
    if "files" in manifest:
        return _check_files(folder, manifest["files"])
    return [
        f"{name}: {'other content than' if path.is_file() else 'missing, but in'} the manifest"
        for name, table in manifest["tables"].items()
        if not (path := folder / f"{name}.parquet").is_file() or describe(path) != table
    ] + _check_files(folder, (manifest.get("history") or {}).get("files", {}))


def _check_files(folder: Path, files: Mapping[str, str]) -> list[str]:
    return [
        f"{name}: {'other bytes than' if (folder / name).is_file() else 'missing, but in'} "
        "the manifest"
        for name, digest in files.items()
        if not (folder / name).is_file() or file_hash(folder / name) != digest
    ]


def describe(path: Path) -> dict[str, Any]:
    """Number of rows and hash of the values, in order, of one Parquet file.

    The last digits of a floating-point sum may depend on the order in which threads finish, so
    they do not count.
    """
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        relation = f"read_parquet({quote(path)})"
        columns = connection.execute(f"describe select * from {relation}").fetchall()
        values = ", ".join(
            f'"{name}" := '
            + (f'round("{name}", 9)' if kind in {"DOUBLE", "FLOAT"} else f'"{name}"')
            for name, kind, *_ in columns
        )
        rows, text = connection.execute(
            f"""
            select count(*), coalesce(string_agg(line, chr(10) order by line), '')
            from (select to_json(struct_pack({values}))::varchar as line from {relation})"""
        ).fetchall()[0]
    header = "\n".join(f"{name} {kind}" for name, kind, *_ in columns)
    return {"rows": rows, "content_hash": hashlib.sha256(f"{header}\n{text}".encode()).hexdigest()}


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a frozen release, or a publication, says of itself."""
    return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write what a frozen release, or a publication, says of itself."""
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
    with durable.file_aside(folder / MANIFEST) as aside:
        aside.write_text(text + "\n", encoding="utf-8")


def releases(archive: Path) -> list[Path]:
    """The frozen releases of an archive, oldest as-of date first."""
    folder = archive / "releases"
    return sorted(folder.glob("[!.]*")) if folder.exists() else []


def write_parquet(
    connection: duckdb.DuckDBPyConnection, query: str, target: Path, notice: str | None
) -> None:
    """Write the rows of a query in their order, with the notice in the file itself."""
    metadata = f", kv_metadata {{notice: {quote(notice)}}}" if notice else ""
    target.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(
        f"copy ({query}) to {quote(target)} (format parquet, compression zstd{metadata})"
    )


def file_hash(path: Path) -> str:
    """SHA-256 of the bytes of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def quote(value: object) -> str:
    """A value as an SQL literal, for statements that take no parameters."""
    return "'" + str(value).replace("'", "''") + "'"
