"""OpenDocument spreadsheets (.ods): from their XML to sheets, in one pass.

What belongs here: tables, repeated cells and rows, hidden parts, merged ranges. What does not: what
one cell says (`odf_cell.py`), the second reader (`odf_again.py`).

calamine would do for values, but shows errors as blanks, and the pass that would mend it sees every
cell anyway. Repeats are counted before they are written out: a file of one kilobyte may say a
million times sixteen thousand.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from pipelines.workbook.formats.container import SheetFacts, blocks, check_directory
from pipelines.workbook.formats.odf_cell import Attributes, cell_from
from pipelines.workbook.formats.sheet_scan import OverLimit, Range
from pipelines.workbook.limits import Limits, Refusal
from pipelines.workbook.sheet import Cell, Reader, Sheet, sheet_of

_CONTENT, _MANIFEST = "content.xml", "META-INF/manifest.xml"
_FOREIGN_SHEET = "'file:"  # cells of other files, which LibreOffice keeps for its formulas
_HIDDEN = {"collapse", "filter"}
_CELLS = {"table:table-cell", "table:covered-table-cell"}
_GROUPS = {"table:table-row-group", "table:table-column-group"}
# What stands in a table and is none of its cells.
_ASIDE = {
    *("table:tracked-changes", "table:dde-links", "table:shapes", "office:forms"),
    *("office:annotation", "text:note", "text:ruby-text"),
}
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError),
    *(KeyError, ValueError, OverflowError, expat.ExpatError),
)


def read_opendocument(path: Path, reader: Reader, limits: Limits) -> tuple[Sheet, ...] | Refusal:
    """Read every sheet of an .ods file."""
    try:
        with zipfile.ZipFile(path) as container:
            sheets = check_directory(container, limits) or _read(container, limits)
        if reader == "openpyxl" and not isinstance(sheets, Refusal):
            from pipelines.workbook.formats.odf_again import read_again  # noqa: PLC0415 -- odfpy: 0.3 s

            return read_again(path)
    except OverLimit as found:
        return found.refusal
    except RuntimeError:  # zipfile's way of saying that an entry wants a password
        return Refusal("password_protected", "encrypted zip entry")
    except _UNREADABLE as error:
        return Refusal("unreadable_file", f"{type(error).__name__}: {error}")
    return sheets


def _read(container: zipfile.ZipFile, limits: Limits) -> tuple[Sheet, ...] | Refusal:
    manifest = b"".join(_inflated(container, [_MANIFEST], limits))
    if b"encryption-data" in manifest:
        return Refusal("password_protected", "encrypted spreadsheet")
    others = [name for name in container.namelist() if name.endswith(".xml") and name != _CONTENT]
    for _ in _inflated(container, others, limits):
        pass  # odfpy reads them too: the check is in the blocks
    document = _Document(limits)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = document.start
    parser.EndElementHandler = document.end
    parser.CharacterDataHandler = document.take_text
    for block in _inflated(container, [_CONTENT], limits):
        parser.Parse(block, False)
    parser.Parse(b"", True)
    return tuple(document.sheets)


def _inflated(container: zipfile.ZipFile, names: list[str], limits: Limits) -> Iterator[bytes]:
    inflated = 0
    for name in names:
        for block in blocks(container, name):
            inflated += len(block)
            if inflated > limits.inflated_bytes:
                detail = f"more than {limits.inflated_bytes} bytes inflated"
                raise OverLimit("over_limit", detail)
            yield block


@dataclass
class _Table:
    """A sheet in the making; rows and columns count from 0."""

    name: str
    is_hidden: bool
    grid: list[list[Cell | None]] = field(default_factory=list)
    rows: int = 0
    columns: int = 0
    """How many have been declared."""
    cells: int = 0
    last_column: int = 0
    hidden_rows: list[tuple[int, int]] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    """First, and the one after the last."""
    merged: list[Range] = field(default_factory=list)

    def sheet(self) -> Sheet:
        """The sheet as far as cells reach: hidden parts beyond them hide nothing."""
        return sheet_of(
            self.name,
            self.grid,
            SheetFacts(
                (),
                self.is_hidden,
                _within(self.hidden_rows, len(self.grid), 1),
                _within(self.hidden_columns, self.last_column, 0),
                tuple(self.merged),
            ),
        )


def _within(spans: list[tuple[int, int]], end: int, first: int) -> frozenset[int]:
    return frozenset(n + first for start, stop in spans for n in range(start, min(stop, end)))


class _Document:
    """What the parser has shown so far."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.sheets: list[Sheet] = []
        self.names: dict[str, str] = {}
        self.hidden_styles: set[str] = set()
        self.style = ""
        self.table: _Table | None = None
        self.aside = 0
        self.cells = 0
        self.hidden_groups: list[bool] = []
        self.row: list[tuple[int, int, Cell]] = []
        self.row_attributes: Attributes = {}
        self.column = 0
        self.cell: Attributes | None = None
        self.paragraphs: list[str] = []
        self.depth = 0

    def name(self, full: str) -> str:
        """`table:table-cell` for the full name of an element or attribute, whatever its prefix."""
        short = self.names.get(full)
        if short is None:
            space, _, local = full.rpartition(" ")
            vocabulary = space.split(":")[-2:-1]  # urn:…:xmlns:table:1.0
            short = self.names[full] = ":".join([*vocabulary, local])
        return short

    def start(self, full: str, given: dict[str, str]) -> None:
        """An element begins."""
        tag = self.name(full)
        if self.aside or tag in _ASIDE:
            self.aside += 1
        elif self.cell is not None:
            self._start_in_cell(tag, given)
        elif tag in _CELLS and self.table is not None:
            self.cell, self.paragraphs, self.depth = self._attributes(given), [], 0
        elif tag == "table:table-row":
            self.row, self.column, self.row_attributes = [], 0, self._attributes(given)
        elif tag in {"style:style", "table:table-column"} or tag in _GROUPS:
            self._start_layout(tag, self._attributes(given))
        elif tag == "style:table-properties":
            if self._attributes(given).get("table:display") == "false":
                self.hidden_styles.add(self.style)
        elif tag == "table:table":
            self._start_table(self._attributes(given))

    def end(self, full: str) -> None:
        """An element ends."""
        tag = self.name(full)
        if self.aside:
            self.aside -= 1
        elif self.cell is not None:
            if self.depth:
                self.depth -= 1
            else:
                self._end_cell(self.cell)
        elif tag == "table:table-row":
            self._end_row()
        elif tag in _GROUPS:
            self.hidden_groups.pop()
        elif tag == "table:table" and self.table is not None:
            if not self.table.name.startswith(_FOREIGN_SHEET):
                self.sheets.append(self.table.sheet())
            self.table = None

    def take_text(self, text: str) -> None:
        """Text of a paragraph, or a part of it."""
        if self.cell is not None and self.depth and not self.aside:
            self.paragraphs[-1] += text

    def _attributes(self, given: dict[str, str]) -> Attributes:
        return {self.name(full): value for full, value in given.items()}

    def _start_table(self, attributes: Attributes) -> None:
        if len(self.sheets) >= self.limits.sheets:
            raise OverLimit("over_limit", f"more than {self.limits.sheets} sheets")
        is_hidden = attributes.get("table:style-name") in self.hidden_styles
        self.table = _Table(attributes.get("table:name", ""), is_hidden)

    def _start_layout(self, tag: str, attributes: Attributes) -> None:
        if tag == "style:style":
            self.style = attributes.get("style:name", "")
        elif tag in _GROUPS:
            self.hidden_groups.append(attributes.get("table:display") == "false")
        elif self.table is not None:
            end = self.table.columns + _count(attributes, "table:number-columns-repeated")
            if self._is_hidden(attributes):
                self.table.hidden_columns.append((self.table.columns, end))
            self.table.columns = end

    def _is_hidden(self, attributes: Attributes) -> bool:
        return attributes.get("table:visibility") in _HIDDEN or any(self.hidden_groups)

    def _start_in_cell(self, tag: str, given: dict[str, str]) -> None:
        """Paragraphs of the cell itself count, not those of drawings that lie on it."""
        if not self.depth and tag != "text:p":
            self.aside += 1
            return
        self.depth += 1
        if tag == "text:p":
            self.paragraphs.append("")
        elif tag == "text:s":
            spaces = _count(self._attributes(given), "text:c")
            self.paragraphs[-1] += " " * min(spaces, 1_000)
        elif tag in {"text:tab", "text:line-break"}:
            self.paragraphs[-1] += "\t" if tag == "text:tab" else "\n"

    def _end_cell(self, attributes: Attributes) -> None:
        repeated = _count(attributes, "table:number-columns-repeated")
        cell = cell_from(attributes, self.paragraphs)
        if cell is not None:
            self.row.append((self.column, repeated, cell))
        across = _count(attributes, "table:number-columns-spanned")
        down = _count(attributes, "table:number-rows-spanned")
        if self.table is not None and (across > 1 or down > 1):
            top, left = self.table.rows, self.column
            self.table.merged.append((top, left, top + down - 1, left + across - 1))
        self.column += repeated
        self.cell = None

    def _end_row(self) -> None:
        table, repeated = self.table, _count(self.row_attributes, "table:number-rows-repeated")
        if table is None:
            return
        if self._is_hidden(self.row_attributes):
            table.hidden_rows.append((table.rows, table.rows + repeated))
        if self.row:
            self._check_room(table, repeated)
            cells: list[Cell | None] = []
            for column, times, cell in self.row:
                cells += [None] * (column - len(cells)) + [cell] * times
            table.grid.extend([] for _ in range(table.rows - len(table.grid)))
            table.grid.extend([cells] * repeated)
        table.rows += repeated

    def _check_room(self, table: _Table, repeated: int) -> None:
        """Refuse what would take too much room, before it takes any."""
        column, times, _ = self.row[-1]
        table.last_column = max(table.last_column, column + times)
        self.cells += repeated * sum(times for _, times, _ in self.row)
        if table.last_column > self.limits.columns:
            raise OverLimit("over_limit", f"column {table.last_column} in {table.name}")
        if self.cells > self.limits.cells:
            raise OverLimit("over_limit", f"more than {self.limits.cells} cells")
        if (table.rows + repeated) * table.last_column > self.limits.cells:
            detail = f"cells spread over {table.rows + repeated} rows, {table.name}"
            raise OverLimit("hostile_file", detail)


def _count(attributes: Attributes, name: str) -> int:
    return max(int(attributes.get(name, 1)), 1)
