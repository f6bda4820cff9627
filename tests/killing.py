"""Kills and full disks, wherever a run writes.

`operations` lists every rename, flip, commit and append of an action; `killed` ends the action
before or after one of them; `disk_full` makes its n-th write fail. A kill tidies nothing up, so
what lies aside stays there, as after SIGKILL.
"""

from __future__ import annotations

import builtins
import errno
import hashlib
import io
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Literal
from unittest.mock import patch

from pyarrow import parquet

from pipelines import durable

OPERATIONS = ("replace", "exchange", "flip", "commit", "append")
Moment = Literal["before", "after"]


class Killed(BaseException):
    """The process is gone: no handler of the code under test catches this."""


@dataclass
class Writes:
    """How many writes an action has made so far."""

    count: int = 0


def operations(action: Callable[[], object]) -> list[str]:
    """Run the action to its end; every durable operation in order, such as `replace a.json`."""
    seen: list[str] = []
    with _watched(lambda name, args: seen.append(f"{name} {_target(args)}"), lambda _: None):
        action()
    return seen


@contextmanager
def killed(number: int, moment: Moment) -> Iterator[None]:
    """Raise Killed before or after the durable operation with this number (from 0)."""
    begun = count()  # threads rename too, and each operation has a number of its own
    ended: set[int] = set()

    def before(*_: object) -> int:
        own = next(begun)
        if (own, moment) == (number, "before"):
            raise Killed(f"before operation {number}")
        return own

    def after(own: int) -> None:
        ended.add(own)
        if (own, moment) == (number, "after"):
            raise Killed(f"after operation {number}")

    with _watched(before, after), patch.object(durable, "discard", lambda _: None):
        yield


@contextmanager
def disk_full(number: int) -> Iterator[Writes]:
    """Fail the write with this number (from 0), and every later one, with ENOSPC.

    A write is: a block written through `open` or an unbuffered file, a copy inside the system, a
    Parquet file, a folder or a file that is synced.
    """
    writes = Writes()

    def spend() -> None:
        writes.count += 1
        if writes.count > number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def spending(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            spend()
            return real(*args, **kwargs)

        return call

    def opened(*args: Any, **kwargs: Any) -> Any:
        handle = real_open(*args, **kwargs)
        is_pipe = isinstance(args[0], int)  # to a child process; the disk has no part in it
        return _Metered(handle, spend) if handle.writable() and not is_pipe else handle

    real_open = io.open
    with (
        patch.object(builtins, "open", opened),
        patch.object(io, "open", opened),
        patch.object(durable, "_sync", spending(durable._sync)),
        patch.object(durable, "write_all", spending(durable.write_all)),
        patch.object(os, "sendfile", spending(os.sendfile)),
        patch.object(parquet, "write_table", spending(parquet.write_table)),
    ):
        yield writes


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """Let the system refuse every write beyond this size of a file, C++ libraries included."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def contents(folder: Path) -> dict[str, str]:
    """Every file below a folder with the hash of its bytes; links with where they point."""
    return {
        str(path.relative_to(folder)): str(path.readlink())
        if path.is_symlink()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def leftovers(folder: Path) -> list[Path]:
    """What lies aside, unfinished."""
    return sorted(folder.rglob(".*.new"))


class _Metered:
    """An open file whose writes are counted."""

    def __init__(self, handle: Any, spend: Callable[[], None]) -> None:
        self._handle = handle
        self._spend = spend

    def write(self, block: Any) -> int:
        self._spend()
        return self._handle.write(block)

    def __enter__(self) -> _Metered:
        return self

    def __exit__(self, *_: object) -> None:
        self._handle.close()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._handle)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._handle, name)


@contextmanager
def _watched(
    before: Callable[[str, tuple[Any, ...]], Any], after: Callable[[Any], None]
) -> Iterator[None]:
    def watched(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            own = before(name, args)
            result = real(*args)
            after(own)
            return result

        return call

    real = {name: getattr(durable, name) for name in OPERATIONS}
    with patch.multiple(durable, **{name: watched(name, call) for name, call in real.items()}):
        yield


def _target(args: tuple[Any, ...]) -> str:
    paths = [arg for arg in args if isinstance(arg, Path)]
    return paths[-1].name if paths else ""
