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
