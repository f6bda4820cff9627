"""Channels: where an agency's files are, and the pull that takes them into the archive.

What belongs here: `channels.yml`, which files count, and why one is refused at the door. What does
not: what is inside a file (`workbook/`). Names of files are text, never paths to follow.
"""

from __future__ import annotations

import csv
import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, field_validator

from pipelines import durable
from pipelines.intake import archive
from pipelines.intake.archive import Receipt
from pipelines.settings import Settings

log = logging.getLogger(__name__)

MAX_BYTES = 100_000_000

Progress = Callable[[int, int], None]
"""Called with the number of files done and the number of files found."""


class ChannelsError(Exception):
    """`channels.yml` cannot be used; the sentence says where and why, in both languages."""


@dataclass(frozen=True)
class Channel:
    """Whose files are in which folder."""

    agency_code: str
    url: str
    """The address as it was given; receipts carry it."""
    folder: Path
    trust_sent_at: bool = False
    """The clock of the channel is ours: the time of a file is when we first saw it."""


@dataclass(frozen=True)
class PullSummary:
    """How many files a pull saw: `new`, `known` from before, or `refused` (now or before)."""

    new: int = 0
    known: int = 0
    refused: int = 0
    by_reason: dict[str, int] = field(default_factory=dict)


class _Line(BaseModel):
    """A line of `channels.yml`; the url is a folder, absolute or relative to the data root."""

    model_config = ConfigDict(extra="forbid")

    agency_code: str
    url: str
    trust_sent_at: bool = False

    @field_validator("url")
    @classmethod
    def _is_folder(cls, url: str) -> str:
        if urlsplit(url).scheme not in ("", "file"):
            raise ValueError("only a folder can be pulled, as a path or file://…")
        return url


_LINES = TypeAdapter(list[_Line])


def load_channels(settings: Settings) -> list[Channel]:
    """The channels of `channels.yml`, then every other folder of the inbox under its own name.

    Hence a file in a folder that nobody expected is refused by name rather than overlooked.
    """
    channels = _named_channels(settings)
    named = {channel.folder for channel in channels}
    return channels + [
        Channel(archive.printable(folder.name), f"inbox/{archive.printable(folder.name)}", folder)
        for folder in sorted(settings.inbox.glob("[!.]*"))
        if folder.is_dir() and not folder.is_symlink() and folder not in named
    ]


def pull(settings: Settings, now: datetime, progress: Progress | None = None) -> PullSummary:
    """Take every file of every channel into the archive, once. Only for who holds the lock."""
    durable.sweep(settings.archive)
    durable.sweep(settings.archive / "receipts")
    channels = load_channels(settings)
    known = {one.submission_id: one for one in archive.read_receipts(settings.archive)}
    desk = _Desk(settings.archive, reporting_agencies(settings.seeds), known, now)
    found = [(channel, path) for channel in channels for path in _files(channel)]
    outcomes = Counter(_refused_at_the_door(settings.inbox, channels))
    for number, (channel, path) in enumerate(found, start=1):
        outcomes[desk.take(channel, path)] += 1
        if progress:
            progress(number, len(found))
    new_count, known_count = outcomes.pop("new", 0), outcomes.pop("known", 0)
    return PullSummary(new_count, known_count, outcomes.total(), dict(sorted(outcomes.items())))


def reporting_agencies(seeds: Path) -> frozenset[str]:
    """Codes that may send files: agencies that report or once did, and the committee's own.

    Whether an abolished one still existed on the day of a report is judged by that day.
    """
    with (seeds / "agencies.csv").open(encoding="utf-8", newline="") as handle:
        return frozenset(
            row["agency_code"] for row in csv.DictReader(handle) if row["kind"] != "group"
        )


