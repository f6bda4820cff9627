"""From a cell to a typed value, its state, and what was done or what is wrong.

What belongs here: pure parsers, one per value type of a template, and the reading of one column at
a time, since some marks only mean something beside their neighbours. What does not: files, tables.

Nothing is guessed. A cell that cannot be read with certainty has the state `unreadable`, a problem
and no value; of agencies the certain ones are kept. The text itself stays beside it in any case.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from pipelines.workbook import dates
from pipelines.workbook.dates import Day, Deadline, Problem
from pipelines.workbook.names import Names, load_names
from pipelines.workbook.text import clean_text, fold

if TYPE_CHECKING:
    from pipelines.workbook.cells import Cell
    from pipelines.workbook.template import ValueType

State = Literal["present", "blank", "filler", "unreadable"]
Value = str | float | date | Deadline | tuple[str, ...] | None


class Parsed(NamedTuple):
    """What one cell says."""

    raw: str | None
    value: Value
    state: State
    problem: str | None = None
    repair: str | None = None


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The closed lists that reading needs, from the seeds."""

    names: Names
    statuses: Mapping[str, tuple[str, str]]
    """Folded word → the code of the status and the label as the form spells it ('' if none)."""
    fillers: frozenset[str]


BLANK = Parsed(None, None, "blank")
_NO_DATE_BLANK = Parsed(None, dates.NO_DEADLINE, "blank")
_PERCENT = re.compile(r"(-?\d{1,3}(?:[.,]\d+)?) ?(%?)")
_CODE_DASH = re.compile(r"\s*[-‐‑‒–—−]\s*")


def load_vocabulary(seeds: Path) -> Vocabulary:
    """Read the seeds that reading depends on; see `SEEDS`."""
    with (seeds / "status_words.csv").open(encoding="utf-8", newline="") as stream:
        words = list(csv.DictReader(stream))
    with (seeds / "filler_words.csv").open(encoding="utf-8", newline="") as stream:
        fillers = frozenset(fold(line["word"]) for line in csv.DictReader(stream))
    statuses = {fold(line["status_reported"]): (line["status_reported"], "") for line in words}
    for line in words:
        label = line["word_vi"] if line["is_label"].casefold() == "true" else ""
        statuses[fold(line["word_vi"])] = (line["status_reported"], label)
    return Vocabulary(load_names(seeds), statuses, fillers | {""})


SEEDS = ("agencies.csv", "agency_aliases.csv", "filler_words.csv", "status_words.csv")


def parse_column(
    kind: ValueType, cells: Sequence[Cell | None], vocabulary: Vocabulary, on: date
) -> list[Parsed]:
    """Read the cells of one column; `on` is the day whose agency names are meant."""
    parse = _parser(kind, cells, vocabulary, on)
    blank = _NO_DATE_BLANK if kind == "deadline" else BLANK
    return [blank if cell is None else _parse(cell, kind, vocabulary, parse) for cell in cells]


def parse_cell(kind: ValueType, cell: Cell | None, vocabulary: Vocabulary, on: date) -> Parsed:
    """Read a cell that has no neighbours, such as a field of the cover."""
    return parse_column(kind, [cell], vocabulary, on)[0]


_Parser = Callable[["Cell"], Parsed]


def _parse(cell: Cell, kind: ValueType, vocabulary: Vocabulary, parse: _Parser) -> Parsed:
    """What holds for every type: errors, blanks made of spaces, fillers; then the type's parser."""
    if cell.kind == "error":
        return _unreadable(cell, f"error_cell {cell.text}")
    if cell.kind == "formula_without_value":
        return _unreadable(cell, "formula_without_value")
    if cell.kind in {"number", "date"} and kind not in {"text", "code"}:
        return parse(cell)
    folded = fold(cell.text)
    is_read_first = kind == "status" and folded in vocabulary.statuses
    if (
        folded in vocabulary.fillers
        and not is_read_first
        and not (kind == "percent" and folded == "0")
    ):
        value = dates.NO_DEADLINE if kind == "deadline" else None
        is_blank = not clean_text(cell.text)
        return Parsed(cell.text, value, "blank" if is_blank else "filler")
    return parse(cell)


def _parser(
    kind: ValueType, cells: Sequence[Cell | None], vocabulary: Vocabulary, on: date
) -> _Parser:
    if kind == "percent":
        scale = percent_scale(cells)
        return lambda cell: _percent(cell, scale)
    if kind in {"date", "deadline"}:
        is_mixed = is_month_first(cells)
        read = _date if kind == "date" else _deadline
        return lambda cell: read(cell, is_mixed)
    if kind == "agencies":
        return lambda cell: _agencies(cell, vocabulary.names, on)
    if kind == "status":
        return lambda cell: _status(cell, vocabulary.statuses)
    return lambda cell: (_clean_code if kind == "code" else _clean_text)(cell.text)


