"""OpenDocument spreadsheets a second time, by odfpy, when a release is proved.

What belongs here: the walk through the tree that odfpy makes of a file. What does not: limits,
which the first reader (`opendocument.py`) has checked, and what a cell says (`odf_cell.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from odf import opendocument
from odf.namespaces import OFFICENS, STYLENS, TABLENS, TEXTNS

from pipelines.workbook.formats.container import SheetFacts
from pipelines.workbook.formats.odf_cell import Attributes, cell_from
from pipelines.workbook.sheet import Cell, Sheet, sheet_of

Node = Any
"""An element of odfpy, which is untyped."""
_CELLS = {(TABLENS, "table-cell"), (TABLENS, "covered-table-cell")}
_ROW, _COLUMN = (TABLENS, "table-row"), (TABLENS, "table-column")
_PARAGRAPH = (TEXTNS, "p")
_SPACING = {(TEXTNS, "s"): " ", (TEXTNS, "tab"): "\t", (TEXTNS, "line-break"): "\n"}
_ASIDE = {(OFFICENS, "annotation"), (TEXTNS, "note"), (TEXTNS, "ruby-text")}
_CONTAINERS = {
    (TABLENS, name)
    for name in (
        *("table-header-rows", "table-rows", "table-row-group"),
        *("table-header-columns", "table-columns", "table-column-group"),
    )
}


def read_again(path: Path) -> tuple[Sheet, ...]:
    """Every sheet of a file that the first reader has read."""
    with path.open("rb") as stream:
        document: Node = opendocument.load(stream)
    hidden = {
        _attribute(style, STYLENS, "name")
        for style in document.automaticstyles.childNodes
        for inner in style.childNodes
        if _attribute(inner, TABLENS, "display") == "false"
    }
    tables = [node for node in document.spreadsheet.childNodes if node.qname == (TABLENS, "table")]
    return tuple(
        _sheet(table, is_hidden=_attribute(table, TABLENS, "style-name") in hidden)
        for table in tables
        if not _attribute(table, TABLENS, "name").startswith("'file:")
    )


def _sheet(table: Node, *, is_hidden: bool) -> Sheet:
    grid: list[list[Cell | None]] = []
    merged: list[tuple[int, int, int, int]] = []
    hidden: list[range] = []
    top = 0
    for row, is_shown in _parts(table, _ROW):
        cells = _cells(row, top, merged)
        times = _repeats(row, "number-rows-repeated")
        if not is_shown:
            hidden.append(range(top, top + times))
        top += times
        if cells:
            grid += [[] for _ in range(top - times - len(grid))] + [cells] * times
    width = max(map(len, grid), default=0)
    facts = SheetFacts(
        (),
        is_hidden,
        frozenset(row + 1 for rows in hidden for row in rows if row < len(grid)),
        frozenset(_hidden_columns(table, width)),
        tuple(merged),
    )
    return sheet_of(_attribute(table, TABLENS, "name"), grid, facts)


def _cells(row: Node, top: int, merged: list[tuple[int, int, int, int]]) -> list[Cell | None]:
    """The cells of a row as far as they are filled; notes the ranges that begin in it."""
    cells: list[Cell | None] = []
    place = 0
    for node in row.childNodes:
        if node.qname not in _CELLS:
            continue
        times = _repeats(node, "number-columns-repeated")
        paragraphs = [_text(inner) for inner in node.childNodes if inner.qname == _PARAGRAPH]
        cell = cell_from(_attributes(node), paragraphs)
        if cell is not None:
            cells += [None] * (place - len(cells)) + [cell] * times
        down = _repeats(node, "number-rows-spanned")
        across = _repeats(node, "number-columns-spanned")
        if down > 1 or across > 1:
            merged.append((top, place, top + down - 1, place + across - 1))
        place += times
    return cells


def _hidden_columns(table: Node, width: int) -> Iterator[int]:
    place = 0
    for column, is_shown in _parts(table, _COLUMN):
        times = _repeats(column, "number-columns-repeated")
        if not is_shown:
            yield from range(place, min(place + times, width))
        place += times


def _parts(
    node: Node, wanted: tuple[str, str], is_shown: bool = True
) -> Iterator[tuple[Node, bool]]:
    """Rows or columns in their order, in whatever groups, and whether each is shown."""
    for inner in node.childNodes:
        if inner.qname == wanted:
            yield inner, is_shown and _attribute(inner, TABLENS, "visibility") in {"", "visible"}
        elif inner.qname in _CONTAINERS:
            is_open = _attribute(inner, TABLENS, "display") != "false"
            yield from _parts(inner, wanted, is_shown and is_open)


def _text(node: Node) -> str:
    if not hasattr(node, "qname") or node.nodeType == node.TEXT_NODE:
        return str(node.data)
    if node.qname in _ASIDE:
        return ""
    if node.qname in _SPACING:
        return _SPACING[node.qname] * min(int(_attribute(node, TEXTNS, "c") or 1), 1_000)
    return "".join(map(_text, node.childNodes))


def _repeats(node: Node, name: str) -> int:
    return max(int(_attribute(node, TABLENS, name) or 1), 1)


def _attribute(node: Node, space: str, name: str) -> str:
    return str((getattr(node, "attributes", None) or {}).get((space, name), ""))


def _attributes(node: Node) -> Attributes:
    """By the usual short names."""
    given = node.attributes or {}
    return {f"{space.split(':')[-2]}:{name}": str(value) for (space, name), value in given.items()}
