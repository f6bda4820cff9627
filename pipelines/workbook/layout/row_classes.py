"""What a row below a header is: data, or structure of one class or another.

What belongs here: telling one row by its first filled cells. What does not: what rows are to each
other (`rows.py`, `totals.py`), what a cell means (`values.py`).

A sheet may have 200,000 rows, so a row is told by at most four cells, and only texts that may be
structure are folded.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Literal

from pipelines.workbook.cells import Cell, Row
from pipelines.workbook.layout.table import Table
from pipelines.workbook.parsing.text import clean_text, fold

RowClass = Literal[
    "blank", "index", "section", "total", "continuation", "note", "example", "unanswered", "other"
]

_INDEX = re.compile(r"\(?(\d{1,2})\)?(?: ?=.*)?")
_LETTER = re.compile(r"\(?[A-Z]\)?")
_NUMERAL = re.compile(r"(?:[ivx]{1,5}|[a-z])")
_NUMBERED_TITLE = re.compile(r"(?:[IVX]{1,5}|[A-Z])[.)] ?\S.*", re.DOTALL)
_TOTAL = re.compile(
    r"(?:tong|tong cong|tong so|cong|toan quoc|ca nuoc|toan tinh|toan nganh|cong don|total)"
    r"(?: ?[:(].*| (?:nhiem vu|muc|phan|nhom|linh vuc|khoi|toan|ca nuoc|dia phuong)\b.*"
    r"| (?:bo,? nganh|trung uong)\b.*"
    r"| [ivx]{1,5}| [a-h])?"
)
_AVERAGE = re.compile(
    r"(?:ty le|ti le|binh quan|trung binh|luy ke)(?: chung| cong)?(?: ?\(?%\)?)?(?: ?[:(].*)?"
)
_NOTE = re.compile(r"(?:ghi chu|chu thich|nguon|luu y)\b.*")
_SIGNED = re.compile(
    r"(?:nguoi lap|thu truong|noi nhan|\(?ky ten|\(?ky,)\b.*"
    r"|.{0,30}\bngay\b.*\bthang\b.*\bnam\b.*"  # place and date above a signature
)
_MARKED_NOTE = re.compile(r"\s*(?:\(\*+\)|\*|\[\d+\]).*", re.DOTALL)
_EXAMPLE = re.compile(r"(?:vi du|example)\b.*")
_FEWEST_INDEXES = 3
_FIRST_CELLS = 4
_LONGEST_TOTAL = 80
_LONGEST_SERIAL = 5
_TOTAL_INITIALS = frozenset("tTcCbBlL")


def filled_cells(row: Row, most: int = _FIRST_CELLS) -> list[Cell]:
    """The first cells of a row that hold more than blanks."""
    found: list[Cell] = []
    for cell in row:
        if cell is not None and (cell.kind != "text" or not cell.text.isspace()):
            found.append(cell)
            if len(found) == most:
                break
    return found


class RowClasses:
    """Tells the rows of one table, from its header down."""

    def __init__(self, table: Table) -> None:
        form, columns = table.form, table.headers.columns
        keys = [column for column in form.columns if column.name in form.key]
        codes = [column for column in keys if column.type in {"code", "suffixed_code"}]
        answers = [column.name for column in form.columns if not column.is_register]
        registered = {column.name for column in keys if column.is_register}
        self._places = frozenset(columns.values())
        self._leftmost = min(self._places)
        self._keys = [columns[one.name] for one in codes or keys if one.name in columns]
        self._answers = [columns[name] for name in answers if name in columns]
        self._registered_keys = [
            columns[name] for name in form.key if name in registered & {*columns}
        ]
        self._skips_unanswered = form.skips_unanswered
        self._goes_on = form.continuation and [
            columns[name] for name in form.continuation.when_blank if name in columns
        ]
        self._has_data = False
        self._is_fresh = True
        self._is_signed = False

    def restart(self) -> None:
        """The header stands here once more."""
        self._is_fresh = True

    def tell(self, row: Row) -> RowClass | None:
        """The class of the next row, or None for data."""
        first = filled_cells(row)
        told = self._structure(row, first)
        if told is None:
            self._has_data, self._is_fresh = True, False
            self._is_signed &= len(first) < _FIRST_CELLS
        elif told == "note":
            self._is_signed |= bool(_SIGNED.fullmatch(fold(first[0].text)))
        return told

    def _structure(  # noqa: PLR0911 -- one line per class
        self, row: Row, first: list[Cell]
    ) -> RowClass | None:
        if not first:
            return "blank"
        if self._is_fresh and _is_index(row):
            return "index"
        if self._is_total(row, first):
            return "total"
        if len(first) < _FIRST_CELLS and (told := self._words_alone(row, first)):
            return told
        if self._is_section(row, first[0]):
            return "section"
        if self._has_data and self._goes_on is not None and not self._any(row, self._goes_on):
            return "continuation"
        return "unanswered" if self._is_unanswered(row) else None

    def _is_total(self, row: Row, first: Sequence[Cell]) -> bool:
        """A word for a total, first or after a serial number, in a row without its own code."""
        for cell in first[: 2 if len(first[0].text) <= _LONGEST_SERIAL else 1]:
            is_total = cell.text.lstrip()[:1] in _TOTAL_INITIALS and is_total_text(cell.text)
            if is_total and self._has_no_key(row, cell.text):
                return True
        return False

    def _has_no_key(self, row: Row, text: str) -> bool:
        keys = (row[place] for place in self._keys if place < len(row))
        return all(cell is None or cell.text == text for cell in keys)

    def _words_alone(  # noqa: PLR0911 -- one line per class
        self, row: Row, first: Sequence[Cell]
    ) -> RowClass | None:
        """The class of a row that has one filled cell, a numeral and a title, or signatures."""
        text = fold(first[0].text)
        are_words = all(cell.kind == "text" for cell in first)
        if are_words and (_SIGNED.fullmatch(text) or (self._is_signed and _are_names(first))):
            return "note"
        if len(first) > 2:
            return None
        if _EXAMPLE.fullmatch(text):
            return "example"
        if is_note_text(first[0].text) or _MARKED_NOTE.fullmatch(first[0].text):
            return "note"
        if _NUMERAL.fullmatch(text):
            return "section"
        if len(first) == 2:
            return None
        if first[0].text.strip().isdecimal() and not self._any(row, self._places):
            return "unanswered"  # numbered beforehand, and never filled in
        # The title may stand in a column before those of the form, such as STT.
        leftmost = next((cell for cell in row[: self._leftmost + 1] if cell is not None), None)
        is_title = leftmost is not None and " " in clean_text(leftmost.text)
        return "section" if is_title or _NUMBERED_TITLE.fullmatch(first[0].text) else None

    def _is_section(self, row: Row, head: Cell) -> bool:
        """A numeral, a title, and nothing more but numbers: those of the whole section."""
        if len(head.text) > _LONGEST_SERIAL or not _NUMERAL.fullmatch(fold(head.text)):
            return False
        rest = [cell for cell in row if cell is not None and cell is not head][1:]
        return self._has_no_key(row, head.text) and all(map(is_amount, rest))

    def _is_unanswered(self, row: Row) -> bool:
        """A row with only what the register had filled in: the agency has not spoken of it."""
        if not self._skips_unanswered or self._any(row, self._answers):
            return False
        return self._any(row, self._registered_keys)

    def _any(self, row: Row, places: Collection[int]) -> bool:
        """Whether one of the places is filled."""
        width = len(row)
        for place in places:
            if place < width:
                cell = row[place]
                if cell is not None and (cell.kind != "text" or not cell.text.isspace()):
                    return True
        return False


def is_note_text(text: str) -> bool:
    """Whether a text is a note below a table, or stands above a signature."""
    folded = fold(text)
    return bool(_NOTE.fullmatch(folded) or _SIGNED.fullmatch(folded))


def is_total_text(text: str) -> bool:
    """Whether a text names a total, or the average that stands where a total would."""
    if len(text) > _LONGEST_TOTAL:
        return False
    folded = fold(text)
    return bool(_TOTAL.fullmatch(folded)) or is_average_text(text)


def is_average_text(text: str) -> bool:
    """Whether a text names an average, or a figure since an earlier day: no sum of the rows."""
    return bool(_AVERAGE.fullmatch(fold(text)))


def _is_index(row: Row) -> bool:
    """Whether cells only count up: 1, 2, 3 or A, B, 1, 2 or (1), (2), (3) = (1) + (2)."""
    filled = [clean_text(cell.text) for cell in row if cell is not None and cell.text.strip()]
    letters = [text.strip("()") for text in filled if _LETTER.fullmatch(text)]
    matches = [_INDEX.fullmatch(text) for text in filled[len(letters) :]]
    numbers = [int(match[1]) for match in matches if match]
    counts_up = all(after == before + 1 for before, after in pairwise(numbers))
    are_first = letters == [chr(65 + place) for place in range(len(letters))]
    is_whole = len(letters) + len(numbers) == len(filled) >= _FEWEST_INDEXES
    return is_whole and bool(numbers) and counts_up and are_first


def _are_names(cells: Sequence[Cell]) -> bool:
    return not any(map(str.isdigit, "".join(cell.text for cell in cells)))


def is_amount(cell: Cell) -> bool:
    """Whether a cell holds a number, stored as one or as text."""
    return cell.kind == "number" or not cell.text.strip(" 0123456789.,%-")
