"""Builders of small files in every format that agencies send, each named for its one fault."""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from struct import pack
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from golden import COVER, HEADER, ROW

Rows = Sequence[Sequence[object]]
TASKS: Rows = (
    HEADER,
    ROW,
    ("NQ71-002", "Sửa đổi Luật Khoa học và Công nghệ", "Bộ KH&CN", "31/12/2025", "Hoàn thành"),
    ("NQ71-003", 'Đề án "Dữ liệu mở"; giai đoạn 1', "Bộ KH&CN", "Quý IV/2025", "Chưa thực hiện"),
)
PREAMBLE: Rows = (
    ("BÁO CÁO THỰC HIỆN NHIỆM VỤ",),
    ("Mã cơ quan", "BKHCN"),
    ("Ngày báo cáo", "23/09/2025"),
    (),
)


# --- Text with separators


def delimited(
    path: Path, rows: Rows = TASKS, separator: str = ",", encoding: str = "utf-8", start: str = ""
) -> Path:
    """A table as the csv module writes it; preamble lines keep their own width."""
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=separator).writerows(rows)
    path.write_bytes((start + stream.getvalue()).encode(encoding))
    return path


def unicode_text(path: Path, rows: Rows = TASKS) -> Path:
    """What Excel calls "Unicode text": UTF-16 with its mark, and tabs."""
    return delimited(path, rows, "\t", "utf-16")


def windows_1258(path: Path, rows: Rows = TASKS) -> Path:
    """Vietnamese as Windows kept it before Unicode: tones follow their letters."""
    text = delimited(path, rows).read_bytes().decode()
    path.write_bytes(to_windows_1258(text))
    return path


def to_windows_1258(text: str) -> bytes:
    tones = "\u0300\u0301\u0303\u0309\u0323"
    encoded = b""
    for letter in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", letter)
        plain = unicodedata.normalize("NFC", "".join(p for p in parts if p not in tones))
        encoded += (plain + "".join(p for p in parts if p in tones)).encode("cp1258")
    return encoded


def tcvn3(path: Path, rows: Rows = TASKS) -> Path:
    """Vietnamese as the fonts of TCVN3 showed it; capitals with marks look like small letters."""
    from pipelines.workbook.parsing.encodings import _TCVN3

    letters = {chr(new) if isinstance(new, int) else new: chr(old) for old, new in _TCVN3.items()}
    text = delimited(path, rows).read_bytes().decode()
    masked = "".join(letters.get(one, letters.get(one.lower(), one)) for one in text)
    path.write_bytes(masked.encode("cp1252"))
    return path


def foreign_text(path: Path) -> Path:
    path.write_bytes("Mã,Tên\n1,Café société\n2,Müller\n".encode("cp1252", errors="replace"))
    return path


def either_separator(path: Path) -> Path:
    path.write_text("Mã,Tên;Số\n1,a;2\n2,b;3\n", encoding="utf-8")
    return path


# --- OpenDocument

_NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text", "style")
)
_CALCEXT = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
_MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def opendocument(path: Path, sheets: Mapping[str, Rows] | None = None, inner: str = "") -> Path:
    """A spreadsheet with these sheets; `inner` is put before them as it stands."""
    given = sheets if sheets is not None else {"Thông tin": COVER, "Nhiệm vụ": TASKS}
    tables = "".join(
        f"<table:table table:name={quoteattr(name)}>{''.join(map(_odf_row, rows))}</table:table>"
        for name, rows in given.items()
    )
    return opendocument_of(path, f"{inner}{tables}")


