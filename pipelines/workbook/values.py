"""From a cell to a typed value, its state, and what was done or what is wrong.

What belongs here: pure parsers, one per value type of a template, and the reading of one column at
a time, since some marks only mean something beside their neighbours. What does not: files, tables.

Nothing is guessed. A cell that cannot be read with certainty has the state `unreadable`, a problem
and no value; of agencies the certain ones are kept. The text itself stays beside it in any case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Literal, NamedTuple

from pipelines.workbook import dates, numbers
from pipelines.workbook.dates import Day, Deadline, Problem
from pipelines.workbook.names import Names
from pipelines.workbook.numbers import Decimal, Measures, Quantity, SuffixedCode, Unit
from pipelines.workbook.text import clean_text, fold
from pipelines.workbook.vocabulary import Vocabulary, Words

if TYPE_CHECKING:
    from pipelines.workbook.cells import Cell
    from pipelines.workbook.template import Column, ValueType

State = Literal["present", "blank", "filler", "unreadable"]
Value = (
    bool | str | float | date | Deadline | Quantity | SuffixedCode | Unit | tuple[str, ...] | None
)


class Parsed(NamedTuple):
    """What one cell says."""

    raw: str | None
    value: Value
    state: State
    problem: str | None = None
    repair: str | None = None


BLANK = Parsed(None, None, "blank")
_NO_DATE_BLANK = Parsed(None, dates.NO_DEADLINE, "blank")
_PERCENT = re.compile(r"(-?\d{1,3}(?:[.,]\d+)?) ?(%?)")
_CODE_DASH = re.compile(r"\s*[-‐‑‒–—−]\s*")
_ZEROS = {"0", "00"}
_NUMERIC = {"count", "number", "percent", "quantity"}


def parse_column(
    column: Column, cells: Sequence[Cell | None], vocabulary: Vocabulary, on: date
) -> list[Parsed]:
    """Read the cells of one column; `on` is the day whose agency names are meant."""
    # Equal cells of a workbook are one object, so that each is read once: of 200,000 counts, 3,000.
    distinct = dict(zip(map(id, cells), cells, strict=True))
    parse = _parser(column, list(distinct.values()), vocabulary, on)
    blank = _NO_DATE_BLANK if column.type == "deadline" else BLANK
    words = vocabulary.words.get(column.word_list or "", {})
    read = {
        key: blank if cell is None else _parse(cell, column.type, vocabulary.fillers, words, parse)
        for key, cell in distinct.items()
    }
    return [read[id(cell)] for cell in cells]


def parse_cell(column: Column, cell: Cell | None, vocabulary: Vocabulary, on: date) -> Parsed:
    """Read a cell that has no neighbours, such as a field of the cover."""
    return parse_column(column, [cell], vocabulary, on)[0]


_Parser = Callable[["Cell"], Parsed]


def _parse(
    cell: Cell, kind: ValueType, fillers: frozenset[str], words: Words, parse: _Parser
) -> Parsed:
    """What holds for every type: errors, blanks made of spaces, fillers; then the type's parser."""
    if cell.kind == "error":
        return _unreadable(cell, f"error_cell {cell.text}")
    if cell.kind == "formula_without_value":
        return _unreadable(cell, "formula_without_value")
    if cell.kind == "unplaced":
        return _unreadable(cell, "unplaced_cell")
    if isinstance(cell.value, float) and not isfinite(cell.value):
        return _unreadable(cell, "not_a_number")
    if cell.kind in {"number", "date"} and kind not in {"text", "code", "suffixed_code"}:
        return parse(cell)
    folded = fold(cell.text)
    is_read_first = folded in words or (kind in _NUMERIC and folded in _ZEROS)
    if folded in fillers and not is_read_first:
        value = dates.NO_DEADLINE if kind == "deadline" else None
        is_blank = not clean_text(cell.text)
        return Parsed(cell.text, value, "blank" if is_blank else "filler")
    return parse(cell)


def _parser(
    column: Column, cells: Sequence[Cell | None], vocabulary: Vocabulary, on: date
) -> _Parser:
    match column.type:
        case "count" | "number" | "percent" | "quantity" | "unit":
            return _number_parser(column.type, cells, vocabulary.measures)
        case "date" | "deadline":
            is_mixed = is_month_first(cells)
            read = _date if column.type == "date" else _deadline
            return lambda cell: read(cell, is_mixed)
        case "agencies":
            return lambda cell: _agencies(cell, vocabulary.names, on)
        case "word" | "boolean":
            words = vocabulary.words[column.word_list or ""]
            return lambda cell: _word(cell, words, is_boolean=column.type == "boolean")
        case "code" | "suffixed_code":
            return lambda cell: _code(cell, column.mask, has_suffix=column.type != "code")
        case "text":
            return lambda cell: _clean_text(cell.text)


def _number_parser(kind: ValueType, cells: Sequence[Cell | None], measures: Measures) -> _Parser:
    if kind == "count":
        return _count
    if kind == "unit":
        return lambda cell: _made(cell, numbers.parse_unit(cell.text, measures))
    if kind == "percent":
        scale = percent_scale(cells)
        return lambda cell: _percent(cell, scale)
    texts = (cell.text for cell in cells if cell is not None and cell.kind == "text")
    decimal = numbers.decimal_mark(texts)
    if kind == "number":
        return lambda cell: _number(cell, decimal)
    return lambda cell: _quantity(cell, decimal, measures)


@lru_cache(maxsize=20_000)
def _clean_text(text: str) -> Parsed:
    return Parsed(text, clean_text(text), "present")


def _code(cell: Cell, mask: str | None, *, has_suffix: bool) -> Parsed:
    plain = _clean_code(cell.text)
    if mask is None:
        return plain
    code = numbers.masked(str(plain.value), mask, is_number=cell.kind == "number")
    repair = plain.repair if code == plain.value else "zeros_given_back"
    value = numbers.split_suffix(code, mask) if has_suffix else code
    return Parsed(cell.text, value, "present", repair=repair)


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


def _word(cell: Cell, words: Words, *, is_boolean: bool) -> Parsed:
    known = words.get(fold(cell.text))
    if known is None:
        return _unreadable(cell, "unknown_word")
    code, label = known
    repair = None if cell.text == label or cell.kind == "boolean" else "word_form"
    return Parsed(cell.text, code == "true" if is_boolean else code, "present", repair=repair)


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


def _count(cell: Cell) -> Parsed:
    if isinstance(cell.value, float):
        return _made(cell, numbers.whole(cell.value))
    return _made(cell, numbers.parse_count(cell.text), "number_text")


def _number(cell: Cell, decimal: Decimal) -> Parsed:
    if isinstance(cell.value, float):
        return Parsed(cell.text, cell.value, "present")
    return _made(cell, numbers.parse_number(cell.text, decimal), "number_text")


def _quantity(cell: Cell, decimal: Decimal, measures: Measures) -> Parsed:
    if isinstance(cell.value, float):
        return Parsed(cell.text, Quantity(cell.value, "=", None, None), "present")
    return _made(cell, numbers.parse_quantity(cell.text, decimal, measures), "number_text")


def _made(
    cell: Cell, found: Quantity | Unit | float | Problem, repair: str | None = None
) -> Parsed:
    """What a parser made of a cell, or the cell as unreadable."""
    if isinstance(found, Problem):
        return _unreadable(cell, found.code)
    return Parsed(cell.text, found, "present", repair=repair)


def _unreadable(cell: Cell, problem: str) -> Parsed:
    return Parsed(cell.text, None, "unreadable", problem)
