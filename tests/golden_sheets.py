# ruff: noqa: E501 -- sheets as programs write them, a line each
"""Builders of workbooks as other programs write them: the same cells in unusual XML."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
FORMATS = (
    "General", "dd/mm/yyyy", "0.00%", '#,##0 "đ"', "[h]:mm:ss", '[$-42A]d" tháng "m', "[Red]0.0",
    "00000", "mm:ss", "yyyy", "@", "dd/mm/yyyy;@", "#,##0.00_);[Red]\\(#,##0.00\\)", "0.00E+00",
    "[$-F400]h:mm:ss AM/PM", "d/m/yy h:mm", '0" ngày"', "# ?/?", "hh:mm", '"m"0', "\\d0",
    '_-* #,##0\\ "₫"_-', "[Black]dd/mm/yyyy", "[>=1]dd/mm/yyyy;0",
)  # fmt: skip


def book(path: Path, sheets: Mapping[str, str], **parts: str) -> Path:
    """A workbook whose sheets are these XML bodies; `parts` replace what surrounds them."""
    numbers = range(1, len(sheets) + 1)
    names = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in zip(numbers, sheets, strict=True)
    )
    related = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet"'
        f' Target="worksheets/sheet{number}.xml"/>'
        for number in numbers
    )
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml"'
        f' ContentType="{_TYPE}.worksheet+xml"/>'
        for number in numbers
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
        for name, content in {
            "[Content_Types].xml": parts.get("types") or _types(types),
            "_rels/.rels": _relations(
                f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument"'
                ' Target="xl/workbook.xml"/>'
            ),
            "xl/workbook.xml": parts.get("workbook")
            or f'<workbook xmlns="{MAIN}" xmlns:r="{_OFFICE}">{parts.get("before_sheets", "")}'
            f"<sheets>{parts.get('names') or names}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": _relations(
                (parts.get("related") or related)
                + f'<Relationship Id="rId98" Type="{_OFFICE}/styles" Target="styles.xml"/>'
                f'<Relationship Id="rId99" Type="{_OFFICE}/sharedStrings"'
                f' Target="sharedStrings.xml"/>'
            ),
            "xl/styles.xml": _styles(),
            "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{parts.get("strings", "")}</sst>',
            **{
                f"xl/worksheets/sheet{number}.xml": content
                for number, content in zip(numbers, sheets.values(), strict=True)
            },
        }.items():
            container.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + content)
    return path


def sheet(rows: str, before: str = "", after: str = "") -> str:
    """A worksheet in the usual spelling."""
    return (
        f'<worksheet xmlns="{MAIN}" xmlns:r="{_OFFICE}">{before}'
        f"<sheetData>{rows}</sheetData>{after}</worksheet>"
    )


def strict(source: Path, path: Path) -> Path:
    """The workbook as "Strict Open XML Spreadsheet"."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            part = old.read(name).decode()
            part = part.replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")
            part = part.replace(_OFFICE, "http://purl.oclc.org/ooxml/officeDocument/relationships")
            new.writestr(name, part)
    return path


def _types(overrides: str) -> str:
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
        '<Override PartName="/xl/sharedStrings.xml"'
        f' ContentType="{_TYPE}.sharedStrings+xml"/>{overrides}</Types>'
    )


