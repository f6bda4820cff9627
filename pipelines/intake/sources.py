"""Sources: what a channel offers, and how one of its files gets to this machine.

What belongs here: the two things that every kind of channel can do, and folders of this machine.
What does not: servers (`remote.py`), what becomes of a file (`channels.py`).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from pipelines.intake.archive import printable

log = logging.getLogger(__name__)


class ChannelDown(Exception):
    """A channel cannot be used now; the sentence says why, in both languages."""


class TooLarge(Exception):
    """A file is over the limit: it was not fetched, or not to its end."""


@dataclass(frozen=True)
class Listed:
    """A file as a channel lists it. Its path is text: it leads nowhere on this machine."""

    path: str
    name: str
    """Its file name, for people."""
    size_bytes: int | None
    stamp: str = ""
    """The same as long as the file is the same; empty when the channel cannot tell."""
    sent_at: datetime | None = None
    """When it was put there, as the channel claims."""
    changed_at: float = 0
    """When its stamp last changed, in seconds since 1970."""
    refusal: str | None = None


class Source(Protocol):
    """A channel that has been opened."""

    @property
    def is_here(self) -> bool:
        """Its files are on this machine, and `fetch` costs nothing."""
        ...

    def listing(self) -> Iterator[Listed]:
        """The files that count, in the order of their paths. Raises ChannelDown."""
        ...

    def fetch(self, listed: Listed, aside: Path, limit: int) -> Path:
        """The file on this machine, written to `aside` if it is elsewhere.

        Raises:
            TooLarge: it has more bytes than the limit.
            SourceUnreadable: this file cannot be had now.
            ChannelDown: nor can any other.
        """
        ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Folder:
    """A folder of this machine, with its subfolders."""

    agency_code: str
    path: Path
    is_here: bool = True

    def listing(self) -> Iterator[Listed]:
        """Files in the order of their paths; links that lead out are refused by name."""
        if not self.path.is_dir():
            raise ChannelDown(
                f"{self.agency_code}: không có thư mục · no folder {printable(str(self.path))}"
            )
        for folder, subfolders, names in os.walk(self.path, onerror=_log_error):
            subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
            links = [name for name in subfolders if (Path(folder) / name).is_symlink()]
            for name in sorted([*names, *links]):
                listed = self._look(Path(folder) / name) if counts(name) else None
                if listed:
                    yield listed

    def _look(self, path: Path) -> Listed | None:
        is_link = path.is_symlink()
        if is_link and not _stays_inside(path, self.path):
            return Listed(str(path), path.name, None, refusal="link_not_followed")
        try:
            found = path.stat()
        except OSError as error:
            _log_error(error)
            return None
        if not path.is_file():
            return None
        stamp = f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}"
        sent_at = datetime.fromtimestamp(int(found.st_mtime), UTC)
        return Listed(
            str(path), path.name, found.st_size, stamp, sent_at, max(found.st_mtime, found.st_ctime)
        )

    def fetch(self, listed: Listed, aside: Path, limit: int) -> Path:
        """Where the file is."""
        return Path(listed.path)

    def close(self) -> None:
        """Nothing is open."""


def counts(name: str) -> bool:
    """Whether a name is that of a file sent, not of a lock or of an upload that goes on."""
    return not name.startswith((".", "~$")) and not name.endswith(".tmp")


def _stays_inside(link: Path, folder: Path) -> bool:
    return link.is_file() and link.resolve().is_relative_to(folder.resolve())


def _log_error(error: OSError) -> None:
    log.warning("%s", error)
