"""Traps of one cell: each function says a value in another way, or not at all (None: it cannot).

`T..` are the numbers of the trap catalogue in the domain notes. A *certain* trap leaves the meaning
beyond doubt; the others are faults that reading or rules must find. What belongs here: dates,
words, names, texts. What does not: numbers and codes of digits (`number_traps.py`).
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from pipelines.sample import other_words
from pipelines.sample.draft import ErrorCell, Written
from pipelines.workbook.template import Column

Write = Callable[[random.Random, Written], Written]

_WORD_LISTS = ("status", "service_level", "direction", "measure_kind")
_MONTH = re.compile(r"Tháng (\d+)/(\d{4})")
_QUARTER = re.compile(r"Quý ([IV]+)/(\d{4})")
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4}


@dataclass(frozen=True)
class CellTrap:
    """One way to distort cells of some columns."""

    trap: str
    name: str
    types: tuple[str, ...]
    """Kinds of columns, see `kind_of`."""
    is_certain: bool
    write: Write


CELL_TRAPS: list[CellTrap] = []


def kind_of(column: Column) -> str:
    """What a trap asks of a column: the list that its words come from, else its type."""
    return (column.words if column.type == "word" else None) or column.type


def trap_of(
    catalogue: list[CellTrap], number: str, *types: str, certain: bool = True
) -> Callable[[Write], Write]:
    """Enter a function into a catalogue of traps."""

    def enter(write: Write) -> Write:
        name = getattr(write, "__name__", number)
        catalogue.append(CellTrap(number, name, types, certain, write))
        return write

    return enter


_trap = partial(trap_of, CELL_TRAPS)


def serial(day: date) -> int:
    """The number behind a date in a spreadsheet."""
    return (day - date(1899, 12, 30)).days


@_trap("T23", "date", "deadline")
def date_as_text(rng: random.Random, value: Written) -> Written:
    """5/9/2025, 05/09/2025, 05.09.2025 or 05-09-2025."""
    if not isinstance(value, date):
        return None
    mark = rng.choice(".-//")
    short = f"{value.day}/{value.month}/{value.year}"
    return short if rng.random() < 0.4 else f"{value:%d{mark}%m{mark}%Y}"


@_trap("T23", "date", "deadline")
def date_in_words(_: random.Random, value: Written) -> Written:
    """Ngày 5 tháng 9 năm 2025."""
    if not isinstance(value, date):
        return None
    return f"ngày {value.day} tháng {value.month} năm {value.year}"


@_trap("T29", "date")
def date_as_serial(_: random.Random, value: Written) -> Written:
    """The number behind the date, as copied without its format."""
    return serial(value) if isinstance(value, date) else None


@_trap("T24", "deadline")
def month_or_quarter_in_words(rng: random.Random, value: Written) -> Written:
    """9/2025, tháng 9 năm 2025, quý 3/2025, Quí III năm 2025."""
    if not isinstance(value, str):
        return None
    if found := _MONTH.fullmatch(value):
        month, year = found.groups()
        forms = ("tháng {} năm {}", "trong tháng {}/{}", "{}/{}", "Tháng {} năm {}")
        return rng.choice(forms).format(month, year)
    if found := _QUARTER.fullmatch(value):
        quarter, year = found.groups()
        digit = _ROMAN[quarter]
        return rng.choice(
            (f"quý {digit}/{year}", f"Quý {quarter} năm {year}", f"Quí {quarter}/{year}")
        )
    return None


@_trap("T25", "deadline")
def year_or_range(rng: random.Random, value: Written) -> Written:
    """Năm 2025, 2025 - 2026: the last day counts."""
    if value not in ("2025", "2026"):
        return None
    return f"Năm {value}" if value == "2025" else rng.choice(("2025 - 2026", "năm 2026"))


@_trap("T26", "deadline")
def kind_in_other_words(rng: random.Random, value: Written) -> Written:
    """Nhiệm vụ thường xuyên, hàng năm, theo lộ trình được giao."""
    return _other_word(rng, other_words.KIND_WORDS, value)


@_trap("T45", "status")
def status_in_other_words(rng: random.Random, value: Written) -> Written:
    """Hoàn thành, Đang triển khai, capitals."""
    return _other_word(rng, other_words.STATUS_WORDS, value)


@_trap("T45", "service_level")
def service_level_in_other_words(rng: random.Random, value: Written) -> Written:
    """DVC toàn trình, Trực tiếp."""
    return _other_word(rng, other_words.SERVICE_LEVELS, value)


@_trap("T36", "boolean")
def yes_no_in_other_words(rng: random.Random, value: Written) -> Written:
    """x, Chưa, Đã đạt."""
    return _other_word(rng, other_words.YES_NO, value)


@_trap("T49", "direction", "measure_kind")
def goal_in_other_words(rng: random.Random, value: Written) -> Written:
    """Càng cao càng tốt, Số liệu tại thời điểm báo cáo."""
    return _other_word(rng, other_words.GOALS, value)


@_trap("T34", "percent")
def percent_with_sign(_: random.Random, value: Written) -> Written:
    """50%."""
    return f"{value}%"


@_trap("T32", "percent")
def percent_with_comma(_: random.Random, value: Written) -> Written:
    """50,0."""
    return f"{value},0"


@_trap("T33", "percent")
def percent_as_spaced_text(_: random.Random, value: Written) -> Written:
    """50 % as text, with a no-break space."""
    return f"{value}\u00a0%"


@_trap("T13", "agencies")
def agency_short_name(rng: random.Random, value: Written) -> Written:
    """Bộ KH&CN, NHNN, TP. HCM."""
    if not isinstance(value, str):
        return None
    names = [rng.choice(other_words.SHORT_NAMES.get(name, (name,))) for name in value.split("; ")]
    return _if_other("; ".join(names), value)


@_trap("T15", "agencies")
def agencies_on_lines(rng: random.Random, value: Written) -> Written:
    """Several agencies with commas or line breaks between them."""
    if not isinstance(value, str):
        return None
    return _if_other(value.replace("; ", rng.choice((", ", "\n", ";\n", ",\n"))), value)


@_trap("T19", "agencies")
def tone_mark_moved(_: random.Random, value: Written) -> Written:
    """Hoà for hòa: the same letters, the mark elsewhere."""
    if not isinstance(value, str):
        return None
    moved = value
    for old, new in other_words.NEW_TONES:
        moved = moved.replace(old, new)
    return _if_other(moved, value)


@_trap("T40", "text", "agencies", "boolean", *_WORD_LISTS)
def decomposed_letters(_: random.Random, value: Written) -> Written:
    """Letters and marks apart (NFD), as some keyboards write."""
    return unicodedata.normalize("NFD", value) if isinstance(value, str) else None


@_trap("T42", "text", "code", "suffixed_code", "agencies", "boolean", *_WORD_LISTS)
def no_break_space(rng: random.Random, value: Written) -> Written:
    """A blank too many that nobody sees."""
    if not isinstance(value, str):
        return None
    return rng.choice((f"{value}\u00a0", f" {value}", value.replace(" ", "\u00a0", 1) + " "))


@_trap("T42", "text")
def double_blank(_: random.Random, value: Written) -> Written:
    """Two blanks for one."""
    return _if_other(value.replace(" ", "  ", 2), value) if isinstance(value, str) else None


@_trap("T36", "nothing")
def nothing_to_report(rng: random.Random, value: Written) -> Written:
    """A word for nothing in a column that may be blank."""
    return rng.choice(("Không", "-", "Không có")) if value is None else None


@_trap("T31", "date", certain=False)
def impossible_date(_: random.Random, value: Written) -> Written:
    """30/02/2025."""
    return "30/02/2025" if isinstance(value, date) else None


@_trap("T31", "date", certain=False)
def two_digit_year(_: random.Random, value: Written) -> Written:
    """3/4/25: which century, which order?"""
    return f"{value.day}/{value.month}/{value:%y}" if isinstance(value, date) else None


@_trap("T12", "date", "percent", "status", "text", "count", "quantity", "boolean", certain=False)
def error_cell(rng: random.Random, value: Written) -> Written:
    """#N/A, #REF!, #DIV/0!."""
    return None if value is None else ErrorCell(rng.choice(("#N/A", "#REF!", "#DIV/0!")))


