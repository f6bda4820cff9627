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

from pipelines.workbook.dates import Problem
from pipelines.workbook.text import clean_text, fold

Decimal = str | None
"""The mark before decimals; None when a column does not tell."""

_NUMBER = re.compile(r"[-−]?\d(?:[\d.,]*\d)?")
_BLANK_INSIDE = re.compile(r"(?<=\d) (?=\d{3}\b)|(?<=\d) ?([.,]) ?(?=\d)")
_FOOTNOTE = re.compile(r"(?<=[\d%]) ?(?:\(\d{1,2}\)|\[\d{1,2}\]|\(?\*+\)?)$")
_GROUPED = re.compile(r"[-−]?[1-9]\d{0,2}([.,])\d{3}")
_RANGE = re.compile(r" ?%? ?(?:-|–|—|đến|tới) ?(?=\d)")
_FROM = "tu"


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
    found = {mark for text in texts for mark in _marks(text)}
    return found.pop() if len(found) == 1 else None


def parse_number(text: str, decimal: Decimal) -> float | Problem:
    """A plain number; the problem is `not_a_number` or `ambiguous_number`."""
    return _read(_tidy(text), decimal)


def parse_count(text: str) -> int | Problem:
    """A whole number; a mark before three digits can only group them."""
    tidy = _tidy(text)
    found = _read(tidy, _other(tidy) if _GROUPED.fullmatch(tidy) else None)
    if isinstance(found, Problem):
        return found
    return int(found) if float(found).is_integer() else Problem("not_whole")


def parse_quantity(text: str, decimal: Decimal, words: Measures) -> Quantity | Problem:
    """A measure such as `> 3,2 triệu tỷ`, `40 - 50`, `gần 80%`."""
    tidy = _tidy(text)
    first = _NUMBER.search(tidy)
    if first is None:
        return Problem("not_a_number")
    before = fold(tidy[: first.start()])
    operator = words.operators.get(before) if before not in {"", _FROM} else "="
    rest = tidy[first.end() :]
    upper_text = None
    if between := _RANGE.match(rest):
        last = _NUMBER.match(rest, between.end())
        if last is None:
            return Problem("not_a_number")
        upper_text, rest = last[0], rest[last.end() :]
    if operator is None or _NUMBER.search(rest):
        return Problem("not_a_number")
    unit = _scaled_unit(rest, words)
    if isinstance(unit, Problem):
        return unit
    ends = [_read(one, decimal) for one in (first[0], upper_text) if one is not None]
    numbers = [end * unit[1] for end in ends if not isinstance(end, Problem)]
    if len(numbers) < len(ends):
        return next(end for end in ends if isinstance(end, Problem))
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
    return SuffixedCode(head, tail[1:]) if fits and tail[:1] == "." else SuffixedCode(code, None)


def _tidy(text: str) -> str:
    plain = _FOOTNOTE.sub("", clean_text(text).replace("\n", " "))
    return _BLANK_INSIDE.sub(lambda found: found[1] or "", plain)


def _read(text: str, decimal: Decimal) -> float | Problem:
    if not _NUMBER.fullmatch(text):
        return Problem("not_a_number")
    if _GROUPED.fullmatch(text):
        mark = decimal
        if mark is None:
            return Problem("ambiguous_number")
    else:
        mark = next(iter(_marks(text)), None)
    whole, _, fraction = text.partition(mark) if mark else (text, "", "")
    groups = re.split(r"[.,]", whole.lstrip("-−"))
    is_grouped = all(len(group) == 3 for group in groups[1:]) and len(groups[0]) <= 3
    if (len(groups) > 1 and not is_grouped) or not f"{fraction}0".isdecimal():
        return Problem("not_a_number")
    sign = "-" if text[0] in "-−" else ""
    return float(f"{sign}{''.join(groups)}.{fraction or 0}")


def _marks(text: str) -> list[Decimal]:
    """The decimal mark that a number proves; none when it has no mark, or could have either."""
    found = _NUMBER.search(_tidy(text))
    marks = re.findall(r"[.,]", found[0]) if found else []
    if found is None or not marks or _GROUPED.fullmatch(found[0]):
        return []
    last = marks[-1]
    if marks.count(last) > 1:  # the last mark groups digits; the other one marks decimals
        return [_other(found[0])]
    return [last]


def _other(text: str) -> Decimal:
    """The mark that a number does not end its groups with."""
    last = next(letter for letter in reversed(text) if letter in ".,")
    return "," if last == "." else "."


def _scaled_unit(text: str, words: Measures) -> tuple[str | None, float] | Problem:
    """The unit that a text names, or none, and the product of the scale words before it."""
    rest, scale = fold(text), 1.0
    longest = sorted(words.scales, key=len, reverse=True)
    while word := next((w for w in longest if rest == w or rest.startswith(f"{w} ")), None):
        scale *= words.scales[word]
        rest = rest[len(word) :].strip()
    if not rest:
        return None, scale
    return (words.units[rest], scale) if rest in words.units else Problem("unknown_unit")
