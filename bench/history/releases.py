"""The frozen releases that a year of daily runs would have left, without the runs.

What belongs here: freezing the days before the last from a warehouse that has built them all. What
does not: publications, which nobody keeps for a year.

Each holds the real tables of its day as the warehouse has them, and the submissions that had come
by then. Only their identity is made up: a real one is the hash of what went in.
"""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any

from rich.console import Console
from rich.progress import track

from pipelines import durable, frozen
from pipelines.settings import Settings


def freeze_earlier(settings: Settings, first: date, last: date) -> int:
    """Freeze every day from the first to the last that has no release yet."""
    console = Console(stderr=True)
    newest = frozen.releases(settings.archive)[-1]
    model = frozen.read_manifest(newest)
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    for day in track(days, "Releases", console=console, disable=not console.is_terminal):
        manifest = _manifest(model, day)
        folder = newest.with_name(manifest["release_id"])
        if not folder.exists():
            with durable.folder_aside(folder) as aside:
                frozen.freeze(settings.warehouse, day, aside, manifest)
    return len(days)


def _manifest(model: dict[str, Any], day: date) -> dict[str, Any]:
    known = [one for one in model["submissions"] if one["received_at"][:10] <= day.isoformat()]
    return {
        **model,
        "release_id": f"{day}-{hashlib.sha256(str(day).encode()).hexdigest()[:12]}",
        "as_of_date": day.isoformat(),
        "newest_receipt": known[-1],
        "submissions": known,
    }
