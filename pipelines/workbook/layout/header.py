"""Where the header of a form stands in a sheet, and which texts stand above each of its columns.

What belongs here: rows of a header, up to three, with merged cells or without; the texts that a
column may be known by. What does not: matching them in earnest (`match.py`), the rows below
(`rows.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipelines.workbook.cells import Cell, Row, Sheet
from pipelines.workbook.match import LEVELS, LONGEST_HEADER
from pipelines.workbook.parsing.text import clean_text, fold
from pipelines.workbook.template import Form

TOP_ROWS = 40
MORE_ROWS = 400
"""Rows that are searched for a header; more of them only where the first gave none."""
MOST_LEVELS = 3
_LONGEST_GROUP = 60
_SPEAKING_WORDS = 3
_TURNING_TITLE = re.compile(
    r"\b(?:luy ke|ke hoach|muc tieu|du kien|du bao|uoc|cung ky|nam truoc|ky truoc|thang truoc"
    r"|quy truoc|ky sau|nam sau|so voi|ty le|ti le|phan tram|tang|giam|chenh lech)\b"
)
"""Titles below which a figure is another one: planned, cumulative, of another time, a ratio."""

Levels = tuple[str, ...]
"""Texts above a column, from the top down."""


class Labels:
    """What a form calls its columns, folded."""

    def __init__(self, form: Form) -> None:
        self.exact = {fold(column.header) for column in form.columns}
        self.columns = {
            fold(text): column.name for column in form.columns for text in column.aliases
        }
        self.columns |= {fold(column.header): column.name for column in form.columns}
        self.required = {column.name for column in form.columns if column.is_required}
        self._pairs = {pair for label in self.columns for pair in pairwise(label.split())}

    def hits(self, texts: Iterator[str] | Sequence[str]) -> set[str]:
        """Columns that folded texts name."""
        return {self.columns[text] for text in texts if text in self.columns}

    def speaks_alone(self, levels: Levels) -> bool:
        """Whether the lowest text names the column whatever stands above it.

        `Quá hạn` means another thing below `Đang giải quyết` than below `Đã giải quyết`: a short
        alias needs its title where that speaks of what the form speaks of. Below `Kế hoạch` or
        `Lũy kế` nothing is what it is called.
        """
        lowest = fold(levels[-1])
        turning = {word for text in levels[:-1] for word in _TURNING_TITLE.findall(fold(text))}
        if any(word not in lowest for word in turning):
            return False
        if lowest in self.exact or len(lowest.split()) >= _SPEAKING_WORDS:
            return True
        above = " ".join(fold(text) for text in levels[:-1])
        return above not in self.columns and self._pairs.isdisjoint(pairwise(above.split()))


@dataclass(frozen=True)
class Header:
    """The rows of a header (from 0, the end not included), and what stands above each place."""

    row: int
    end: int
    levels: tuple[Levels, ...]
    is_inferred: bool = False
    """Its groups were told by where texts stand: no cells are merged."""

    def offers(self, labels: Labels) -> list[list[str]]:
        """The texts that each place may be matched by; the first is what it is called."""
        return [_offers(levels, labels) for levels in self.levels]


def find_header(
    labels: Labels, sheet: Sheet, first: int = 0, last: int = TOP_ROWS
) -> Header | None:
    """The rows, from `first` up to `last`, that name most columns of a form; None if none does."""
    numbers = range(first, min(len(sheet.rows), last))
    found = {number: labels.hits(folded_texts(sheet.rows[number])) for number in numbers}
    best = max(found, key=lambda number: len(found[number]), default=None)
    if best is None or not found[best]:
        return None
    merged = [spot for spot in sheet.merged if first <= spot[0] < last + MOST_LEVELS]
    row, end = _grown(sheet, best, merged, first)
    blocks = [(row, end)]
    blocks += [(row - more, end) for more in (1, 2) if row - more >= first]
    blocks += [(row, end + more) for more in (1, 2) if end + more <= len(sheet.rows)]
    headers = [
        read_levels(sheet, top, below, merged)
        for top, below in blocks
        if below - top <= MOST_LEVELS or (top, below) == (row, end)
    ]
    return max(headers, key=lambda header: len(_named(header, labels)))


def folded_texts(row: Row) -> Iterator[str]:
    """Texts of a row that may be headers."""
    return (
        fold(cell.text)
        for cell in row
        if cell is not None and cell.kind == "text" and len(cell.text) < LONGEST_HEADER
    )


def read_levels(
    sheet: Sheet, row: int, end: int, merged: Sequence[tuple[int, int, int, int]]
) -> Header:
    """Unmerge the rows of a header: a merged text stands in each of its cells."""
    rows = sheet.rows[row:end]
    width = max((len(cells) for cells in rows), default=0)
    grid = [[_text(cells, place) for place in range(width)] for cells in rows]
    inside = [spot for spot in merged if row <= spot[0] < end and spot[1] < width]
    for top, left, bottom, right in inside:
        for number in range(top - row, min(bottom + 1, end) - row):
            for place in range(left, min(right + 1, width)):
                grid[number][place] = grid[top - row][left]
    is_grouped = any(left < right for _, left, _, right in inside)
    is_inferred = not is_grouped and _fill_groups(grid)
    return Header(row, end, tuple(map(_levels, zip(*grid, strict=True))), is_inferred)


def _fill_groups(grid: list[list[str]]) -> bool:
    """Without merged cells a title stands for the places to its right that have only texts below.

    Whether there is such a place.
    """
    found = False
    for number, texts in enumerate(grid[:-1]):
        title = ""
        for place, text in enumerate(texts):
            has_text_below = any(below[place] for below in grid[number + 1 :])
            title = text or (title if has_text_below else "")
            found |= bool(title and not text)
            texts[place] = title
    return found


def _levels(column: Sequence[str]) -> Levels:
    """Texts from the top down, a text that is repeated downward once."""
    texts = [text for text in column if text]
    return tuple(
        text
        for place, text in enumerate(texts)
        if not place or fold(text) != fold(texts[place - 1])
    )


def _offers(levels: Levels, labels: Labels) -> list[str]:
    if len(levels) < 2:
        return [*levels] or [""]
    offers = [LEVELS.join(levels), " ".join(levels), " ".join(levels[-2:])]
    return [*offers, levels[-1]] if labels.speaks_alone(levels) else offers


def _named(header: Header, labels: Labels) -> set[str]:
    return labels.hits(fold(text) for texts in header.offers(labels) for text in texts)


def _grown(
    sheet: Sheet, best: int, merged: Sequence[tuple[int, int, int, int]], first: int
) -> tuple[int, int]:
    """The rows that belong to a header with the row that names most: told by merged cells."""
    row, end = best, best + 1
    while row > first and end - row < MOST_LEVELS and _is_level(sheet, row - 1, row, merged):
        row -= 1
    while end < len(sheet.rows) and end - row < MOST_LEVELS and _goes_on(sheet, row, end, merged):
        end += 1
    return row, end


def _is_level(
    sheet: Sheet, number: int, below: int, merged: Sequence[tuple[int, int, int, int]]
) -> bool:
    """Whether a row is part of the header that goes on below.

    Some of its texts are headers themselves: they reach down, have nothing below, or stand twice.
    The name of an office beside the national motto, right above a header, has a text below.
    """
    if any(top <= number and bottom >= below for top, _, bottom, _ in merged):
        return True
    upper, lower = sheet.rows[number], sheet.rows[below]
    titles = [place for place, cell in enumerate(upper) if cell is not None and cell.text.strip()]
    if len(titles) < 2 or not all(_may_be_title(upper[place]) for place in titles):
        return False
    pairs = [(_text(upper, place), _text(lower, place)) for place in titles if place < len(lower)]
    return any(not text or fold(title) == fold(text) for title, text in pairs)


def _may_be_title(cell: Cell | None) -> bool:
    text = cell.text.strip() if cell is not None else ""
    is_plain = cell is not None and cell.kind == "text" and len(text) <= _LONGEST_GROUP
    return is_plain and not text.endswith(":") and not any(map(str.isdigit, text))


def _goes_on(sheet: Sheet, row: int, end: int, merged: Sequence[tuple[int, int, int, int]]) -> bool:
    """Whether the row at `end` still is header: a merged cell reaches it, or has texts in it."""
    cells = sheet.rows[end]
    for top, left, bottom, right in merged:
        if row <= top < end <= bottom:
            return True
        if row <= top and bottom == end - 1 and left < right:
            below = [cell for cell in cells[left : right + 1] if cell is not None]
            if len(below) > 1 and all(cell.kind == "text" for cell in below):
                return True
    return False


def _text(row: Row, place: int) -> str:
    cell = row[place] if place < len(row) else None
    return clean_text(cell.text) if cell is not None else ""
