"""The archive: the bytes that came, the receipts and the decisions. Never rewritten, never lost.

What belongs here: storing and reading back what knowledge is made of. What does not: where files
come from (`channels.py`) and what is in them (`workbook/`).

Decisions are appended to one file, synced line by line, rather than rewritten aside: no fault of
ours can then lose an older answer, and `nq57 decide` need not wait for a run (2026-11). A line torn
by a kill is no JSON object, as no beginning of one is, and is left out by name.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal
from unicodedata import category

from pydantic import TypeAdapter, ValidationError

from pipelines import durable

log = logging.getLogger(__name__)

_BLOCK = 1 << 20
_UNTIL = "accept until "


class ArchiveDamaged(Exception):
    """A record of the archive cannot be read: mend it from a backup before the next run."""


class SourceUnreadable(Exception):
    """The file went away, may not be read, or is still being written; the next pull tries again."""


@dataclass(frozen=True)
class Receipt:
    """One pull of one file: who sent what, when we first saw it, and why if it was refused."""

    submission_id: str
    agency_code: str
    channel: str
    file_name: str
    sha256: str
    size_bytes: int
    sent_at: datetime
    received_at: datetime
    status: Literal["RECEIVED", "REFUSED"] = "RECEIVED"
    reason_code: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class Decision:
    """What a person answered: one line of `decisions.jsonl`."""

    decided_at: datetime
    decided_by: str
    kind: str
    key: str
    answer: str
    reason: str

    def __post_init__(self) -> None:
        """An exception must end on a day; raises ValueError."""
        if self.kind == "exception" and self.answer not in {"accept", "end"}:
            date.fromisoformat(self.answer.removeprefix(_UNTIL))

    @property
    def expires_on(self) -> date | None:
        """The last day of an exception that ends by itself."""
        is_limited = self.kind == "exception" and self.answer.startswith(_UNTIL)
        return date.fromisoformat(self.answer.removeprefix(_UNTIL)) if is_limited else None


_RECEIPT = TypeAdapter(Receipt)
_DECISION = TypeAdapter(Decision)


def submission_id(agency_code: str, sha256: str) -> str:
    """The same bytes from the same agency are the same submission."""
    return hashlib.sha256(f"{agency_code}|{sha256}".encode()).hexdigest()[:16]


def stored_file(archive: Path, receipt: Receipt) -> Path:
    """Where the bytes of a received file are."""
    return archive / receipt.sha256


def store(  # noqa: PLR0913, PLR0917 - the fields of a receipt
    archive: Path,
    agency_code: str,
    channel: str,
    path: Path,
    sent_at: datetime,
    received_at: datetime,
) -> Receipt:
    """Keep the bytes of a file, then its receipt. Raises SourceUnreadable."""
    receipt = describe(agency_code, channel, path, sent_at, received_at)
    keep(archive, path, receipt)
    return receipt


def describe(  # noqa: PLR0913, PLR0917 - the fields of a receipt
    agency_code: str,
    channel: str,
    path: Path,
    sent_at: datetime,
    received_at: datetime,
    file_name: str | None = None,
) -> Receipt:
    """The receipt that the file would get; nothing is written. Raises SourceUnreadable.

    `file_name` is what the sender calls it, when it lies here under another name.
    """
    sha256, size_bytes = _digest(path)
    return Receipt(
        submission_id=submission_id(agency_code, sha256),
        agency_code=agency_code,
        channel=channel,
        file_name=printable(file_name or path.name),
        sha256=sha256,
        size_bytes=size_bytes,
        sent_at=whole_second(sent_at),
        received_at=whole_second(received_at),
    )


def keep(archive: Path, path: Path, receipt: Receipt) -> None:
    """Keep the bytes that the receipt describes, then the receipt. Raises SourceUnreadable."""
    _keep_bytes(path, stored_file(archive, receipt), receipt.sha256)
    write_receipt(archive, receipt)


def write_receipt(archive: Path, receipt: Receipt) -> None:
    """Write a receipt: alone when the bytes are not to be kept, else after them."""
    target = archive / "receipts" / f"{receipt.submission_id}.json"
    with durable.file_aside(target) as aside:
        aside.write_bytes(_RECEIPT.dump_json(receipt, indent=1) + b"\n")


def read_receipts(archive: Path) -> list[Receipt]:
    """All receipts, in the order in which we came to know the files."""
    receipts = (_read_receipt(path) for path in archive.glob("receipts/[!.]*.json"))
    return sorted(receipts, key=lambda receipt: (receipt.received_at, receipt.submission_id))


def append_decision(archive: Path, decision: Decision) -> None:
    """Add one line to the record of decisions; on return it is on the disk."""
    durable.append(archive / "decisions.jsonl", _DECISION.dump_json(decision))


def read_decisions(archive: Path) -> list[Decision]:
    """All decisions, in the order in which they were written."""
    path = archive / "decisions.jsonl"
    lines = path.read_bytes().splitlines() if path.is_file() else []
    decisions = (_read_decision(path, number, line) for number, line in enumerate(lines, start=1))
    return [decision for decision in decisions if decision is not None]


def store_rule_set(archive: Path, files: Mapping[str, Path], rule_set_hash: str) -> Path:
    """Keep the files of a rule set, by their names inside the project, once per hash."""
    target = archive / "rule_sets" / rule_set_hash
    if target.is_dir():
        return target
    with durable.folder_aside(target) as aside:
        for name, source in sorted(files.items()):
            copy = aside / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
    return target


def whole_second(instant: datetime) -> datetime:
    """An instant as receipts keep it."""
    return instant.astimezone(UTC).replace(microsecond=0)


def printable(name: str) -> str:
    """A file name as text that a terminal shows and does not obey.

    Its bytes may not be UTF-8 (archives packed on old systems); control and direction characters
    would move the cursor or turn the line round.
    """
    text = name.encode(errors="surrogateescape").decode(errors="replace")
    return "".join("\ufffd" if category(one) in ("Cc", "Cf") else one for one in text)


def _keep_bytes(source: Path, target: Path, sha256: str) -> None:
    if target.is_file() and _digest(target)[0] == sha256:
        return
    with durable.file_aside(target) as aside:
        copied = hashlib.sha256()
        with aside.open("wb") as handle:
            for block in _blocks(source):
                copied.update(block)
                handle.write(block)
        if copied.hexdigest() != sha256:
            raise SourceUnreadable(f"{printable(source.name)}: changed while it was read")
        if _digest(aside)[0] != sha256:
            raise ArchiveDamaged(f"{target}: what was stored is not what was written")


def _digest(path: Path) -> tuple[str, int]:
    seen, size_bytes = hashlib.sha256(), 0
    for block in _blocks(path):
        seen.update(block)
        size_bytes += len(block)
    return seen.hexdigest(), size_bytes


def _blocks(path: Path) -> Iterator[bytes]:
    with _reading(path):
        handle = path.open("rb", buffering=0)
    with handle:
        while block := handle.read(_BLOCK):
            yield block


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, PermissionError) as error:
        raise SourceUnreadable(f"{printable(path.name)}: {error.strerror}") from error


def _read_receipt(path: Path) -> Receipt:
    try:
        return _RECEIPT.validate_json(path.read_bytes())
    except ValidationError as error:
        raise ArchiveDamaged(f"{path}: {error}") from error


def _read_decision(path: Path, number: int, line: bytes) -> Decision | None:
    try:
        return _DECISION.validate_json(line)
    except ValidationError as error:
        if error.errors()[0]["type"] == "json_invalid":
            log.warning("%s, line %d: torn by a kill, ignored", path, number)
            return None
        raise ArchiveDamaged(f"{path}, line {number}: {error}") from error
