"""From a cell to a typed value, its state, and what was done or what is wrong.

What belongs here: pure parsers, one per value type of a template, and the reading of one column at
a time, since some marks only mean something beside their neighbours. What does not: files, tables.

Nothing is guessed. A cell that cannot be read with certainty has the state `unreadable`, a problem
and no value; of agencies the certain ones are kept. The text itself stays beside it in any case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from math import isfinite
from typing import TYPE_CHECKING, Literal, NamedTuple

from pipelines.workbook.cells import Cell
from pipelines.workbook.parsing import codes, dates, encodings, numbers, percents
from pipelines.workbook.parsing.codes import SuffixedCode
from pipelines.workbook.parsing.dates import Day, Deadline, Problem
from pipelines.workbook.parsing.names import Names
from pipelines.workbook.parsing.numbers import Decimal, Measures, Quantity, Unit
from pipelines.workbook.parsing.text import clean_text, fold, mended_text
from pipelines.workbook.parsing.vocabulary import Vocabulary, Words
from pipelines.workbook.sheet import Kind

if TYPE_CHECKING:
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
_NO_VALUE: dict[Kind, str] = {
    "error": "error_cell {text}",
    "formula_without_value": "formula_without_value",
    "unplaced": "unplaced_cell",
}
"""The problem of a cell that holds no value, by its kind."""
_ZEROS = {"0", "00"}
_NUMERIC = {"count", "number", "percent", "quantity"}


def parse_column(
    column: Column,
    cells: Sequence[Cell | None],
    vocabulary: Vocabulary,
    on: date,
    totals: Sequence[Cell] = (),
) -> list[Parsed]:
    """Read the cells of one column; `on` is the day whose agency names are meant.

    Cells of total rows arbitrate between the two ways to read `1.885`.
    """
    # Equal cells of a workbook are one object, so that each is read once: of 200,000 counts, 3,000.
    ids = list(map(id, cells))
    distinct = dict(zip(ids, cells, strict=True))
    parse = _parser(column, list(distinct.values()), vocabulary, on)
    blank = _NO_DATE_BLANK if column.type == "deadline" else BLANK
    words = vocabulary.words.get(column.word_list or "", {})
    read = {
        key: blank if cell is None else _parse(cell, column.type, vocabulary.fillers, words, parse)
        for key, cell in distinct.items()
    }
    parsed = list(map(read.__getitem__, ids))
    if totals and column.type in {"number", "quantity"}:
        return _by_total(column.type, parsed, cells, totals, vocabulary.measures)
    return parsed


def parse_cell(column: Column, cell: Cell | None, vocabulary: Vocabulary, on: date) -> Parsed:
    """Read a cell that has no neighbours, such as a field of the cover."""
    return parse_column(column, [cell], vocabulary, on)[0]


def _by_total(
    kind: ValueType,
    parsed: list[Parsed],
    cells: Sequence[Cell | None],
    totals: Sequence[Cell],
    measures: Measures,
) -> list[Parsed]:
    """The column with its ambiguous numbers read as its total says, when it says one thing."""
    if all(one.problem != "ambiguous_number" for one in parsed):
        return parsed
    known = [cell for cell in cells if cell is not None]
    decimal = numbers.decimal_by_total(
        [cell.text for cell in known if not isinstance(cell.value, float)],
        [cell.value for cell in known if isinstance(cell.value, float)],
        [cell.text for cell in totals],
    )

    def read(one: Parsed, cell: Cell | None) -> Parsed:
        if cell is None or one.problem != "ambiguous_number":
            return one
        again = _number(cell, decimal) if kind == "number" else _quantity(cell, decimal, measures)
        return again._replace(repair="decimal_by_total")

    return list(map(read, parsed, cells)) if decimal else parsed


_Parser = Callable[["Cell"], Parsed]


def _parse(
    cell: Cell, kind: ValueType, fillers: frozenset[str], words: Words, parse: _Parser
) -> Parsed:
    """What holds for every type: errors, blanks made of spaces, fillers; then the type's parser."""
    text, cell_kind, held = cell
    if problem := _NO_VALUE.get(cell_kind):
        return _unreadable(cell, problem.format(text=text))
    if isinstance(held, float) and not isfinite(held):
        return _unreadable(cell, "not_a_number")
    if cell_kind == "text" and held is not text and held != text:  # see encodings.py
        return _from_legacy(cell, kind, fillers, words, parse)
    if cell_kind in {"number", "date"} and kind not in {"text", "code", "suffixed_code"}:
        return parse(cell)
    folded = fold(text)
    is_read_first = folded in words or (kind in _NUMERIC and folded in _ZEROS)
    if folded in fillers and not is_read_first:
        value = dates.NO_DEADLINE if kind == "deadline" else None
        is_blank = not clean_text(cell.text)
        return Parsed(cell.text, value, "blank" if is_blank else "filler")
    return parse(cell)


