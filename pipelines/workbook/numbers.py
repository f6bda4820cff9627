"""Numbers as people write them: counts, measures with operator and scale, units, codes of digits.

What belongs here: pure parsers from text to a number, and the marks that say how a column writes
its decimals. What does not: cells, dates, vocabulary itself (seed `words`).

`1.885` and `1,885` can be read in two ways. A count has no decimals, so there it is 1885; elsewhere
the other numbers of the column decide, and when they do not, it is ambiguous and no value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite

from pipelines.workbook.dates import Problem
from pipelines.workbook.text import clean_text, fold

Decimal = str | None
"""The mark before decimals; None when a column does not tell."""

_NUMBER = re.compile(r"[-−]?[0-9](?:[0-9.,]*[0-9])?")
_BLANK_GROUPS = re.compile(r"(?<![0-9.,])[1-9][0-9]{0,2}(?: [0-9]{3})+(?![0-9])")
_BLANK_AT_MARK = re.compile(r"(?<=[0-9]) ?([.,]) ?(?=[0-9])")
_FOOTNOTE = re.compile(r"(?<=[0-9%]) ?(?:\([0-9]{1,2}\)|\[[0-9]{1,2}\]|\(?\*+\)?)$")
_GROUPED = re.compile(r"[-−]?[1-9][0-9]{0,2}[.,][0-9]{3}")
_HALF_GROUPED = re.compile(r"[-−]?[0-9]{4,}[.,][0-9]{3}")
_RANGE = re.compile(r" ?(%?) ?(?:-|–|—|đến|tới) ?(?=[0-9])")
_FROM = "tu"
_MOST_DIGITS = 15
"""More than a spreadsheet program keeps of a number, and than anything that is counted here."""


@dataclass(frozen=True)
class Quantity:
    """A measure: `main` with its operator; of a range the lower end, and `upper_bound`."""

    main: float
    operator: str
    upper_bound: float | None
    unit: str | None
    """The unit when the cell itself names one."""


@dataclass(frozen=True)
class Unit:
    """A unit of measure, and by what a number beside it must be multiplied."""

    main: str
    scale: float


@dataclass(frozen=True)
class SuffixedCode:
    """A code, and what an agency hung on to it."""

    main: str
    suffix: str | None


@dataclass(frozen=True)
class Measures:
    """Words around numbers, folded: operators, scales (as multipliers) and units."""

    operators: Mapping[str, str]
    scales: Mapping[str, float]
    units: Mapping[str, str]


def decimal_mark(texts: Iterable[str]) -> Decimal:
    """How a column writes decimals, by the numbers that can be read in one way only."""
    found = {mark for text in texts if (mark := _proof(text))}
    return found.pop() if len(found) == 1 else None


def parse_number(text: str, decimal: Decimal) -> float | Problem:
    """A plain number; the problem is `not_a_number`, `ambiguous_number` or `too_large`."""
    return _float(_tidy(text), decimal)


def parse_count(text: str) -> int | Problem:
    """A whole number, zero or more; a mark before three digits can only group them."""
    tidy = _tidy(text)
    if _HALF_GROUPED.fullmatch(tidy):  # 1885.000 lacks a mark, or has decimals that say nothing
        return Problem("ambiguous_number")
    plain = _plain(tidy, _other(tidy) if _GROUPED.fullmatch(tidy) else None)
    if isinstance(plain, Problem):
        return plain
    whole_part, _, fraction = plain.partition(".")
    if fraction.strip("0"):
        return Problem("not_whole")
    if len(whole_part) > _MOST_DIGITS:
        return Problem("too_large")
    return int(whole_part) if not whole_part.startswith("-") else Problem("negative_count")


def whole(number: float) -> int | Problem:
    """A count that a cell holds as a number."""
    if not number.is_integer():
        return Problem("not_whole")
    if number < 0:
        return Problem("negative_count")
    return int(number) if number < 10**_MOST_DIGITS else Problem("too_large")


def parse_quantity(text: str, decimal: Decimal, words: Measures) -> Quantity | Problem:
    """A measure such as `> 3,2 triệu tỷ`, `40 - 50`, `gần 80%`."""
    parts = _parts(_tidy(text))
    operator = parts and _operator(parts, words)
    if parts is None or operator is None:
        return Problem("not_a_number")
    unit = _scaled_unit(parts.after, words)
    if isinstance(unit, Problem):
        return Problem("not_a_number") if _NUMBER.search(parts.after) else unit
    numbers: list[float] = []
    for written in parts.numbers:
        number = _float(written, decimal, unit[1])
        if isinstance(number, Problem):
            return number
        numbers.append(number)
    if numbers[1:] and numbers[1] <= numbers[0]:
        return Problem("not_a_number")
    return Quantity(numbers[0], operator, numbers[1] if numbers[1:] else None, unit[0])


def parse_unit(text: str, words: Measures) -> Unit | Problem:
    """A unit such as `tỷ đồng` or `%`."""
    found = _scaled_unit(text, words)
    if isinstance(found, Problem):
        return found
    return Problem("unknown_unit") if found[0] is None else Unit(found[0], found[1])


def masked(text: str, mask: str, *, is_number: bool) -> str:
    """A code in the form of its mask, with the zeros that a spreadsheet program took from it."""
    whole, _, fraction = mask.partition(".")
    if fraction:
        shorter = re.fullmatch(rf"\d{{{len(whole)}}}\.\d{{1,{len(fraction)}}}", text)
        return text.ljust(len(mask), "0") if shorter and is_number else text
    return text.zfill(len(mask)) if text.isdecimal() else text


def split_suffix(code: str, mask: str) -> SuffixedCode:
    """A code, and what follows the length of its mask after a dot."""
    head, tail = code[: len(mask)], code[len(mask) :]
    fits = re.fullmatch(re.escape(mask).replace("0", r"\d"), head)
    has_suffix = fits and tail[:1] == "." and tail[1:]
    return SuffixedCode(head, tail[1:]) if has_suffix else SuffixedCode(code, None)


@dataclass(frozen=True)
class _Parts:
    """A text around its number, or around the two of a range."""

    before: str
    numbers: tuple[str, ...]
    after: str


def _parts(tidy: str) -> _Parts | None:
    first = _NUMBER.search(tidy)
    if first is None:
        return None
    numbers, rest = [first[0]], tidy[first.end() :]
    if (between := _RANGE.match(rest)) and (last := _NUMBER.match(rest, between.end())):
        numbers.append(last[0])
        rest = rest[last.end() :] or between[1]
    return _Parts(tidy[: first.start()].strip(), tuple(numbers), rest)


def _operator(parts: _Parts, words: Measures) -> str | None:
    """`=` when nothing is said before the number; `từ` belongs to a range only."""
    word = fold(parts.before)
    if not parts.before or (word == _FROM and len(parts.numbers) > 1):
        return "="
    # Folding takes the stroke from ≠.
    return words.operators.get(word) if "≠" not in parts.before else None


def _tidy(text: str) -> str:
    """The text without footnote marks, and numbers without blanks."""
    plain = _FOOTNOTE.sub("", clean_text(text).replace("\n", " "))
    joined = _BLANK_GROUPS.sub(lambda found: found[0].replace(" ", ""), plain)
    return _BLANK_AT_MARK.sub(lambda found: found[1], joined)


def _float(text: str, decimal: Decimal, scale: float = 1.0) -> float | Problem:
    plain = _plain(text, decimal)
    if isinstance(plain, Problem):
        return plain
    value = float(plain) * scale
    return value if isfinite(value) else Problem("too_large")


def _plain(text: str, decimal: Decimal) -> str | Problem:
    """The number with a point before its decimals and no other mark."""
    if not _NUMBER.fullmatch(text):
        return Problem("not_a_number")
    mark = decimal if _GROUPED.fullmatch(text) else _own_mark(text)
    if mark is None and _GROUPED.fullmatch(text):
        return Problem("ambiguous_number")
    sign = "-" if text[0] in "-−" else ""
    whole, _, fraction = text.lstrip("-−").partition(mark or " ")
    first, *others = re.split(r"[.,]", whole)
    is_grouped = first[0] != "0" and len(first) <= 3 and all(len(group) == 3 for group in others)
    if (others and not is_grouped) or not f"{fraction}0".isdecimal():
        return Problem("not_a_number")
    return f"{sign}{''.join((first, *others))}.{fraction or 0}"


def _proof(text: str) -> Decimal:
    """The decimal mark that a text proves; none when its number could have either."""
    found = _NUMBER.search(_tidy(text))
    is_sure = found and isinstance(_plain(found[0], None), str)
    return _own_mark(found[0]) if found and is_sure else None


def _own_mark(text: str) -> Decimal:
    """The decimal mark of a number that is not ambiguous; none when it has no mark at all."""
    marks = re.findall(r"[.,]", text)
    if marks and marks.count(marks[-1]) > 1:  # the last mark groups digits: decimals have the other
        return _other(text)
    return marks[-1] if marks else None


def _other(text: str) -> Decimal:
    """The mark that a number does not end its groups with."""
    last = next(letter for letter in reversed(text) if letter in ".,")
    return "," if last == "." else "."


def _scaled_unit(text: str, words: Measures) -> tuple[str | None, float] | Problem:
    """The unit that a text names, or none, and the product of the scale words before it."""
    rest, scale = fold(text), 1.0
    if not rest and text.strip(" .,;:"):  # a lone dash is the start of something
        return Problem("unknown_unit")
    longest = sorted(words.scales, key=len, reverse=True)
    while rest and rest not in words.units:  # `văn bản` does not begin with `vạn`
        word = next((w for w in longest if rest == w or rest.startswith(f"{w} ")), None)
        if word is None:
            return Problem("unknown_unit")
        scale *= words.scales[word]
        rest = rest[len(word) :].strip()
    return words.units.get(rest), scale