@_trap("T36", "date", "status", "text", certain=False)
def filler(rng: random.Random, value: Written) -> Written:
    """A sign that says nothing where something must stand."""
    return None if value is None else rng.choice(("-", "N/A", "không", "…"))


@_trap("T36", "count", "quantity", certain=False)
def dash_for_a_number(rng: random.Random, value: Written) -> Written:
    """None, or not known?"""
    return None if value is None else rng.choice(("-", "–", "N/A"))


@_trap("T45", "boolean", certain=False)
def neither_yes_nor_no(rng: random.Random, value: Written) -> Written:
    """Cơ bản đạt."""
    return None if value is None else rng.choice(("cơ bản đạt", "đang kết nối", "một phần"))


@_trap("T45", "status", certain=False)
def unknown_status_word(rng: random.Random, _: Written) -> Written:
    """Sắp xong: done, or not?"""
    return rng.choice(("sắp xong", "cơ bản ổn", "đang xin ý kiến sếp"))


@_trap("T17", "agencies", certain=False)
def unknown_agency(rng: random.Random, value: Written) -> Written:
    """An owner that is in no list."""
    if not isinstance(value, str):
        return None
    return rng.choice(("Ban Điều phối liên ngành XYZ", f"{value}; Tổ công tác số 9"))


@_trap("T35", "percent", certain=False)
def percent_out_of_range(_: random.Random, _value: Written) -> Written:
    """More than all of it."""
    return 150


@_trap("T35", "percent", certain=False)
def percent_in_words(rng: random.Random, _: Written) -> Written:
    """Gần xong, khoảng một nửa."""
    return rng.choice(("gần xong", "khoảng một nửa"))


def _other_word(
    rng: random.Random, words: Mapping[str, tuple[str, ...]], value: Written
) -> Written:
    others = words.get(value) if isinstance(value, str) else None
    return rng.choice(others) if others else None


def _if_other(written: str, value: Written) -> Written:
    return written if written != value else None