def _from_legacy(
    cell: Cell, kind: ValueType, fillers: frozenset[str], words: Words, parse: _Parser
) -> Parsed:
    """A cell typed with a font from before Unicode: read as converted, raw as written."""
    if not isinstance(cell.value, str):
        return _unreadable(cell, "legacy_encoding")
    read = _parse(Cell(cell.text, "text", cell.text), kind, fillers, words, parse)
    encoding = encodings.encoding_between(cell.value, cell.text)
    repair = f"{encoding}; {read.repair}" if read.repair else encoding
    return read._replace(raw=cell.value, repair=repair if read.state == "present" else None)


def _parser(  # noqa: PLR0911 -- one per type
    column: Column, cells: Sequence[Cell | None], vocabulary: Vocabulary, on: date
) -> _Parser:
    match column.type:
        case "count" | "number" | "percent" | "quantity" | "unit":
            return _number_parser(column.type, cells, vocabulary.measures)
        case "date" | "deadline":
            read = _date if column.type == "date" else _deadline
            if has_months(cells):
                return lambda cell: _no_month(cell, read)
            is_mixed = is_month_first(cells)
            return lambda cell: read(cell, is_mixed)
        case "agencies":
            return lambda cell: _agencies(cell, vocabulary.names, on)
        case "word" | "boolean":
            words = vocabulary.words[column.word_list or ""]
            return lambda cell: _word(cell, words, is_boolean=column.type == "boolean")
        case "code" | "suffixed_code":
            mask, has_suffix = column.mask, column.type != "code"
            return lambda cell: _repaired(
                cell, codes.parse_code(cell.text, mask, cell.kind == "number", has_suffix)
            )
        case "text":
            return lambda cell: _repaired(cell, mended_text(cell.text))


def _number_parser(kind: ValueType, cells: Sequence[Cell | None], measures: Measures) -> _Parser:
    if kind == "count":
        return _count
    if kind == "unit":
        return lambda cell: _made(cell, numbers.parse_unit(cell.text, measures))
    if kind == "percent":
        scale = percents.percent_scale(cells)
        return lambda cell: _repaired(cell, percents.parse_percent(cell, scale))
    texts = (cell.text for cell in cells if cell is not None and cell.kind == "text")
    decimal = numbers.decimal_mark(texts)
    if kind == "number":
        return lambda cell: _number(cell, decimal)
    return lambda cell: _quantity(cell, decimal, measures)


def _agencies(cell: Cell, names: Names, on: date) -> Parsed:
    found = names.find(cell.text, on)
    if found.unknown or not found.codes:
        unknown = "; ".join(found.unknown) or clean_text(cell.text)
        return Parsed(cell.text, found.codes, "unreadable", f"unknown_agency: {unknown}")
    repair = "agency_alias" if found.is_alias else "name_form" if found.is_other_form else None
    return Parsed(cell.text, found.codes, "present", repair=repair)


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


def has_months(cells: Sequence[Cell | None]) -> bool:
    """Whether numbers of a column are serials that look like the months of a year, 1 to 12."""
    days = [dates.from_serial(cell.value) for cell in cells if cell and type(cell.value) is float]
    known = [found.day for found in days if isinstance(found, Day)]
    return len(known) == len(days) and dates.are_months(known)


def _no_month(cell: Cell, read: Callable[[Cell, bool], Parsed]) -> Parsed:
    return read(cell, False) if cell.kind == "text" else _unreadable(cell, "serial_month")


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


def _repaired(cell: Cell, found: tuple[Value, str | None] | Problem) -> Parsed:
    """What a parser made of a cell with its repair, or the cell as unreadable."""
    if isinstance(found, Problem):
        return _unreadable(cell, found.code)
    return Parsed(cell.text, found[0], "present", repair=found[1])


def _unreadable(cell: Cell, problem: str) -> Parsed:
    return Parsed(cell.text, None, "unreadable", problem)
