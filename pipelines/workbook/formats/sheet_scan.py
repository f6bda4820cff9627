"""What a worksheet says beside its values: from the bytes of its XML, as they are inflated.

What belongs here: cells that calamine would turn into blanks (errors, formulas without a stored
value), hidden rows and columns, merged ranges, and how far the cells reach. What does not: zip
containers (`container.py`), values of cells (`cells.py`).

Two speeds. Rows as every usual program writes them are only counted, by regular expressions; rows
with something to collect go through expat, as does everything around the rows and, from the first
row in any other spelling on, all the rest. What is left out are whole rows, so that expat sees a
well-formed document in any case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from xml.parsers import expat

from pipelines.workbook.addresses import column_letter, column_number
from pipelines.workbook.limits import BLOCK, Limits, Refusal

Range = tuple[int, int, int, int]
_LONGEST_ROW = 64 * BLOCK
_FIRST_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_ROW_END = re.compile(rb"</\w+:row\s*>")
_CELL = b'<c r="'
_LETTERS = re.compile(rb'<c r="([A-Za-z]+)')
_FAR_CELL = re.compile(rb'<c r="([A-Za-z]{2,})')
_ANY_CELL = re.compile(rb"<c[\s/>]")
_ROW = re.compile(rb'<row r="([0-9]+)"')
_PREFIX_OF_MAIN = re.compile(
    rb"xmlns:\w+\s*=\s*[\"'](?:http://schemas\.openxmlformats\.org/spreadsheetml/2006/main"
    rb"|http://purl\.oclc\.org/ooxml/spreadsheetml/main)[\"']"
)
# What a row must hold to be worth reading: an error cell, a formula, the mark of a hidden row. Each
# with its rarest letter: to look for one byte takes a twentieth of the time (2026-11-25).
_MARKS = ((b"e", b'"e"'), (b"e", b"'e'"), (b"f", b"<f"), (b"h", b" hidden"))
# Places in the list of texts that are no whole number: calamine takes them for the first.
_ODD_INDEX = re.compile(rb't="s"[^>]*><v>(?![0-9]+</v>|</v>)')
# Texts with blanks at their ends that nothing declares as meant; calamine cuts them, others do not.
_LOOSE_TEXT = re.compile(rb"<(?:\w+:)?t>(?:[ \t\r\n][^<]*|[^<]*[ \t\r\n])</")
_LOOSE_MARKS = (b"<t> ", b" </t>", b"<t>\n", b"\n</t>", b":t>")
_ADDRESS = re.compile(r"([A-Z]{1,7})([0-9]{1,10})", re.ASCII | re.IGNORECASE)
_TRUE = {"1", "true", "on"}


@dataclass(frozen=True)
class LostCell:
    """A cell that calamine shows as blank; row and column count from 0."""

    row: int
    column: int
    kind: Literal["error", "formula_without_value"]
    text: str


def is_odd(xml: bytes) -> bool:
    """Whether calamine would cut texts or values here: comments, CDATA, undeclared blanks.

    No usual program writes them; the other reader keeps all of them.
    """
    if has_declaration(xml):
        return True
    # Most sheets have no texts: they lie elsewhere, shared.
    has_texts = b"<t" in xml or (b":" in xml and b":t" in xml)
    has_marks = has_texts and any(mark in xml for mark in _LOOSE_MARKS)
    return has_marks and _LOOSE_TEXT.search(xml) is not None


def has_declaration(xml: bytes) -> bool:
    """Whether there is a comment, CDATA or document type."""
    return b"!" in xml and b"<!" in xml


def _has_mark(xml: bytes) -> bool:
    has_word = any(letter in xml and mark in xml for letter, mark in _MARKS)
    return has_word or (b"s" in xml and _ODD_INDEX.search(xml) is not None)


class OverLimit(Exception):
    """A sheet reaches too far; the refusal says where."""

    def __init__(self, reason_code: str, detail: str) -> None:
        super().__init__(detail)
        self.refusal = Refusal(reason_code, detail)


class SheetScan:
    """One worksheet that arrives in blocks; call `finish` after the last."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.name = name
        self.found = _Found(name, limits)
        self.rest = b""
        self.is_plain = True
        self.is_in_rows = False
        self.is_odd = False
        parser = self.parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self.found.start
        parser.EndElementHandler = self.found.end
        parser.CharacterDataHandler = self.found.take_text

    def take(self, block: bytes) -> None:
        """Look at all rows that are complete by now."""
        seen = self.rest + block
        cut = seen.rfind(b"</row>") + 6
        if cut < 6:
            cut = max((match.end() for match in _ROW_END.finditer(seen)), default=0)
        self.rest = seen[cut:]
        if len(self.rest) > _LONGEST_ROW:
            raise OverLimit("hostile_file", f"a row of more than 64 MB in {self.name}")
        if cut:
            self._take_rows(seen[:cut])

    def finish(self) -> None:
        """What follows the last complete row: merged ranges, or a far cell in a row left open."""
        self.is_odd = self.is_odd or is_odd(self.rest)
        self.parser.Parse(self.rest, True)

    def _take_rows(self, rows: bytes) -> None:
        self.is_odd = self.is_odd or is_odd(rows)
        if not self.is_in_rows:
            first = _FIRST_ROW.search(rows)
            start = first.start() if first else 0
            self.is_plain = not _PREFIX_OF_MAIN.search(rows, 0, start)
            self.parser.Parse(rows[:start], False)
            rows = rows[start:]
            self.is_in_rows = True
        self.is_plain = self.is_plain and self._count(rows)
        if not self.is_plain:
            self.parser.Parse(rows, False)
        elif _has_mark(rows):
            for row in rows.split(b"</row>"):
                if _has_mark(row):
                    self.parser.Parse(row + b"</row>", False)

    def _count(self, rows: bytes) -> bool:
        """Count rows in the usual spelling; False when some are not, and nothing was counted.

        0.6 s for the 4 million cells of 188 MB; expat would take 9 s (2026-11-25).
        """
        cells, numbers = rows.count(_CELL), _ROW.findall(rows)
        is_usual = (
            not has_declaration(rows)
            and rows.count(b"<row") == len(numbers)
            and (rows.count(b"<c") == cells or len(_ANY_CELL.findall(rows)) == cells)
        )
        if is_usual:
            row = max(map(int, numbers), default=self.found.row)
            self.found.count(row, self._last_column(rows, row) if cells else 0, cells)
        return is_usual

    def _last_column(self, rows: bytes, row: int) -> int:
        """The last column, or 26 when the letters of one place suffice: no need to look closer."""
        letters = set(_FAR_CELL.findall(rows))
        limits = self.found.limits
        if not letters and (row * 26 > limits.cells or limits.columns < 26):
            letters = set(_LETTERS.findall(rows))
        return max((column_number(name.decode().upper()) for name in letters), default=26)


