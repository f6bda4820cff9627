"""Builders of damaged and hostile files, each named for its one fault; all start from good ones."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import golden
import golden_formats as formats

SHEET, STRINGS, BOOK = "xl/worksheets/sheet2.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
STYLES, RELATIONS = "xl/styles.xml", "xl/_rels/workbook.xml.rels"
_MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_INLINE = re.compile(rb' t="inlineStr"><is>(.*?)</is>')
_RELATION = (
    b'<Relationship Id="rId99" Target="/xl/sharedStrings.xml" Type="http://schemas'
    b'.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/>'
)
_CONTENT_TYPE = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd'
    b'.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
)
EVERYTHING = b"A1:XFD1048576"
Change = Callable[[bytes], bytes]


def changed(path: Path, part: str, change: Change, extra: dict[str, bytes] | None = None) -> Path:
    """A good workbook with one part changed, and further entries at its end."""
    source = with_strings(path.with_name(f"source-{path.name}"))
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
        for name, content in (extra or {}).items():
            new.writestr(name, content)
    source.unlink()
    return path


def with_strings(path: Path) -> Path:
    """A good workbook that keeps its texts apart, as most programs do."""
    inline = golden.workbook(path.with_name(f"inline-{path.name}"), formats.TASKS)
    texts: list[bytes] = []

    def shared(match: re.Match[bytes]) -> bytes:
        texts.append(match[1])
        return b' t="s"><v>%d</v>' % (len(texts) - 1)

    with zipfile.ZipFile(inline) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = re.sub(_INLINE, shared, old.read(name))
            if name == RELATIONS:
                content = content.replace(b"</Rel", _RELATION + b"</Rel")
            if name == "[Content_Types].xml":
                content = content.replace(b"</Types", _CONTENT_TYPE + b"</Types")
            new.writestr(name, content)
        items = b"".join(b"<si>%s</si>" % text for text in texts)
        new.writestr(STRINGS, b'<sst %s uniqueCount="%d">%s</sst>' % (_MAIN, len(texts), items))
    inline.unlink()
    return path


def _put(part: str, before: bytes, what: bytes) -> Callable[[Path], Path]:
    """Put something before a tag of a part."""

    def build(path: Path) -> Path:
        def change(content: bytes) -> bytes:
            assert before in content
            return content.replace(before, what + before, 1)

        return changed(path, part, change)

    return build


def _sheet(rows: bytes) -> Callable[[Path], Path]:
    content = b"<worksheet " + _MAIN + b"><sheetData>" + rows + b"</sheetData></worksheet>"
    return lambda path: changed(path, SHEET, lambda _: content)


def _replaced(part: str, old: bytes, new: bytes) -> Callable[[Path], Path]:
    def change(content: bytes) -> bytes:
        assert old in content
        return content.replace(old, new)

    return lambda path: changed(path, part, change)


# --- The container


def flat_bomb(path: Path) -> Path:
    return changed(path, "", bytes, {"xl/media/picture.bin": bytes(50_000_000)})


def nested_bomb(path: Path) -> Path:
    inner = flat_bomb(path.with_name("inner.xlsx"))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
        for number in range(20):
            container.write(inner, f"{number}.zip")
    return path


def many_entries(path: Path) -> Path:
    return changed(path, "", bytes, {f"x/{number}.xml": b"<a/>" for number in range(20_000)})


def lying_size(path: Path) -> Path:
    """Both headers say 1,000 bytes; the stream inflates to 50 million."""
    big = b"<worksheet>" + b" " * 50_000_000
    changed(path, SHEET, lambda _: big)
    content = bytearray(path.read_bytes())
    said, place = struct.pack("<I", len(big)), -1
    while (place := content.find(said, place + 1)) >= 0:
        content[place : place + 4] = struct.pack("<I", 1_000)
    path.write_bytes(content)
    return path


def overlapping_entries(path: Path) -> Path:
    """A hundred entries whose data are the same bytes."""
    changed(path, "", bytes, {"xl/media/a.xml": b"<a>" + b"0123456789" * 50_000 + b"</a>"})
    with zipfile.ZipFile(path, "a") as container:
        shared = container.getinfo("xl/media/a.xml")
        for number in range(100):
            entry = zipfile.ZipInfo(f"xl/media/{number}.xml")
            for name in ("compress_type", "CRC", "compress_size", "file_size", "header_offset"):
                setattr(entry, name, getattr(shared, name))
            container.filelist.append(entry)
        container._didModify = True
    return path


def entry_twice(path: Path) -> Path:
    with zipfile.ZipFile(golden.workbook(path), "a") as container:
        container.filelist.append(container.getinfo(SHEET))
        container._didModify = True
    return path


def entry_twice_by_case(path: Path) -> Path:
    return changed(path, "", bytes, {SHEET.upper(): b"<worksheet/>"})


def foreign_names(path: Path) -> Path:
    names = ("../../evil.xml", "/etc/evil.xml", "..\\evil.xml", "C:\\evil.xml", "a/../../b.xml")
    return changed(path, "", bytes, dict.fromkeys(names, b"<a/>"))


def symbolic_link(path: Path) -> Path:
    with zipfile.ZipFile(golden.workbook(path, formats.TASKS), "a") as container:
        entry = zipfile.ZipInfo("xl/link.xml")
        entry.external_attr = 0o120777 << 16
        container.writestr(entry, "/etc/passwd")
    return path


def sheet_outside(path: Path) -> Path:
    return _replaced(RELATIONS, b"/xl/worksheets/sheet2.xml", b"../../../../etc/passwd")(path)


def nul_bytes(path: Path) -> Path:
    path.write_bytes(bytes(100_000))
    return path


# --- The XML

_ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
_EXTERNAL = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def _with_prologue(part: str, prologue: bytes, tag: bytes) -> Callable[[Path], Path]:
    return _put(part, b"<" + tag, prologue)


def deep_nesting(part: str) -> Callable[[Path], Path]:
    deep = b"<a>" * 100_000 + b"</a>" * 100_000
    end = {SHEET: b"</worksheet>", STYLES: b"</styleSheet>", STRINGS: b"</sst>"}[part]
    return _put(part, end, deep)


# --- Claims and spans


def many_sheets(path: Path) -> Path:
    sheets = b"".join(
        b'<sheet name="s%d" sheetId="%d" r:id="rId1"/>' % (number, number + 10)
        for number in range(10_000)
    )
    start = (
        b'<sheets xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    )
    return _replaced(BOOK, b"<sheets>", start + sheets)(path)


def claimed_strings(path: Path) -> Path:
    return _replaced(STRINGS, b"uniqueCount=", b'count="1000000000" uniqueCount="1000000000" x=')(
        path
    )


def empty_rows(path: Path) -> Path:
    rows = b"".join(b'<row r="%d" s="1" customFormat="1"/>' % n for n in range(1, 1_048_577))
    return _sheet(rows)(path)


def formatted_cells(path: Path) -> Path:
    rows = b"".join(
        b'<row r="%d"><c r="A%d" s="1"/><c r="B%d" s="1"/></row>' % (n, n, n)
        for n in range(1, 200_001)
    )
    return _sheet(rows)(path)


_VALIDATION = (
    b'<dataValidations><dataValidation type="list" sqref="%s"><formula1>"a"</formula1>'
    b"</dataValidation></dataValidations>" % EVERYTHING
)
HOSTILE: dict[str, tuple[Callable[[Path], Path], set[str]]] = {
    "flat_bomb": (flat_bomb, {"hostile_file"}),
    "nested_bomb": (nested_bomb, {"other_format"}),
    "many_entries": (many_entries, {"READ"}),
    "lying_size": (lying_size, {"unreadable_file"}),
    "overlapping_entries": (overlapping_entries, {"unreadable_file", "hostile_file"}),
    "entry_twice": (entry_twice, {"hostile_file"}),
    "entry_twice_by_case": (entry_twice_by_case, {"hostile_file"}),
    "foreign_names": (foreign_names, {"READ"}),
    "symbolic_link": (symbolic_link, {"READ"}),
    "sheet_outside": (sheet_outside, {"unreadable_file"}),
    "nul_bytes": (nul_bytes, {"unreadable_file"}),
    "entities_in_sheet": (_with_prologue(SHEET, _ENTITIES, b"worksheet"), {"hostile_file"}),
    "entities_in_strings": (_with_prologue(STRINGS, _ENTITIES, b"sst"), {"hostile_file"}),
    "entities_in_book": (_with_prologue(BOOK, _ENTITIES, b"workbook"), {"hostile_file"}),
    "entities_in_styles": (_with_prologue(STYLES, _ENTITIES, b"styleSheet"), {"hostile_file"}),
    "external_entity": (_with_prologue(STRINGS, _EXTERNAL, b"sst"), {"hostile_file"}),
    "deep_sheet": (deep_nesting(SHEET), {"READ", "unreadable_file", "hostile_file"}),
    "deep_styles": (deep_nesting(STYLES), {"READ", "unreadable_file", "hostile_file"}),
    "deep_strings": (deep_nesting(STRINGS), {"READ", "unreadable_file", "hostile_file"}),
    "many_sheets": (many_sheets, {"over_limit"}),
    "claimed_strings": (claimed_strings, {"hostile_file", "READ"}),
    "empty_rows": (empty_rows, {"no_rows", "no_template"}),
    "formatted_cells": (formatted_cells, {"no_rows", "no_template"}),
    "far_cell": (golden.far_cell, {"over_limit"}),
    "far_small_cell": (
        _sheet(b'<row r="1048576"><c r="xfd1048576"><v>1</v></c></row>'),
        {"over_limit", "unreadable_file", "hostile_file"},
    ),
    "cells_without_address": (
        _sheet(b"<row>" + b"<c><v>1</v></c>" * 20_000 + b"</row>"),
        {"over_limit"},
    ),
    "row_0": (
        _sheet(b'<row r="0"><c r="A0"><v>1</v></c></row>'),
        {"unreadable_file", "no_template", "no_rows"},
    ),
    "row_beyond_counting": (
        _sheet(b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>'),
        {"unreadable_file", "over_limit", "hostile_file"},
    ),
    "dimension_lies": (golden.false_dimension, {"READ"}),
    "validation_everywhere": (
        _put(SHEET, b"<pageMargins", _VALIDATION),
        {"READ"},
    ),
    "conditional_format_everywhere": (
        _put(
            SHEET,
            b"<pageMargins",
            b'<conditionalFormatting sqref="%s"><cfRule type="expression" priority="1">'
            b"<formula>1</formula></cfRule></conditionalFormatting>" % EVERYTHING,
        ),
        {"READ"},
    ),
    "merged_everywhere": (
        _put(SHEET, b"<pageMargins", b'<mergeCells><mergeCell ref="A6:XFD1048576"/></mergeCells>'),
        {"READ", "over_limit", "hostile_file"},
    ),
    "hidden_everywhere": (
        _put(SHEET, b"<sheetData", b'<cols><col min="1" max="99999999" hidden="1"/></cols>'),
        {"READ"},
    ),
    "string_out_of_range": (
        _replaced(SHEET, b"<v>5</v>", b"<v>99999999</v>"),
        {"unreadable_file"},
    ),
}


def odf_repeats(path: Path) -> Path:
    cell = formats.odf_cell("x", 'table:number-columns-repeated="16384"')
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    return formats.opendocument_of(path, f'<table:table table:name="A">{row}</table:table>')


def odf_far_row(path: Path) -> Path:
    cell = formats.odf_cell("x", 'table:number-columns-repeated="30"')
    gap = '<table:table-row table:number-rows-repeated="1048575"/>'
    rows = f"{gap}<table:table-row>{cell}</table:table-row>"
    return formats.opendocument_of(path, f'<table:table table:name="A">{rows}</table:table>')


def odf_beyond_counting(path: Path) -> Path:
    gap = f'<table:table-row table:number-rows-repeated="{"9" * 5_000}"/>'
    return formats.opendocument_of(path, f'<table:table table:name="A">{gap}</table:table>')


def odf_spaces(path: Path) -> Path:
    cell = '<table:table-cell><text:p>a<text:s text:c="2000000000"/>b</text:p></table:table-cell>'
    row = f"<table:table-row>{cell}</table:table-row>"
    return formats.opendocument_of(path, f'<table:table table:name="A">{row}</table:table>')


def odf_bomb(path: Path) -> Path:
    return formats.opendocument_of(path, " " * 50_000_000)


def odf_entities(path: Path) -> Path:
    return formats.opendocument_of(path, "", prologue=_ENTITIES.decode())


def odf_many_sheets(path: Path) -> Path:
    return formats.opendocument(path, {f"s{number}": [["x"]] for number in range(10_000)})


def biff_far_cell(path: Path) -> Path:
    cells = formats.biff_cell(0, 0, "x") + formats.biff_cell(65535, 255, "x")
    return formats.legacy(path, {str(number): cells for number in range(2)})


def biff_many_sheets(path: Path) -> Path:
    return formats.legacy(path, {str(number): [["x"]] for number in range(1_000)})


def biff_loop(path: Path) -> Path:
    """The chain of sectors bites its tail."""
    content = bytearray(formats.legacy(path).read_bytes())
    content[512 + 4 * 4 : 512 + 4 * 5] = struct.pack("<I", 3)
    path.write_bytes(content)
    return path


def csv_wide(path: Path) -> Path:
    path.write_text(("," * 5_000 + "\n") * 3, encoding="utf-8")
    return path


def csv_one_cell(path: Path) -> Path:
    path.write_text('a,b\n1,"' + "x" * 20_000_000 + '"\n', encoding="utf-8")
    return path


def csv_of_quotes(path: Path) -> Path:
    path.write_text('"' * 1_000_001 + ",a\n", encoding="utf-8")
    return path


OTHERS: dict[str, tuple[Callable[[Path], Path], set[str]]] = {
    "odf_repeats": (odf_repeats, {"over_limit"}),
    "odf_far_row": (odf_far_row, {"hostile_file"}),
    "odf_beyond_counting": (odf_beyond_counting, {"unreadable_file"}),
    "odf_spaces": (odf_spaces, {"no_template"}),
    "odf_bomb": (odf_bomb, {"hostile_file"}),
    "odf_entities": (odf_entities, {"hostile_file"}),
    "odf_many_sheets": (odf_many_sheets, {"over_limit"}),
    "biff_far_cell": (biff_far_cell, {"over_limit"}),
    "biff_many_sheets": (biff_many_sheets, {"over_limit"}),
    "biff_loop": (biff_loop, {"unreadable_file"}),
    "csv_wide": (csv_wide, {"over_limit", "unreadable_file"}),
    "csv_one_cell": (csv_one_cell, {"unreadable_file"}),
    "csv_of_quotes": (csv_of_quotes, {"unreadable_file"}),
}
