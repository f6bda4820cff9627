"""Whose files are where: `channels.yml`, one line per agency, and the folders of the inbox.

What belongs here: reading and judging that list. What does not: how an address is opened
(`sources.py`), credentials (the environment: `settings.py`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, field_validator

from pipelines.intake.archive import printable
from pipelines.settings import Settings

REMOTE = ("s3", "sftp", "http", "https")


class ChannelsError(Exception):
    """`channels.yml` cannot be used; the sentence says where and why, in both languages."""


@dataclass(frozen=True)
class Channel:
    """Whose files are at which address."""

    agency_code: str
    url: str
    """The address as it was given; receipts carry it."""
    folder: Path | None
    """Where that is on this machine; None when it is elsewhere."""
    trust_sent_at: bool = False
    """The clock of the channel is ours: the time of a file is when we first saw it."""


class _Line(BaseModel):
    """A line of `channels.yml`; a folder is absolute or relative to the data root."""

    model_config = ConfigDict(extra="forbid")

    agency_code: str
    url: str
    trust_sent_at: bool = False

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        address = urlsplit(url)
        if address.scheme not in ("", "file", *REMOTE):
            known = ", ".join(f"{scheme}://" for scheme in REMOTE)
            raise ValueError(f"pulled are a folder (as a path or file://…) and {known}")
        if address.scheme not in REMOTE:
            if address.scheme and address.netloc not in ("", "localhost"):
                raise ValueError("file:// names a folder of this machine: file:///folder")
            return url
        if address.password is not None or (address.username and address.scheme != "sftp"):
            raise ValueError("no password stands in an address: see .env.example")
        if address.query or address.fragment:
            raise ValueError("an address ends before ? and #, where signatures and tokens stand")
        if not address.hostname or address.port == 0:
            raise ValueError("the address names no host (s3://: no bucket)")
        return url


_LINES = TypeAdapter(list[_Line])


def load_channels(settings: Settings) -> list[Channel]:
    """The channels of `channels.yml`, then every other folder of the inbox under its own name.

    Hence a file in a folder that nobody expected is refused by name rather than overlooked.
    """
    channels = [
        Channel(line.agency_code, line.url, _folder(line.url, settings), line.trust_sent_at)
        for line in _lines(settings.channels)
    ]
    for index, channel in enumerate(channels):
        if channel.folder and settings.data_root.is_relative_to(channel.folder):
            number = _line_number(settings.channels.read_bytes(), index)
            raise _error(settings.channels, number, "url", "that folder holds all that we keep")
    named = {channel.folder for channel in channels}
    return channels + [
        Channel(printable(folder.name), f"inbox/{printable(folder.name)}", folder)
        for folder in sorted(settings.inbox.glob("[!.]*"))
        if folder.is_dir() and not folder.is_symlink() and folder not in named
    ]


def _lines(path: Path) -> list[_Line]:
    if not path.is_file():
        return []
    content = path.read_bytes()
    try:
        return _LINES.validate_python(yaml.safe_load(content) or [])
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        # Not the whole text of the error, which quotes the line: a secret may stand there.
        problem = getattr(error, "problem", None) or getattr(error, "reason", "not YAML")
        raise _error(path, mark.line + 1 if mark else 1, "", problem) from None
    except ValidationError as error:
        first = error.errors()[0]
        index, *names = first["loc"] or (0,)
        number = _line_number(content, index)
        raise _error(path, number, ".".join(map(str, names)), first["msg"]) from None


def _folder(url: str, settings: Settings) -> Path | None:
    address = urlsplit(url)
    if address.scheme in REMOTE:
        return None
    path = unquote(address.path) if address.scheme else url
    return Path(os.path.normpath(settings.data_root / path))


def _line_number(content: bytes, index: int | str) -> int:
    document = yaml.compose(content)
    if isinstance(document, yaml.SequenceNode) and isinstance(index, int):
        document = document.value[index]
    return document.start_mark.line + 1 if document else 1


def _error(path: Path, number: int, name: str, problem: str) -> ChannelsError:
    place_vi = f"{path.name}, dòng {number}" + (f", mục {name}" if name else "")
    place_en = f"{path.name}, line {number}" + (f", field {name}" if name else "")
    return ChannelsError(f"{place_vi}: không dùng được · {place_en}: {problem}")