class TextScan:
    """The shared texts, which arrive in blocks; call `finish` after the last."""

    def __init__(self) -> None:
        self.rest = b""
        self.is_odd = False

    def take(self, block: bytes) -> None:
        """Look at all texts that are complete by now."""
        seen = self.rest + block
        cut = max(seen.rfind(b"<t"), seen.rfind(b":t"), 0)
        self.is_odd = self.is_odd or is_odd(seen[:cut])
        self.rest = seen[cut if len(seen) - cut < _LONGEST_ROW else len(seen) :]

    def finish(self) -> None:
        """Look at the last text too."""
        self.is_odd = self.is_odd or is_odd(self.rest)


class _Found:
    """What expat has shown of a sheet, and what was counted without it."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.name, self.limits = name, limits
        self.lost: list[LostCell] = []
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.merged: list[Range] = []
        self.cells = self.row = self.column = 0
        self.last_row = self.last_column = 0
        self.cell: dict[str, str] | None = None
        self.inside: dict[str, str] = {}
        self.formula: dict[str, str] = {}
        self.masters: dict[str, tuple[str, str]] = {}
        self.into: str | None = None

    def count(self, row: int, column: int, cells: int) -> None:
        """Note how far cells reach; raises `OverLimit`."""
        self.cells += cells
        self.row = row
        self.last_row = max(self.last_row, row)
        self.last_column = max(self.last_column, column)
        if self.last_column > self.limits.columns:
            raise OverLimit("over_limit", f"column {self.last_column} in {self.name}")
        if self.cells > self.limits.cells:
            raise OverLimit("over_limit", f"more than {self.limits.cells} cells in {self.name}")
        if self.last_row * self.last_column > self.limits.cells:
            detail = f"cells spread over {self.last_row} rows, {self.name}"
            raise OverLimit("hostile_file", detail)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        match tag.rpartition(":")[2]:
            case "c":
                self._open_cell(attributes)
            case "f" | "v" as name if self.cell is not None:
                self.into = name
                self.inside.setdefault(name, "")
                if name == "f":
                    self.formula = attributes
            case "row":
                self.row = int(attributes.get("r", self.row + 1))
                self.column = 0
                if attributes.get("hidden") in _TRUE:
                    self.hidden_rows.add(self.row)
            case "col" if attributes.get("hidden") in _TRUE:
                first, last = int(attributes["min"]), int(attributes["max"])
                self.hidden_columns.update(range(first - 1, min(last, self.limits.columns)))
            case "mergeCell":
                self._merge(attributes.get("ref", ""))
            case _:
                pass

    def end(self, tag: str) -> None:
        """An element ends."""
        match tag.rpartition(":")[2]:
            case "f" | "v":
                self.into = None
            case "c" if self.cell is not None:
                self._close_cell(self.cell)
                self.cell = None
            case _:
                pass

    def take_text(self, text: str) -> None:
        """Text of an element, or a part of it."""
        if self.into is not None:
            self.inside[self.into] += text

    def _open_cell(self, attributes: dict[str, str]) -> None:
        self.cell, self.inside = attributes, {}
        address = _ADDRESS.fullmatch(attributes.get("r", ""))
        row, self.column = (
            (int(address[2]), column_number(address[1].upper()))
            if address
            else (self.row, self.column + 1)
        )
        attributes["row"] = str(row)
        before = self.row
        self.count(row, self.column, 1)
        self.row = before

    def _close_cell(self, cell: dict[str, str]) -> None:
        row, column, value = int(cell["row"]) - 1, self.column - 1, self.inside.get("v")
        if cell.get("t") == "e" and value:
            self.lost.append(LostCell(row, column, "error", value))
        if cell.get("t") == "s" and value and not value.isdecimal():
            self.lost.append(LostCell(row, column, "error", f"#TEXT {value}"))
        if "f" not in self.inside:
            return
        text = self._formula(f"{column_letter(column)}{row + 1}")
        if not value and cell.get("t") not in {"str", "inlineStr"}:
            self.lost.append(LostCell(row, column, "formula_without_value", text))

    def _formula(self, address: str) -> str:
        """The formula of a cell; of a shared one, its first cell's, moved here."""
        text, shared = f"={self.inside['f']}", self.formula.get("si")
        if self.formula.get("t") != "shared" or shared is None:
            return text
        if self.inside["f"]:
            self.masters[shared] = (address, text)
        return text if self.inside["f"] else _moved(self.masters.get(shared), address)

    def _merge(self, reference: str) -> None:
        ends = [_ADDRESS.fullmatch(end) for end in reference.split(":")]
        places = [(int(end[2]) - 1, column_number(end[1].upper()) - 1) for end in ends if end]
        if len(places) == 2:
            self.merged.append((*places[0], *places[1]))


def _moved(master: tuple[str, str] | None, address: str) -> str:
    from openpyxl.formula.translate import Translator  # noqa: PLC0415 -- 0.2 s, seldom needed

    if master is None:
        return "="
    return str(Translator(master[1], origin=master[0]).translate_formula(address))