@dataclass(frozen=True)
class _Desk:
    """Where files are taken in: what is known already, and who may send."""

    archive: Path
    agencies: frozenset[str]
    receipts: dict[str, Receipt]
    now: datetime

    def take(self, channel: Channel, path: Path) -> str:
        """Archive one file, or refuse it; gives `new`, `known` or the reason of the refusal."""
        if path.is_symlink() and not _stays_inside(path, channel.folder):
            return _refused(path, "link_not_followed")
        try:
            receipt = _judged(self._described(channel, path), self.agencies)
            known = self.receipts.get(receipt.submission_id)
            if known and (known.status == "RECEIVED" or receipt.status == "REFUSED"):
                return known.reason_code or "known"
            if receipt.reason_code == "too_large":
                archive.write_receipt(self.archive, receipt)
            else:
                archive.keep(self.archive, path, receipt)
        except archive.SourceUnreadable as error:
            log.warning("%s", error)
            return "not_readable_yet"
        self.receipts[receipt.submission_id] = receipt
        return _refused(path, receipt.reason_code) if receipt.reason_code else "new"

    def _described(self, channel: Channel, path: Path) -> Receipt:
        sent_at = archive.modified_at(path)
        received_at = sent_at if channel.trust_sent_at else self.now
        return archive.describe(channel.agency_code, channel.url, path, sent_at, received_at)


def _judged(receipt: Receipt, agencies: frozenset[str]) -> Receipt:
    if receipt.size_bytes > MAX_BYTES:
        detail = f"{receipt.size_bytes} > {MAX_BYTES} bytes"
        return replace(receipt, status="REFUSED", reason_code="too_large", detail=detail)
    if receipt.agency_code not in agencies:
        detail = receipt.agency_code
        return replace(receipt, status="REFUSED", reason_code="unknown_agency", detail=detail)
    return receipt


def _files(channel: Channel) -> Iterator[Path]:
    """Files of a channel, in the order of their paths; links come too, to be judged by name."""
    if not channel.folder.is_dir():
        log.warning("%s: no folder %s", channel.agency_code, channel.folder)
    for folder, subfolders, names in os.walk(channel.folder, onerror=_log_error):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        links = [name for name in subfolders if (Path(folder) / name).is_symlink()]
        for name in sorted([*names, *links]):
            path = Path(folder) / name
            if _counts(name) and (path.is_file() or path.is_symlink()):
                yield path


def _counts(name: str) -> bool:
    return not name.startswith((".", "~$")) and not name.endswith(".tmp")


def _stays_inside(link: Path, folder: Path) -> bool:
    return link.is_file() and link.resolve().is_relative_to(folder.resolve())


def _refused_at_the_door(inbox: Path, channels: list[Channel]) -> Iterator[str]:
    """What lies in the inbox beside the channels: loose files and links, each named in the log."""
    folders = {channel.folder for channel in channels}
    for path in sorted(inbox.glob("[!.]*")):
        if path.is_symlink() and path not in folders:
            yield _refused(path, "link_not_followed")
        elif path.is_file() and _counts(path.name):
            yield _refused(path, "no_channel")


def _refused(path: Path, reason_code: str) -> str:
    log.warning("refused, %s: %s", reason_code, archive.printable(str(path)))
    return reason_code


def _log_error(error: OSError) -> None:
    log.warning("%s", error)


def _named_channels(settings: Settings) -> list[Channel]:
    path = settings.channels
    if not path.is_file():
        return []
    content = path.read_bytes()
    try:
        lines = _LINES.validate_python(yaml.safe_load(content) or [])
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        number = mark.line + 1 if mark else 1
        raise _channels_error(path, number, "", str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        index, *names = first["loc"] or (0,)
        number = _line_number(content, index)
        raise _channels_error(path, number, ".".join(map(str, names)), first["msg"]) from error
    return [
        Channel(
            line.agency_code, line.url, _folder(line.url, settings.data_root), line.trust_sent_at
        )
        for line in lines
    ]


def _folder(url: str, data_root: Path) -> Path:
    address = urlsplit(url)
    return Path(os.path.normpath(data_root / (unquote(address.path) if address.scheme else url)))


def _line_number(content: bytes, index: int | str) -> int:
    document = yaml.compose(content)
    if isinstance(document, yaml.SequenceNode) and isinstance(index, int):
        document = document.value[index]
    return document.start_mark.line + 1 if document else 1


def _channels_error(path: Path, number: int, name: str, problem: str) -> ChannelsError:
    place_vi = f"{path.name}, dòng {number}" + (f", mục {name}" if name else "")
    place_en = f"{path.name}, line {number}" + (f", field {name}" if name else "")
    return ChannelsError(f"{place_vi}: không dùng được · {place_en}: {problem}")
