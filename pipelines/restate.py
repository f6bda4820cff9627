"""Publications that say in which state releases are: written again when that changes.

What belongs here: finding publications that say what is no longer so, and replacing the words: the
banner of the page, `history.releases` and the manifest. What does not: deciding (`certify.py`), the
state that follows (`standing.py`), and every figure, which stays byte for byte as published.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines import durable, frozen, parts, publication
from pipelines.intake.archive import read_decisions
from pipelines.report import page
from pipelines.settings import Settings
from pipelines.standing import Standing, in_history, in_manifest, write_standings

log = logging.getLogger(__name__)

TABLE = "history.releases"
PARQUET = "parquet/history/releases"


def bring_up_to_date(settings: Settings) -> None:
    """Let publications say what is decided: each of itself, the published one of all before it.

    The others keep what they said of earlier releases: each file may have gigabytes. A damaged one
    is left as it is. Only for who holds the lock.
    """
    decisions = read_decisions(settings.archive)
    for folder in publications(settings.releases):
        manifest = frozen.read_manifest(folder)
        known = in_history(decisions, manifest)
        said, now = said_by(folder), in_manifest(manifest, known)["standings"]
        is_published = folder.resolve() == settings.published.resolve()
        names = said.keys() | now.keys() if is_published else {folder.name}
        if any(said.get(name) != now.get(name) for name in names):
            _restate(folder, manifest, known)


def publications(releases: Path) -> list[Path]:
    """Folders of releases that were published and not pruned, by name."""
    found = sorted(releases.glob(f"[!.]*/{frozen.MANIFEST}")) if releases.exists() else ()
    return [
        path.parent
        for path in found
        if not path.parent.is_symlink()
        and frozen.read_manifest(path.parent).get("release_id") == path.parent.name
    ]


def said_by(folder: Path) -> dict[str, Any]:
    """What a publication says of the state of releases; nothing when it is not there."""
    is_there = (folder / frozen.MANIFEST).exists()
    return frozen.read_manifest(folder).get("standings", {}) if is_there else {}


def _restate(folder: Path, manifest: dict[str, Any], known: Mapping[str, Standing]) -> None:
    """Write a publication again, aside, with other words for the states; then swap the two."""
    if "published_at" not in manifest or frozen.check_release(folder):
        log.warning("%s is damaged or of an older program; it is left as it is", folder)
        return
    with durable.folder_instead(folder) as aside:
        shutil.copytree(folder, aside, dirs_exist_ok=True, copy_function=_copy)
        database = aside / publication.DATABASE
        with duckdb.connect(str(database)) as connection:
            connection.execute("set timezone = 'UTC'")
            write_standings(connection, known)
            now = parts.content_of(connection, TABLE)
            parts.write(connection, TABLE, now, aside, parts.Before(manifest["notice"]))
        published_at = datetime.fromisoformat(manifest["published_at"])
        page.write_banner(database, aside / publication.PAGE, published_at)
        manifest["content"]["tables"][TABLE] = now
        files = {
            name: frozen.file_hash(aside / name) if _is_rewritten(name) else digest
            for name, digest in manifest["files"].items()
        }
        frozen.write_manifest(aside, manifest | {"files": files} | in_manifest(manifest, known))


def _is_rewritten(name: str) -> bool:
    return name in {publication.DATABASE, publication.PAGE} or name.startswith(PARQUET)


def _copy(source: str, target: str) -> None:
    """Copy what is written to in its place; all else gets a second name and takes no room."""
    name = Path(target).name
    if name == publication.DATABASE or PARQUET in Path(target).as_posix():
        shutil.copyfile(source, target)
        return
    try:
        os.link(source, target)
    except OSError:  # a disk that knows no second names
        shutil.copyfile(source, target)
