"""Channels on servers: S3, SFTP and HTTP, each by its URL through fsspec.

What belongs here: listing and fetching within limits of time, number and size. What does not: the
protocols (`sftp.py`, `web.py`, s3fs), what becomes of a file (`channels.py`).

Names in a listing are text: they are handed back to the server that gave them, and lead nowhere on
this machine.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import fsspec
from fsspec.asyn import sync

from pipelines.intake.archive import SourceUnreadable, printable
from pipelines.intake.channel_list import Channel
from pipelines.intake.sources import ChannelDown, Listed, TooLarge, counts
from pipelines.settings import Access

ATTEMPTS = 2
PAUSE_SECONDS = 1.0
ANSWER_SECONDS = 20.0
"""How long a server may keep silent."""
FETCH_SECONDS = 600.0
"""How long one file may take, however steadily it drips."""
LIST_SECONDS = 300.0
MAX_DEPTH = 10
MAX_FILES = 50_000
_BLOCK = 1 << 16
_FAILURES_IN_A_ROW = 3
_DISK_FAULTS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
"""Ours, not the server's: they end the pull."""
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}

_Answer = TypeVar("_Answer")

# By name, so that a library is loaded only when a channel needs it: each takes up to a second.
fsspec.register_implementation("nq57-sftp", "pipelines.intake.sftp.CheckedSftp", clobber=True)
fsspec.register_implementation("nq57-web", "pipelines.intake.web.Web", clobber=True)


