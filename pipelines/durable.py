"""Writes that survive a kill: write aside, sync, rename.

What belongs here: every rename, link swap and commit of the project, because a test kills the run
before and after each of them. What does not: what is written.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def replace(source: Path, target: Path) -> None:
    """Rename `source` to `target` in one step and sync the folder that holds it."""
    os.replace(source, target)
    _sync(target.parent)


def commit(connection: duckdb.DuckDBPyConnection) -> None:
    """Commit the open transaction."""
    connection.execute("commit")


def flip(link: Path, target: Path) -> None:
    """Point the symbolic link `link` at `target` (relative to the link's folder) in one step."""
    aside = link.with_name(f".{link.name}.new")
    aside.unlink(missing_ok=True)
    aside.symlink_to(os.path.relpath(target, link.parent))
    replace(aside, link)


@contextmanager
def file_aside(target: Path) -> Iterator[Path]:
    """Give a path to write to; when the block ends well, sync it and rename it to `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.new")
    aside.unlink(missing_ok=True)
    yield aside
    _sync(aside)
    replace(aside, target)


@contextmanager
def folder_aside(target: Path) -> Iterator[Path]:
    """Give an empty folder to fill; when the block ends well, sync it and rename it to `target`.

    `target` must not exist: what is complete is never written twice.
    """
    aside = target.with_name(f".{target.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    yield aside
    for path in sorted(aside.rglob("*")):
        _sync(path)
    _sync(aside)
    replace(aside, target)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
