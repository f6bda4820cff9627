"""Which publications stay: certified ones, the newest, and the published one.

What belongs here: what is pruned from `releases/`, and the list that says what is left. What does
not: the archive, from which nothing is ever pruned and every release can be proved, and made again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from pipelines import durable, frozen
from pipelines.intake.archive import read_decisions
from pipelines.restate import publications
from pipelines.settings import Settings
from pipelines.standing import Standing, standings

KEPT = 30
"""Publications that stay uncertified: a month of days. The policy stands here alone."""


@dataclass(frozen=True)
class Listed:
    """One release of the archive."""

    release_id: str
    as_of: date
    standing: Standing
    known_at: datetime | None
    """Nothing that came after this instant was counted; None: all was."""
    is_kept: bool
    """Whether `releases/<release_id>/` is still there."""
    is_published: bool


def prune(settings: Settings) -> tuple[str, ...]:
    """Delete publications that need not stay; their names. Only for who holds the lock."""
    found = publications(settings.releases)
    certified = _certified(settings.archive)
    newest = sorted(found, key=_published_at)[-KEPT:]
    stay = {settings.published.resolve(), *(folder.resolve() for folder in newest)}
    pruned = [one for one in found if one.resolve() not in stay and one.name not in certified]
    for folder in pruned:
        durable.remove(folder)
    return tuple(folder.name for folder in pruned)


def listing(settings: Settings) -> list[Listed]:
    """Every release of the archive, oldest as-of date first."""
    known = standings(read_decisions(settings.archive))
    kept = {folder.name for folder in publications(settings.releases)}
    published = settings.published.resolve().name if settings.published.exists() else None
    return [
        Listed(
            release_id=name,
            as_of=date.fromisoformat(manifest["as_of_date"]),
            standing=known.get(name, Standing()),
            known_at=datetime.fromisoformat(limit) if (limit := manifest["known_at"]) else None,
            is_kept=name in kept,
            is_published=name == published,
        )
        for folder in frozen.releases(settings.archive)
        if (name := folder.name) and (manifest := frozen.read_manifest(folder))
    ]


def _certified(archive: Path) -> set[str]:
    known = standings(read_decisions(archive))
    return {release for release, standing in known.items() if standing.state == "CERTIFIED"}


def _published_at(folder: Path) -> tuple[datetime, str]:
    """When a folder was published: by its own word, else by its file's time."""
    said = frozen.read_manifest(folder).get("published_at")
    changed = (folder / frozen.MANIFEST).stat().st_mtime
    at = datetime.fromisoformat(said) if said else datetime.fromtimestamp(changed, UTC)
    return at, folder.name