class Remote:
    """One agency's channel on a server; connects when it is first needed."""

    is_here = False

    def __init__(self, channel: Channel, access: Access, known_hosts: Path) -> None:
        self._channel, self._access, self._known_hosts = channel, access, known_hosts
        self._opened: Any = None
        self._failures = 0

    def listing(self) -> Iterator[Listed]:
        """Files in the order of their paths; what lies deeper or beyond the limits is reported."""
        found, waiting = 0, [(_root(self._channel.url), 1)]
        until = time.monotonic() + LIST_SECONDS
        while waiting:
            path, depth = waiting.pop()
            folders: list[str] = []
            for entry in sorted(self._list(path), key=lambda entry: str(entry["name"])):
                place = str(entry["name"])
                if place.rstrip("/") == path.rstrip("/") or not counts(_name(self._channel, place)):
                    continue
                if entry["type"] == "directory":
                    folders.append(place)
                    continue
                found += 1
                if found > MAX_FILES:
                    raise self._down(f"> {MAX_FILES} files")
                yield _listed(self._channel, place, entry)
            if folders and depth >= MAX_DEPTH:
                raise self._down(f"> {MAX_DEPTH} folders deep: {printable(folders[0])}")
            if time.monotonic() > until:
                raise self._down(f"> {LIST_SECONDS:.0f} s for the listing")
            waiting += [(folder, depth + 1) for folder in reversed(folders)]

    def fetch(self, listed: Listed, aside: Path, limit: int) -> Path:
        """Write a file to `aside`, whole or with an exception; see `Source.fetch`."""
        try:
            self._attempt(lambda: self._write(listed, aside, limit))
        except TooLarge:
            raise
        except Exception as error:  # whatever libraries make of what a server says
            if isinstance(error, OSError) and error.errno in _DISK_FAULTS:
                raise
            # Three dead links in a row are answers of a server that is up.
            is_answer = isinstance(error, FileNotFoundError | PermissionError)
            self._failures = 0 if is_answer and self._opened else self._failures + 1
            if self._failures >= _FAILURES_IN_A_ROW:
                raise self._down(_reason(error)) from error
            raise self._unreadable(listed, error) from error
        self._failures = 0
        return aside

    def close(self) -> None:
        """Let go of the connection."""
        client = getattr(self._opened, "client", None)
        if client is not None:
            client.close()
        self._opened = None

    def _list(self, path: str) -> list[dict[str, Any]]:
        try:
            return self._attempt(lambda: _entries(self._filesystem(), path))
        except Exception as error:
            raise self._down(_reason(error)) from error

    def _write(self, listed: Listed, aside: Path, limit: int) -> None:
        """Copy block by block: neither a size that was announced nor a server's pace is trusted."""
        is_web = _is_web(self._channel)
        options = {"block_size": 0, "size": listed.size_bytes or 1} if is_web else {}
        until, size_bytes = time.monotonic() + FETCH_SECONDS, 0
        aside.parent.mkdir(parents=True, exist_ok=True)
        source = self._filesystem().open(listed.path, "rb", **options)
        with source, aside.open("wb") as target:
            while block := source.read(_BLOCK):
                size_bytes += len(block)
                if size_bytes > limit:
                    raise TooLarge(f"> {limit} bytes")
                if time.monotonic() > until:
                    raise TimeoutError(f"> {FETCH_SECONDS:.0f} s")
                target.write(block)
        if listed.size_bytes is not None and size_bytes != listed.size_bytes:
            raise OSError(f"{size_bytes} of {listed.size_bytes} bytes came")

    def _attempt(self, action: Callable[[], _Answer]) -> _Answer:
        """Try again what may have been a passing fault, on a new connection."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return action()
            except (FileNotFoundError, PermissionError, TooLarge):
                raise
            except Exception:
                self.close()
                if attempt == ATTEMPTS:
                    raise
                time.sleep(PAUSE_SECONDS)
        raise AssertionError("unreachable")

    def _filesystem(self) -> Any:  # noqa: ANN401
        if self._opened is None:
            self._opened = _open(self._channel.url, self._access, self._known_hosts)
        return self._opened

    def _unreadable(self, listed: Listed, error: Exception) -> SourceUnreadable:
        reason = self._access.hide(printable(_reason(error)))
        return SourceUnreadable(f"{printable(listed.name)}: {reason}")

    def _down(self, reason: str) -> ChannelDown:
        address = f"{self._channel.agency_code} ({self._channel.url})"
        return ChannelDown(
            f"{address}: kênh chưa dùng được, lượt sau sẽ thử lại"
            f" · the channel cannot be used, the next pull tries again:"
            f" {self._access.hide(printable(reason))}"
        )


def _entries(filesystem: Any, path: str) -> list[dict[str, Any]]:  # noqa: ANN401
    """What a folder holds. A server that answers page after page without end is left in time."""
    if filesystem.async_impl:
        found: Any = sync(filesystem.loop, filesystem._ls, path, detail=True, timeout=LIST_SECONDS)
        return found
    return filesystem.ls(path, detail=True)


def _open(url: str, access: Access, known_hosts: Path) -> Any:  # noqa: ANN401
    address = urlsplit(url)
    if address.scheme == "http" and access.user and address.hostname not in _LOOPBACK:
        raise PermissionError("over http:// anyone on the way reads the password: use https://")
    if address.scheme == "s3":
        opened = fsspec.filesystem("s3", **_s3_options(access))
        opened.retries = 1  # of its own five none: attempts are counted here
        return opened
    if address.scheme == "sftp":
        return fsspec.filesystem(
            "nq57-sftp",
            host=address.hostname,
            port=address.port or 22,
            username=access.user or address.username,
            password=access.password,
            key_filename=access.key_file,
            known_hosts=known_hosts,
            seconds=ANSWER_SECONDS,
            skip_instance_cache=True,
        )
    return fsspec.filesystem(
        "nq57-web",
        user=access.user,
        password=access.password,
        seconds=ANSWER_SECONDS,
        whole_seconds=FETCH_SECONDS,
    )


def _s3_options(access: Access) -> dict[str, Any]:
    client = {"region_name": access.region} if access.region else {}
    limits = {
        "connect_timeout": ANSWER_SECONDS,
        "read_timeout": ANSWER_SECONDS,
        "retries": {"max_attempts": 0},
    }
    return {
        "key": access.user,
        "secret": access.password,
        "anon": access.user is None,
        "endpoint_url": access.endpoint,
        "client_kwargs": client,
        "config_kwargs": limits,
        "use_listings_cache": False,
        "skip_instance_cache": True,
    }


def _root(url: str) -> str:
    address = urlsplit(url)
    if address.scheme == "s3":
        return f"{address.netloc}{unquote(address.path)}".rstrip("/")
    if address.scheme == "sftp":
        return unquote(address.path).rstrip("/") or "/"
    return f"{url.rstrip('/')}/"


def _is_web(channel: Channel) -> bool:
    return urlsplit(channel.url).scheme in ("http", "https")


def _name(channel: Channel, path: str) -> str:
    name = path.rstrip("/").rpartition("/")[2]
    return unquote(name) if _is_web(channel) else name


def _listed(channel: Channel, path: str, entry: dict[str, Any]) -> Listed:
    """What the three kinds of servers say of a file, each in its own words."""
    name = _name(channel, path)
    if entry["type"] == "link":
        return Listed(path, name, None, refusal="link_not_followed")
    sent_at = entry.get("LastModified") or entry.get("mtime") or _http_date(entry)
    tag = entry.get("ETag") or ""
    is_stamped = bool(sent_at or tag)
    return Listed(
        path=path,
        name=name,
        size_bytes=entry.get("size"),
        stamp=f"{entry.get('size')} {tag} {sent_at}" if is_stamped else "",
        sent_at=sent_at,
        changed_at=sent_at.timestamp() if sent_at else 0,
    )


def _http_date(entry: dict[str, Any]) -> datetime | None:
    try:
        return parsedate_to_datetime(entry["Last-Modified"]).astimezone(UTC)
    except (KeyError, ValueError):
        return None


def _reason(error: BaseException) -> str:
    """An exception in one line; an empty one by its name."""
    return " ".join(str(error).split())[:1000] or type(error).__name__
