"""The frozen releases that a year of daily runs would have left, without the runs.

What belongs here: freezing the days before the last from a warehouse that has built them all. What
does not: publications, which nobody keeps for a year.

Each holds the tables of its day as the warehouse has them, the submissions that had come by then,
and the facts that its day was the first to say: folded, these are the facts of the warehouse. Made
up are their identities, which are otherwise the hash of what went in; the hashes of their tables,
which no run reads, are those of the last day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.progress import track

from pipelines import durable, frozen, history, warehouse
from pipelines.settings import Settings


def freeze_year(settings: Settings, first: date, last: date) -> None:
    """Put releases of every day in the place of the only one, and fold their history.

    The warehouse has run once, for the last day; what was published of that stays.
    """
    console = Console(stderr=True)
    (whole,) = frozen.releases(settings.archive)
    model = frozen.read_manifest(whole)
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    with warehouse.connect(Path(":memory:")) as connection:
        connection.execute(f"attach {frozen.quote(settings.warehouse)} as warehouse (read_only)")
        shown = track(days, "Releases", console=console, disable=not console.is_terminal)
        for position, day in enumerate(shown):
            manifest = _manifest(model, day, position)
            if day == last:
                manifest["release_id"] = whole.name
            with durable.folder_instead(whole.with_name(manifest["release_id"])) as aside:
                _freeze(connection, day, aside, manifest, is_first=day == first)
    names = [folder.name for folder in frozen.releases(settings.archive)]
    history.fold(settings, names)


def _freeze(
    connection: duckdb.DuckDBPyConnection,
    day: date,
    folder: Path,
    manifest: dict[str, Any],
    *,
    is_first: bool,
) -> None:
    for name, query in frozen.TABLES.items():
        dated = query.replace("$day", f"date {frozen.quote(day)}")
        ordered = f"select * from ({dated}) order by all"
        frozen.write_parquet(connection, ordered, folder / f"{name}.parquet", manifest["notice"])
    for table, query in _said_first(connection, day, is_first=is_first):
        path = folder / history.FACTS / f"{table}.parquet"
        frozen.write_parquet(connection, query, path, manifest["notice"])
    frozen.write_manifest(folder, manifest)


def _said_first(
    connection: duckdb.DuckDBPyConnection, day: date, *, is_first: bool
) -> Iterator[tuple[str, str]]:
    """Facts of the day: rows that name it, or come from its reports."""
    for table, keys in history.KEYS.items():
        columns = connection.execute(f"describe warehouse.marts.{table}").fetchall()
        named = "reporting_date" if "reporting_date" in {name for name, *_ in columns} else keys[0]
        when = f"{named} {'<=' if is_first else '='} date {frozen.quote(day)}"
        yield table, f"select false as is_gone, * from warehouse.marts.{table} where {when}"


def _manifest(model: dict[str, Any], day: date, position: int) -> dict[str, Any]:
    known = [one for one in model["submissions"] if one["received_at"][:10] <= day.isoformat()]
    newest = known[-1]
    return {
        **model,
        "release_id": f"{day}-{hashlib.sha256(str(day).encode()).hexdigest()[:12]}",
        "as_of_date": day.isoformat(),
        "newest_receipt": newest,
        "submissions": known,
        "history": {
            **model["history"],
            "position": position,
            "known_from": newest["received_at"].removesuffix("Z"),
        },
    }
