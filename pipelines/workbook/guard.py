"""The door: what a file must be before any parser sees it.

What belongs here: telling formats apart by their bytes, and refusals by name. What does not: the
inside of a zip container (`container.py`), reading cells (`cells.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pipelines.workbook.formats.container import SheetFacts, scan_container
from pipelines.workbook.formats.signatures import COMPOUND_FILE, PARQUET, refused_head
from pipelines.workbook.limits import DEFAULT_LIMITS, Limits, Refusal

__all__ = ["DEFAULT_LIMITS", "FileKind", "Limits", "Refusal", "Scan", "scan"]

_HEAD = 4096
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# The standard puts this entry first, and never deflated.
_OPENDOCUMENT = re.compile(
    rb"mimetype.{0,64}application/vnd\.oasis\.opendocument\.spreadsheet", re.DOTALL
)

FileKind = Literal["workbook", "xls", "ods", "parquet", "text"]


@dataclass(frozen=True)
class Scan:
    """What the scan learnt of an accepted file."""

    kind: FileKind
    facts: Mapping[str, SheetFacts] = field(default_factory=dict)
    """By name of the sheet, of .xlsx; the other formats are looked at as they are read."""
    is_odd: bool = False
    """Holds texts that calamine would cut."""


def scan(path: Path, limits: Limits = DEFAULT_LIMITS) -> Scan | Refusal:
    """Look at the bytes of a file and say what it is, or why it is refused."""
    size = path.stat().st_size
    if size > limits.file_bytes:
        return Refusal("over_limit", f"file of {size} bytes, limit {limits.file_bytes}")
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if not head.strip() and size <= _HEAD:
        return Refusal("unreadable_file", "empty file")
    if not head.startswith(b"PK"):
        return _scan_plain(path, head)
    if _OPENDOCUMENT.search(head):
        return Scan("ods")
    facts = scan_container(path, limits)
    if isinstance(facts, Refusal):
        return facts
    return Scan("workbook", facts.sheets, facts.is_odd)


def _scan_plain(path: Path, head: bytes) -> Scan | Refusal:
    """What is no zip container."""
    if head.startswith(COMPOUND_FILE):
        is_encrypted = _ENCRYPTED in path.read_bytes()
        return Refusal("password_protected", "workbook") if is_encrypted else Scan("xls")
    if head.startswith(PARQUET):
        return Scan("parquet")
    return refused_head(head) or Scan("text")