@lru_cache(maxsize=20_000)
def _clean_text(text: str) -> Parsed:
    return Parsed(text, clean_text(text), "present")


@lru_cache(maxsize=20_000)
def _clean_code(text: str) -> Parsed:
    """Codes are text in capitals without blanks around dashes; 5.0 is `5`."""
    code = _CODE_DASH.sub("-", clean_text(text)).upper()
    return Parsed(text, code, "present", repair=None if code == text else "code_form")


def _agencies(cell: Cell, names: Names, on: date) -> Parsed:
    found = names.find(cell.text, on)
    if found.unknown or not found.codes:
        unknown = "; ".join(found.unknown) or clean_text(cell.text)
        return Parsed(cell.text, found.codes, "unreadable", f"unknown_agency: {unknown}")
    return Parsed(
        cell.text, found.codes, "present", repair="agency_alias" if found.is_alias else None
    )


def _status(cell: Cell, statuses: Mapping[str, tuple[str, str]]) -> Parsed:
    known = statuses.get(fold(cell.text))
    if known is None:
        return _unreadable(cell, "unknown_status")
    code, label = known
    return Parsed(cell.text, code, "present", repair=None if cell.text == label else "status_word")


def is_month_first(cells: Sequence[Cell | None]) -> bool:
    """Whether a column holds dates that can only be month first, and none only day first.

    Then those that could be either are ambiguous. One stray among day-first dates proves nothing.
    """
    texts = {cell.text for cell in cells if cell is not None and cell.kind == "text"}
    return any(map(dates.is_month_first, texts)) and not any(map(dates.is_day_first, texts))


def _day_of_cell(cell: Cell) -> Day | Problem | None:
    """The day of a real date or of a number; None for text."""
    if isinstance(cell.value, datetime):
        return Day(cell.value.date(), "day", "time_dropped")
    if isinstance(cell.value, date):
        return Day(cell.value, "day")
    if cell.kind == "number" and isinstance(cell.value, float):
        return dates.from_serial(cell.value)
    return None


def _date(cell: Cell, is_mixed: bool) -> Parsed:
    found = _day_of_cell(cell) or dates.parse_day(cell.text)
    if isinstance(found, Problem):
        return _unreadable(cell, found.code)
    if is_mixed and cell.kind == "text" and dates.could_be_month_first(cell.text):
        return _unreadable(cell, "ambiguous_date")
    return Parsed(cell.text, found.day, "present", repair=found.repair)


def _deadline(cell: Cell, is_mixed: bool) -> Parsed:
    found = _day_of_cell(cell)
    if found is None or isinstance(found, Problem):  # 2025 as a number is a year
        stated = dates.parse_deadline(cell.text)
    else:
        stated = Deadline(found.day, found.precision, "fixed", found.repair)
    if isinstance(stated, Problem):
        return _unreadable(cell, stated.code)
    if is_mixed and cell.kind == "text" and dates.could_be_month_first(cell.text):
        return _unreadable(cell, "ambiguous_date")
    return Parsed(cell.text, stated, "present", repair=stated.repair)


Scale = Literal["percent", "fraction", "unclear"]


def percent_scale(cells: Sequence[Cell | None]) -> Scale:
    """Whether the bare numbers of a column count to 100 or to 1; a `%` sign needs no scale.

    `percent` when one is above 1 and none lies strictly between 0 and 1; `fraction` when one lies
    there and none is above 1. Both, or only zeros and ones: `unclear`, and then only 0 is certain.
    A number in a mixed column that is above 1 can only be a percentage.
    """
    bare = [number for cell in cells if cell is not None and (number := _bare(cell)) is not None]
    has_parts = any(0 < number < 1 for number in bare)
    if any(number > 1 for number in bare):
        return "unclear" if has_parts else "percent"
    return "fraction" if has_parts else "unclear"


def _bare(cell: Cell) -> float | None:
    if isinstance(cell.value, float):
        return cell.value
    match = _PERCENT.fullmatch(clean_text(cell.text)) if cell.kind == "text" else None
    return float(match[1].replace(",", ".")) if match and not match[2] else None


def _percent(cell: Cell, scale: Scale) -> Parsed:
    number = _bare(cell)
    if number is None:
        match = _PERCENT.fullmatch(clean_text(cell.text)) if cell.kind == "text" else None
        if match is None:
            return _unreadable(cell, "not_a_number")
        return Parsed(
            cell.text, float(match[1].replace(",", ".")), "present", repair="percent_sign"
        )
    if scale == "fraction":
        return Parsed(cell.text, round(number * 100, 10), "present", repair="fraction_to_percent")
    if scale == "unclear" and 0 < number <= 1:
        return _unreadable(cell, "ambiguous_percent")
    return Parsed(cell.text, number, "present")


def _unreadable(cell: Cell, problem: str) -> Parsed:
    return Parsed(cell.text, None, "unreadable", problem)
