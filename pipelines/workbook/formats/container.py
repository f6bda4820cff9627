"""The zip container of a workbook: what it claims, what it really holds, which part is which sheet.

What belongs here: limits on entries, enforced while inflating, and the walk through all parts. What
does not: the inside of a worksheet (`sheet_scan.py`), the other formats (`guard.py`).
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers.expat import ExpatError

from pipelines.workbook.formats.sheet_scan import (
    LostCell,
    OverLimit,
    Range,
    SheetScan,
    TextScan,
    has_declaration,
)
from pipelines.workbook.formats.signatures import refused_package
from pipelines.workbook.limits import BLOCK, Limits, Refusal

_WORKBOOK = "xl/workbook.xml"
_STRINGS = "xl/sharedstrings.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_XML = (".xml", ".rels", ".vml")


@dataclass(frozen=True)
class SheetFacts:
    """What is known of a sheet beside its values; both readers add it to theirs."""

    lost: tuple[LostCell, ...] = ()
    is_hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    """Row numbers, from 1."""
    hidden_columns: frozenset[int] = frozenset()
    """Places, from 0."""
    merged: tuple[Range, ...] = ()


@dataclass(frozen=True)
class _Sheet:
    """A sheet as the workbook lists it; its part in lower letters, as readers compare them."""

    name: str
    part: str
    is_hidden: bool


@dataclass(frozen=True)
class Facts:
    """What is known of a workbook before any reader opens it."""

    sheets: Mapping[str, SheetFacts]
    """By name."""
    is_odd: bool = False
    """Holds texts that calamine would cut; see `sheet_scan.is_odd`."""


def scan_container(path: Path, limits: Limits) -> Facts | Refusal:
    """Walk through a zip file that should be an .xlsx or .xlsm workbook."""
    try:
        with zipfile.ZipFile(path) as container:
            refusal = check_directory(container, limits)
            if refusal is None and _WORKBOOK not in (names := set(container.namelist())):
                refusal = refused_package(names)
            return refusal or _scan_parts(container, limits)
    except OverLimit as found:
        return found.refusal
    except (
        *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError),
        *(KeyError, ExpatError, ElementTree.ParseError),
    ) as error:
        return Refusal("unreadable_file", f"damaged zip container: {error}")
    except RuntimeError:  # zipfile's way of saying that an entry wants a password
        return Refusal("password_protected", "encrypted zip entry")


def check_directory(container: zipfile.ZipFile, limits: Limits) -> Refusal | None:
    """Refuse by what the container says of itself, before a byte is inflated."""
    entries = container.infolist()
    names = {entry.filename.lower() for entry in entries}  # as readers compare them
    if len(names) < len(entries):
        return Refusal("hostile_file", "the same zip entry twice")
    for entry in entries:
        if entry.file_size > BLOCK and entry.file_size > limits.ratio * max(entry.compress_size, 1):
            return Refusal("hostile_file", f"{entry.filename} inflates over {limits.ratio} times")
    total = sum(entry.file_size for entry in entries)
    if total > limits.inflated_bytes:
        return Refusal("over_limit", f"{total} bytes inflated, limit {limits.inflated_bytes}")
    return None


def _scan_parts(container: zipfile.ZipFile, limits: Limits) -> Facts | Refusal:
    """Inflate every XML part once; worksheets and shared strings are looked at on the way."""
    sheets = _sheets(container)
    if len(sheets) > limits.sheets:
        return Refusal("over_limit", f"{len(sheets)} sheets, limit {limits.sheets}")
    scans = {sheet.part: SheetScan(sheet.part, limits) for sheet in sheets}
    texts = TextScan()
    inflated = 0
    for entry in container.infolist():
        part = entry.filename.lower()
        scan = texts if part == _STRINGS else scans.get(part)
        if scan is None and not part.endswith(_XML):
            continue
        for block in blocks(container, entry.filename):
            inflated += len(block)
            if inflated > limits.inflated_bytes:
                return Refusal("over_limit", f"more than {limits.inflated_bytes} bytes inflated")
            if scan is not None:
                scan.take(block)
        if scan is not None:
            scan.finish()
    if sum(scan.found.cells for scan in scans.values()) > limits.cells:
        return Refusal("over_limit", f"more than {limits.cells} cells")
    is_odd = texts.is_odd or any(scan.is_odd for scan in scans.values())
    return Facts({sheet.name: _facts(scans[sheet.part], sheet) for sheet in sheets}, is_odd)


def _facts(scan: SheetScan, sheet: _Sheet) -> SheetFacts:
    found = scan.found
    return SheetFacts(
        tuple(found.lost),
        sheet.is_hidden,
        frozenset(found.hidden_rows),
        frozenset(found.hidden_columns),
        tuple(found.merged),
    )


def blocks(container: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The bytes of a part; raises `OverLimit` for what no workbook needs, and XML attacks do."""
    before = b""
    with container.open(name) as stream:
        while block := stream.read(BLOCK):
            if not before and b"\x00" in block[:64]:
                raise OverLimit("hostile_file", f"{name} is not UTF-8")
            start = before + block[:16]
            for seen in (start, block):
                if has_declaration(seen) and (b"<!DOCTYPE" in seen or b"<!ENTITY" in seen):
                    raise OverLimit("hostile_file", f"document type declaration in {name}")
            before = block[-16:]
            yield block


def _sheets(container: zipfile.ZipFile) -> list[_Sheet]:
    """What the workbook says of its sheets, in its order."""
    targets = {
        element.get("Id"): posixpath.normpath(posixpath.join("/xl", element.get("Target", "")))
        for element in _elements(container, _RELATIONS, "Relationship")
    }
    sheets: list[_Sheet] = []
    for element in _elements(container, _WORKBOOK, "sheet"):
        relation = next((value for key, value in element.items() if key.endswith("}id")), None)
        part = targets.get(relation, "").lstrip("/").lower()
        is_hidden = element.get("state", "visible") != "visible"
        sheets.append(_Sheet(element.get("name", ""), part, is_hidden))
    return sheets


def _elements(container: zipfile.ZipFile, part: str, tag: str) -> list[ElementTree.Element]:
    content = b"".join(blocks(container, part))
    root = ElementTree.fromstring(content)  # document types are refused above
    return [element for element in root.iter() if element.tag.rpartition("}")[2] == tag]