def _relations(content: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{content}</Relationships>'


def _styles() -> str:
    """One style per number format of `FORMATS`."""
    formats = "".join(
        f'<numFmt numFmtId="{164 + number}" formatCode="{_escaped(code)}"/>'
        for number, code in enumerate(FORMATS)
    )
    styles = "".join(
        f'<xf numFmtId="{164 + number}" fontId="0" fillId="0" borderId="0" applyNumberFormat="1"/>'
        for number in range(len(FORMATS))
    )
    return (
        f'<styleSheet xmlns="{MAIN}"><numFmts count="{len(FORMATS)}">{formats}</numFmts>'
        "<fonts><font/></fonts><fills><fill><patternFill/></fill></fills><borders><border/></borders>"
        f"<cellXfs>{styles}</cellXfs></styleSheet>"
    )


def _escaped(text: str) -> str:
    return (
        text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
    )


def _row(*cells: str) -> str:
    return f'<row r="1">{"".join(cells)}</row>'


def _inline(address: str, content: str) -> str:
    return f'<c r="{address}" t="inlineStr"><is>{content}</is></c>'


def _column_of(style: int, values: tuple[float, ...]) -> str:
    return "".join(
        f'<row r="{number}"><c r="A{number}" s="{style}"><v>{value}</v></c></row>'
        for number, value in enumerate(values, start=1)
    )


STRINGS = (
    "<si><t>Tên</t></si>"
    '<si><r><t>đậm</t></r><r><rPr><b/></rPr><t xml:space="preserve"> nhạt</t></r></si>'
    '<si><t>a_x000D_b</t></si><si><t xml:space="preserve"> x </t></si>'
    '<si><t>漢</t><rPh sb="0" eb="1"><t>kan</t></rPh></si><si><t>a&#10;b&amp;c</t></si><si/>'
)
EARLY_AND_LATE = (0, 0.25, 1, 59, 60, 61, -1, -0.25, 2958465, 2958466, 45905.75, 2958465.9999999)
SHEETS = {
    "no_addresses": sheet(
        '<row><c><v>1</v></c><c/><c t="s"><v>0</v></c></row>'
        '<row r="4"><c/><c t="e"><v>#REF!</v></c><c><f>1+1</f></c></row><row><c><f>A1</f><v/></c></row>'
    ),
    "some_addresses": sheet('<row r="3"><c><v>1</v></c><c r="D3"><v>2</v></c><c><v>3</v></c></row>'),
    "single_quotes": sheet("<row r='2'><c r='B2' t='s'><v>0</v></c><c r='C2' t='e'><v>#N/A</v></c></row>"),
    "single_quoted_error": sheet("""<row r="2"><c r="C2" t='e'><v>#N/A</v></c></row>"""),
    "other_order_of_attributes": sheet('<row r="2"><c t="s" r="B2"><v>0</v></c><c s="1" r="C2"><v>45000</v></c></row>'),
    "closing_themselves": sheet('<row r="1"/><row r="2"><c r="A2"/><c r="C2"><v>5</v></c></row><row r="3" hidden="1"/>'),
    "blanks_in_tags": sheet('<row  r="1" ><c  r="A1"  t="s" ><v> 0 </v></c><c\nr="B1"><v>2</v></c\n></row>'),
    "inline_texts": sheet(_row(
        _inline("A1", "<r><t>a</t></r><r><t>b</t></r>"), _inline("B1", "<t>q_x005F_x000D_ _x0041_</t>"),
        _inline("C1", '<t xml:space="preserve"> x </t>'), _inline("D1", "<t>a\r\nb&#13;&#10;c</t>"),
    )),
    "undeclared_blanks": sheet(_row(_inline("A1", "<r><t>a </t></r><r><t>b</t></r>"), _inline("B1", "<t> c</t>"))),
    "comments_and_cdata": sheet(_row(
        '<c r="A1"><v>1<!-- </row> -->2</v></c>', '<c r="B1"><v><![CDATA[5]]></v></c>', '<c r="C1" t="e"><v>#N/A</v></c>',
    )),
    "shared_texts": sheet(_row(*(f'<c r="{chr(65 + n)}1" t="s"><v>{n}</v></c>' for n in range(7)))),
    "shared_formula": sheet(
        '<row r="1"><c r="A1"><f t="shared" ref="A1:A3" si="0">B1*2</f></c></row>'
        '<row r="2"><c r="A2"><f t="shared" si="0"/></c></row><row r="3"><c r="A3"><f t="shared" si="0"/><v>7</v></c></row>'
    ),
    "array_formula": sheet(
        '<row r="1"><c r="A1"><f t="array" ref="A1:A2">SUM(B1:B2)</f></c></row><row r="2"><c r="A2"><v>4</v></c></row>'
    ),
    "formulas": sheet(_row(
        '<c r="A1" t="str"><f>""</f><v></v></c>', '<c r="B1" t="str"><f>"x"</f><v> x </v></c>', '<c r="C1" t="str"><f>1</f></c>',
        '<c r="D1" t="b"><f>TRUE()</f><v>1</v></c>', '<c r="E1" t="e"><f>1/0</f><v>#DIV/0!</v></c>', '<c r="F1"><f>A1&amp;"&lt;"</f></c>',
    )),
    "types": sheet(_row(
        '<c r="A1" t="b"><v>0</v></c>', '<c r="B1" t="d"><v>2025-09-05</v></c>', '<c r="C1" t="d"><v>2025-09-05T10:00:00</v></c>',
        '<c r="D1" t="n"><v>1.5E3</v></c>', '<c r="E1"><v>1e-7</v></c>', '<c r="F1"><v>123456789012345678</v></c>',
        '<c r="G1"><v>-0</v></c>', '<c r="H1" t="e"/>', '<c r="I1"><v/></c>', '<c r="J1"><v>abc</v></c>', '<c r="K1" t="b"><v>true</v></c>',
    )),
    "prefixed": (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="A1"><x:v>5</x:v></x:c><x:c r="B1" t="e"><x:v>#N/A</x:v></x:c></x:row>'
        '<x:row r="2" hidden="1"><x:c r="A2" t="s"><x:v>0</x:v></x:c></x:row></x:sheetData>'
        '<x:mergeCells><x:mergeCell ref="A1:B1"/></x:mergeCells></x:worksheet>'
    ),
    "formats": sheet("".join(
        f'<row r="{n}">' + "".join(
            f'<c r="{letter}{n}" s="{n - 1}"><v>{value}</v></c>' for letter, value in zip("ABCDE", (45905, 0.5, 45905.75, 3, -5), strict=True)
        ) + "</row>"
        for n in range(1, len(FORMATS) + 1)
    )),
    "early_and_late_dates": sheet(_column_of(1, EARLY_AND_LATE)),
    "cells_out_of_order": sheet('<row r="1"><c r="B1"><v>2</v></c><c r="A1"><v>1</v></c></row>'),
    "rows_out_of_order": sheet('<row r="3"><c r="A3"><v>3</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>'),
    "row_in_two_parts": sheet('<row r="1"><c r="A1"><v>3</v></c></row><row r="1"><c r="B1"><v>1</v></c></row>'),
    "cell_in_a_foreign_row": sheet('<row r="1"><c r="A5"><v>3</v></c></row>'),
    "small_letters": sheet('<row r="1"><c r="b1" t="e"><v>#N/A</v></c></row>'),
}  # fmt: skip
"""Worksheets by the name of what is unusual in them."""
