"""The door: what a file must be before any parser sees it.

What belongs here: limits, and a scan of the zip container and its bytes without an XML parser. What
does not: reading cells. The scan also lists the cells that calamine would turn into blanks, errors
and formulas without a stored value, so that a slower reader can be sent to just those sheets.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

BLOCK = 1 << 20
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\sr="([A-Z]{1,7})(\d{1,10})"')
_ERROR = re.compile(rb'<(?:\w+:)?c\b[^>]*?\st="e"')
_FORMULA_WITHOUT_VALUE = re.compile(
    rb'<(?:\w+:)?c\b(?![^>]*\st="str")[^>]*>\s*'
    rb"<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>\s*|<(?:\w+:)?v>\s*</(?:\w+:)?v>\s*)?</(?:\w+:)?c>"
)
_ROW_END = re.compile(rb"</(?:\w+:)?row>")


@dataclass(frozen=True)
class Limits:
    """How large a file may be, and how long the child process may work on it."""

    file_bytes: int = 100_000_000
    inflated_bytes: int = 500_000_000
    ratio: int = 200
    cells: int = 20_000_000
    columns: int = 2_000
    seconds: int = 120
    address_space: int = 4 << 30


@dataclass(frozen=True)
class Refusal:
    """Why a file or a layout was not accepted: a code of the closed list and a short detail."""

    reason_code: str
    detail: str


@dataclass(frozen=True)
class SheetFlags:
    """Cells of one sheet part that calamine shows as blank though something is there."""

    errors: int = 0
    formulas_without_value: int = 0


@dataclass(frozen=True)
class Scan:
    """What the scan learnt of an accepted file."""

    kind: Literal["workbook", "csv"]
    flags: dict[str, SheetFlags] = field(default_factory=dict)


DEFAULT_LIMITS = Limits()


def scan(path: Path, limits: Limits = DEFAULT_LIMITS) -> Scan | Refusal:
    """Look at the bytes of a file and say what it is, or why it is refused."""
    size = path.stat().st_size
    if size > limits.file_bytes:
        return Refusal("over_limit", f"file of {size} bytes, limit {limits.file_bytes}")
    with path.open("rb") as stream:
        head = stream.read(8)
    if head.startswith(b"PK"):
        return _scan_zip(path, limits)
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


def _scan_zip(path: Path, limits: Limits) -> Scan | Refusal:
    try:
        with zipfile.ZipFile(path) as container:
            return _check_directory(container, limits) or _scan_parts(container, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        return Refusal("unreadable_file", f"damaged zip container: {error}")
    except RuntimeError:  # zipfile's way of saying that an entry wants a password
        return Refusal("password_protected", "encrypted zip entry")


def _check_directory(container: zipfile.ZipFile, limits: Limits) -> Refusal | None:
    """Refuse by what the container says of itself, before a byte is inflated."""
    entries = container.infolist()
    names = {entry.filename for entry in entries}
    if len(names) < len(entries):
        return Refusal("hostile_file", "the same zip entry twice")
    for entry in entries:
        if entry.file_size > BLOCK and entry.file_size > limits.ratio * max(entry.compress_size, 1):
            return Refusal("hostile_file", f"{entry.filename} inflates over {limits.ratio} times")
    total = sum(entry.file_size for entry in entries)
    if total > limits.inflated_bytes:
        return Refusal("over_limit", f"{total} bytes inflated, limit {limits.inflated_bytes}")
    if "xl/workbook.xml" not in names:
        return Refusal("unreadable_file", "a zip container, but no .xlsx workbook")
    return None


def _scan_parts(container: zipfile.ZipFile, limits: Limits) -> Scan | Refusal:
    flags: dict[str, SheetFlags] = {}
    inflated = cells = 0
    for entry in container.infolist():
        part = _PartScan(entry.filename, limits)
        for block in _blocks(container, entry):
            inflated += len(block)
            if inflated > limits.inflated_bytes:
                return Refusal("over_limit", f"more than {limits.inflated_bytes} bytes inflated")
            if refusal := part.take(block):
                return refusal
        if refusal := part.finish():
            return refusal
        cells += part.cells
        if cells > limits.cells:
            return Refusal("over_limit", f"more than {limits.cells} cells")
        if part.errors or part.formulas_without_value:
            flags[entry.filename] = SheetFlags(part.errors, part.formulas_without_value)
    return Scan("workbook", flags)


def _blocks(container: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    if not entry.filename.endswith((".xml", ".rels", ".vml")):
        return
    with container.open(entry) as stream:
        while block := stream.read(BLOCK):
            yield block


class _PartScan:
    """Counts over one XML part that arrives in blocks; a row is only looked at once complete."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.name, self.limits = name, limits
        self.is_sheet = name.startswith("xl/worksheets/")
        self.rest: bytes | None = None
        self.cells = self.errors = self.formulas_without_value = 0
        self.last_row = self.last_column = 0

    def take(self, block: bytes) -> Refusal | None:
        if self.rest is None and b"\x00" in block[:64]:
            return Refusal("hostile_file", f"{self.name} is not UTF-8")
        seen = (self.rest or b"") + block
        if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
            return Refusal("hostile_file", f"document type declaration in {self.name}")
        if not self.is_sheet:
            self.rest = seen[-16:]
            return None
        cut = max((match.end() for match in _ROW_END.finditer(seen)), default=0)
        self.rest = seen[cut:]
        if len(self.rest) > 64 * BLOCK:
            return Refusal("hostile_file", f"a row of more than 64 MB in {self.name}")
        return self._count(seen[:cut])

    def finish(self) -> Refusal | None:
        """Look at what follows the last complete row too: a far cell may hide there."""
        return self._count(self.rest or b"") if self.is_sheet else None

    def _count(self, rows: bytes) -> Refusal | None:
        addresses = _CELL.findall(rows)
        if not addresses:
            return None
        self.cells += len(addresses)
        self.errors += len(_ERROR.findall(rows))
        self.formulas_without_value += len(_FORMULA_WITHOUT_VALUE.findall(rows))
        self.last_row = max(self.last_row, *(int(row) for _, row in addresses))
        letters = max({column for column, _ in addresses}, key=lambda name: (len(name), name))
        self.last_column = max(self.last_column, _column_number(letters))
        if self.last_column > self.limits.columns:
            return Refusal("over_limit", f"column {letters.decode()} in {self.name}")
        if self.last_row * self.last_column > self.limits.cells:
            return Refusal("hostile_file", f"cells spread over {self.last_row} rows, {self.name}")
        return None


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
