"""Traps of one cell that holds a number, a unit or a code of digits.

What belongs here: other ways to write a number, and ways that leave it in doubt. What does not:
dates, words, names (`cell_traps.py`). A trap that would make a number ambiguous declines.
"""

from __future__ import annotations

import random
import re
from functools import partial

from pipelines.sample.cell_traps import CellTrap, trap_of
from pipelines.sample.draft import Written, number_text

NUMBER_TRAPS: list[CellTrap] = []
_trap = partial(trap_of, NUMBER_TRAPS)

_QUANTITY = re.compile(r"(>|<=|~) ([\d,]+)")
_OPERATOR_WORDS = {
    ">": ("hơn", "trên", "vượt"),
    "<=": ("tối đa", "không quá", "≤"),
    "~": ("gần", "khoảng", "≈"),
}
# The largest first; a scale is used when the number before it stays short.
_SCALES = (("triệu tỷ", 1e15), ("nghìn tỷ", 1e12), ("tỷ", 1e9), ("triệu", 1e6), ("nghìn", 1e3))
_SHORTEST = 10_000
_UNIT_WORDS = (
    ("tỷ", "tỉ"),
    ("nghìn", "ngàn"),
    ("%", "phần trăm"),
    ("USD", "đô la Mỹ"),
    ("đồng", "VNĐ"),
    ("trang tin", "trang thông tin điện tử"),
    ("cơ sở dữ liệu", "CSDL"),
    ("địa phương", "Địa phương"),
    ("văn bản", "VĂN BẢN"),
)
_SUFFIXES = (".000.00.00.H38", ".000.00.00.G12", ".000.00.00.H12")


@_trap("T32", "count")
def count_with_dots(_: random.Random, value: Written) -> Written:
    """1.234.567, 1.885: in a count the dots can only group."""
    return _grouped(value, ".")


@_trap("T32", "count")
def count_with_commas(_: random.Random, value: Written) -> Written:
    """1,234,567."""
    return _grouped(value, ",")


@_trap("T33", "count")
def count_with_blanks(rng: random.Random, value: Written) -> Written:
    """1 234, with a blank or a no-break space."""
    return _grouped(value, rng.choice((" ", "\u00a0")))


@_trap("T37", "count")
def count_with_leading_zero(_: random.Random, value: Written) -> Written:
    """07."""
    return f"0{value}" if isinstance(value, int) and 0 < value < 10 else None


@_trap("T09", "count")
def count_with_footnote(rng: random.Random, value: Written) -> Written:
    """3(1), 3 [2], 3*."""
    if not isinstance(value, int):
        return None
    return f"{value}{rng.choice(('(1)', ' [2]', '*', ' (*)'))}"


@_trap("T11", "count")
def count_as_text(_: random.Random, value: Written) -> Written:
    """1234 as text."""
    return str(value) if isinstance(value, int) else None


@_trap("T35", "quantity")
def operator_in_words(rng: random.Random, value: Written) -> Written:
    """Hơn 800, trên 90, gần 170."""
    found = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    return f"{rng.choice(_OPERATOR_WORDS[found[1]])} {found[2]}" if found else None


@_trap("T38", "quantity")
def quantity_with_scale_words(rng: random.Random, value: Written) -> Written:
    """2,5 triệu, hơn 3,2 triệu tỷ: only where the product is exact."""
    found = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    words = f"{rng.choice(_OPERATOR_WORDS[found[1]])} " if found else ""
    number = float(found[2].replace(",", ".")) if found else value
    if not isinstance(number, (int, float)) or number < _SHORTEST:
        return None
    for word, scale in _SCALES:
        short = round(number / scale, 2)
        if short >= 1 and short * scale == number:
            return f"{words}{number_text(short)} {word}"
    return None


@_trap("T32", "quantity")
def quantity_with_comma(_: random.Random, value: Written) -> Written:
    """111,4 as text."""
    if not isinstance(value, float) or not re.fullmatch(r"\d+,\d{1,2}", number_text(value)):
        return None
    return number_text(value)


@_trap("T11", "quantity")
def quantity_as_text(_: random.Random, value: Written) -> Written:
    """3900 as text."""
    return str(value) if isinstance(value, int) else None


@_trap("T38", "unit")
def unit_in_other_words(rng: random.Random, value: Written) -> Written:
    """Tỉ đồng, phần trăm, đô la Mỹ."""
    if not isinstance(value, str):
        return None
    fitting = [(word, other) for word, other in _UNIT_WORDS if word in value]
    return value.replace(*rng.choice(fitting)) if fitting else None


@_trap("T11", "code")
def code_without_leading_zeros(_: random.Random, value: Written) -> Written:
    """4 for 00004."""
    is_short = isinstance(value, str) and re.fullmatch(r"0\d+", value)
    return int(str(value)) if is_short else None


@_trap("T11", "suffixed_code")
def code_as_number(_: random.Random, value: Written) -> Written:
    """9.00012 for 9.000120."""
    return float(value) if isinstance(value, str) else None


@_trap("T13", "suffixed_code")
def code_with_suffix(rng: random.Random, value: Written) -> Written:
    """The agency's own ending of a national code: 9.000120.000.00.00.H38."""
    return f"{value}{rng.choice(_SUFFIXES)}" if isinstance(value, str) else None


@_trap("T35", "count", certain=False)
def count_in_words(rng: random.Random, _: Written) -> Written:
    """Đang tổng hợp, khoảng vài trăm."""
    return rng.choice(("đang tổng hợp", "khoảng vài trăm", "chưa thống kê"))


@_trap("T32", "count", certain=False)
def count_not_whole(_: random.Random, value: Written) -> Written:
    """12.5 of something that is counted."""
    return value + 0.5 if isinstance(value, int) else None


@_trap("T35", "quantity", certain=False)
def quantity_without_number(rng: random.Random, value: Written) -> Written:
    """Gần đủ."""
    return None if value is None else rng.choice(("gần đủ", "tương đối cao"))


def _grouped(value: Written, mark: str) -> Written:
    if not isinstance(value, int) or value < 1000:
        return None
    return f"{value:,}".replace(",", mark)