def opendocument_of(
    path: Path, tables: str, styles: str = "", manifest: str = "", prologue: str = ""
) -> Path:
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{prologue}'
        f'<office:document-content {_NAMESPACES} xmlns:calcext="{_CALCEXT}" office:version="1.3">'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    listed = (
        f'<manifest:manifest xmlns:manifest="{space}" manifest:version="1.3">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_MEDIA_TYPE}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">'
        f"{manifest}</manifest:file-entry></manifest:manifest>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("mimetype", _MEDIA_TYPE, zipfile.ZIP_STORED)
        container.writestr("content.xml", content)
        container.writestr("META-INF/manifest.xml", listed)
    return path


def _odf_row(row: Sequence[object]) -> str:
    return f"<table:table-row>{''.join(map(odf_cell, row))}</table:table-row>"


def odf_cell(value: object, attributes: str = "") -> str:
    match value:
        case None:
            return f"<table:table-cell {attributes}/>"
        case date():
            kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
        case int() | float():
            kind = f'office:value-type="float" office:value="{value}"'
        case _:
            kind = 'office:value-type="string"'
    return f"<table:table-cell {kind} {attributes}>{odf_text(value)}</table:table-cell>"


def odf_text(value: object) -> str:
    return "".join(f"<text:p>{escape(line)}</text:p>" for line in str(value).split("\n"))


def encrypted_opendocument(path: Path) -> Path:
    return opendocument_of(path, "", manifest="<manifest:encryption-data/>")


# --- Old binary workbooks

_SECTOR = 512
_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def legacy(path: Path, sheets: Mapping[str, Rows | bytes] | None = None, **options: Any) -> Path:
    """An .xls workbook of rows, or of records as they stand."""
    given = sheets if sheets is not None else {"Thông tin": COVER, "Nhiệm vụ": TASKS}
    path.write_bytes(compound_file("Workbook", _workbook(given, **options)))
    return path


def record(code: int, content: bytes = b"") -> bytes:
    return pack("<HH", code, len(content)) + content


def _workbook(
    sheets: Mapping[str, Rows | bytes], hidden: Sequence[str] = (), head: bytes = b""
) -> bytes:
    bodies = [
        record(0x0809, pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
        + (rows if isinstance(rows, bytes) else _records(rows))
        + record(0x000A)
        for rows in sheets.values()
    ]
    start = record(0x0809, pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)) + head
    start += record(0x0042, pack("<H", 1200))
    # Two styles of cells: general, and a date.
    start += b"".join(record(0x00E0, pack("<HHH", 0, key, 0) + bytes(14)) for key in (0, 14))
    names = [pack("<BB", len(name), 1) + name.encode("utf-16-le") for name in sheets]
    place = len(start) + sum(len(name) + 10 for name in names) + 4
    bounds = b""
    for name, key, body in zip(names, sheets, bodies, strict=True):
        bounds += record(0x0085, pack("<IBB", place, key in hidden, 0) + name)
        place += len(body)
    return start + bounds + record(0x000A) + b"".join(bodies)


def _records(rows: Rows) -> bytes:
    return b"".join(
        biff_cell(row, column, value)
        for row, values in enumerate(rows)
        for column, value in enumerate(values)
        if value is not None
    )


def biff_cell(row: int, column: int, value: object) -> bytes:
    match value:
        case date():
            serial = (value - date(1899, 12, 30)).days
            return record(0x0203, pack("<HHHd", row, column, 1, serial))
        case bool():
            return record(0x0205, pack("<HHHBB", row, column, 0, value, 0))
        case int() | float():
            return record(0x0203, pack("<HHHd", row, column, 0, value))
        case _:
            text = str(value)
            content = pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le")
            return record(0x0204, content)


def biff_formula(row: int, column: int, result: bytes, options: int = 0) -> bytes:
    """The formula is 1; what counts is the result that is stored for it."""
    tokens = b"\x1e\x01\x00"
    content = pack("<HHH", row, column, 0) + result + pack("<HIH", options, 0, len(tokens))
    return record(0x0006, content + tokens)


def compound_file(name: str, stream: bytes) -> bytes:
    """One stream in the container of old Office files, with one sector of allocation per 64 kB."""
    stream += bytes(max(4096 - len(stream), 0))  # shorter ones live in a container of their own
    size = len(stream)
    sectors = -(-size // _SECTOR)
    tables = -(-(sectors + 1) // 127)  # one more for the directory, and those of the table itself
    chain = [*range(tables + 2, tables + 1 + sectors), _END]
    entries = [_TABLE] * tables + [_END, *chain]
    entries += [_FREE] * (tables * 128 - len(entries))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    header += pack("<IIIIIIII", tables, tables, 0, 4096, _END, 0, _END, 0)
    header += b"".join(pack("<I", number) for number in range(tables))
    header += pack("<I", _FREE) * (109 - tables)
    directory = _entry("Root Entry", 5, _END, 0, child=1) + _entry(name, 2, tables + 1, size)
    directory += _entry("", 0, 0, 0) * 2
    body = b"".join(pack("<I", entry) for entry in entries) + directory
    return header + body + stream + bytes(sectors * _SECTOR - size)


def _entry(name: str, kind: int, start: int, size: int, child: int = _FREE) -> bytes:
    text = name.encode("utf-16-le")
    length = len(text) + 2 if name else 0
    entry = text + bytes(64 - len(text)) + pack("<HBB", length, kind, 1)
    return entry + pack("<III", _FREE, _FREE, child) + bytes(36) + pack("<IQ", start, size)
