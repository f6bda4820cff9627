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

from pipelines.workbook.container import SheetFacts, scan_container
from pipelines.workbook.limits import DEFAULT_LIMITS, Limits, Refusal

__all__ = ["DEFAULT_LIMITS", "Limits", "Refusal", "Scan", "scan"]

_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class Scan:
    """What the scan learnt of an accepted file."""

    kind: Literal["workbook", "csv"]
    facts: Mapping[str, SheetFacts] = field(default_factory=dict)
    """By name of the sheet, of workbooks."""


def scan(path: Path, limits: Limits = DEFAULT_LIMITS) -> Scan | Refusal:
    """Look at the bytes of a file and say what it is, or why it is refused."""
    size = path.stat().st_size
    if size > limits.file_bytes:
        return Refusal("over_limit", f"file of {size} bytes, limit {limits.file_bytes}")
    with path.open("rb") as stream:
        head = stream.read(8)
    if head.startswith(b"PK"):
        facts = scan_container(path, limits)
        return facts if isinstance(facts, Refusal) else Scan("workbook", facts)
    if head.startswith(_COMPOUND_FILE):
        if _ENCRYPTED in path.read_bytes():
            return Refusal("password_protected", "encrypted workbook")
        return Refusal("unreadable_file", "old binary format (.xls): save as .xlsx")
    return _scan_text(path)


def _scan_text(path: Path) -> Scan | Refusal:
    content = path.read_bytes()
    if not content.strip():
        return Refusal("unreadable_file", "empty file")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return Refusal("unreadable_file", "HTML or XML, not a workbook: save as .xlsx")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Refusal("unreadable_file", "encoding UTF-16: save as CSV UTF-8")
    if re.search(rb"[\x00-\x08\x0e-\x1f]", content):
        return Refusal("unreadable_file", "neither a workbook nor text")
    decoded = content.decode("utf-8", errors="replace")
    if "\ufffd" in decoded:
        return Refusal("unreadable_file", "encoding is not UTF-8: save as CSV UTF-8")
    return Scan("csv")
