"""Writes that survive a kill and a full disk: write aside, sync, rename.

What belongs here: every rename, link swap, commit and append of the project, because a test kills
the run before and after each of them. What does not: what is written.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import io
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


_HERE, _EXCHANGE = -100, 2
"""AT_FDCWD and RENAME_EXCHANGE of the system call `renameat2`."""


def replace(source: Path, target: Path) -> None:
    """Rename `source` to `target` in one step and sync the folder that holds it."""
    os.replace(source, target)
    _sync(target.parent)


def exchange(one: Path, other: Path) -> None:
    """Let two files or folders change places in one step: neither name is ever missing.

    Python has no function for it (Linux 3.15, 2014). Where the file system cannot (NFS), two names
    change in turn, and a kill between leaves `other` to be made again.
    """
    system = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    paths = os.fsencode(one), os.fsencode(other)
    if system and system(_HERE, paths[0], _HERE, paths[1], _EXCHANGE) == 0:
        _sync(other.parent)
        return
    code = ctypes.get_errno() if system else errno.ENOSYS
    if code not in (errno.EINVAL, errno.ENOSYS):
        raise OSError(code, os.strerror(code), str(other))
    third = _aside(one)
    discard(third)
    for source, target in ((other, third), (one, other), (third, one)):
        os.replace(source, target)
    _sync(other.parent)


def commit(connection: duckdb.DuckDBPyConnection) -> None:
    """Commit the open transaction."""
    connection.execute("commit")


def flip(link: Path, target: Path) -> None:
    """Point the symbolic link `link` at `target` (relative to the link's folder) in one step."""
    aside = _aside(link)
    aside.unlink(missing_ok=True)
    aside.symlink_to(os.path.relpath(target, link.parent))
    replace(aside, link)


def append(path: Path, line: bytes) -> None:
    """Add one line to a file that is never rewritten.

    A write that fails leaves the file as it was. A kill may leave a torn last line, of which nobody
    was told that it had been kept; the next line then starts on a line of its own.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+", buffering=0) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # ends when the file is closed, or with the process
        size = handle.seek(0, os.SEEK_END)
        handle.seek(max(size - 1, 0))
        is_torn = handle.read(1) not in (b"", b"\n")
        try:
            write_all(handle, (b"\n" if is_torn else b"") + line.removesuffix(b"\n") + b"\n")
            os.fsync(handle)
            _sync(path.parent)
        except OSError:
            handle.truncate(size)
            raise


def write_all(handle: io.RawIOBase, content: bytes) -> None:
    """Write to an unbuffered file, which may take less than it is given."""
    while content:
        content = content[handle.write(content) :]


@contextmanager
def file_aside(target: Path) -> Iterator[Path]:
    """Give a path to write to; when the block ends well, sync it and rename it to `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = _aside(target)
    discard(aside)
    try:
        yield aside
        _sync(aside)
        replace(aside, target)
    except BaseException:
        discard(aside)
        raise


@contextmanager
def folder_aside(target: Path) -> Iterator[Path]:
    """Give an empty folder to fill; when the block ends well, sync it and rename it to `target`.

    `target` must not exist: what is complete is never written twice.
    """
    with _folder(target, replace) as aside:
        yield aside


@contextmanager
def folder_instead(target: Path) -> Iterator[Path]:
    """Like `folder_aside`, in the place of the folder that may be there.

    Who reads that one goes on: its files live until they are closed.
    """
    with _folder(target, exchange if target.exists() else replace) as aside:
        yield aside


def remove(folder: Path) -> None:
    """Take a folder away in one step, then delete it; what a kill leaves of it, `sweep` finds."""
    aside = _aside(folder)
    discard(aside)
    replace(folder, aside)
    discard(aside)


def sweep(folder: Path) -> None:
    """Remove what killed runs left aside in `folder`. Only for who holds the lock."""
    for aside in folder.glob(".*.new"):
        discard(aside)


def discard(aside: Path) -> None:
    """Remove a file, a link or a folder, so that a full disk is not made fuller."""
    if aside.is_dir() and not aside.is_symlink():
        shutil.rmtree(aside, ignore_errors=True)
    else:
        aside.unlink(missing_ok=True)


@contextmanager
def _folder(target: Path, put: Callable[[Path, Path], None]) -> Iterator[Path]:
    aside = _aside(target)
    discard(aside)
    aside.mkdir(parents=True)
    try:
        yield aside
        for path in sorted(aside.rglob("*")):
            _sync(path)
        _sync(aside)
        put(aside, target)
    finally:
        discard(aside)  # what is not finished, or what was there before


def _aside(target: Path) -> Path:
    return target.with_name(f".{target.name}.new")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
