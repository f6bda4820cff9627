"""Numbers as people write them: counts, measures with operator and scale, units.

What belongs here: pure parsers from text to a number, and the marks that say how a column writes
its decimals. What does not: cells, dates, codes of digits, vocabulary itself (seed `words`).

`1.885` and `1,885` can be read in two ways. A count has no decimals, so there it is 1885; elsewhere
the other numbers of the column decide, then its total, and when they do not, it is ambiguous and no
value. `99.4` decides nothing: Vietnamese documents that group by dots have it as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum, isclose, isfinite

from pipelines.workbook.parsing.dates import Problem
from pipelines.workbook.parsing.text import clean_text, fold

Decimal = str | None
"""The mark before decimals; None when a column does not tell."""

_NUMBER = re.compile(r"[-−]?[0-9](?:[0-9.,]*[0-9])?")
_BLANK_GROUPS = re.compile(r"(?<![0-9.,])[1-9][0-9]{0,2}(?: [0-9]{3})+(?![0-9])")
_BLANK_AT_MARK = re.compile(r"(?<=[0-9]) ?([.,]) ?(?=[0-9])")
_FOOTNOTE = re.compile(r"(?<=[0-9%]) ?(?:\([0-9]{1,2}\)|\[[0-9]{1,2}\]|\(?\*+\)?|[¹²³⁰⁴-⁹]+)$")
_SLIPS = str.maketrans("OoОоIlі|", "00001111")
_WITH_SLIPS = re.compile(r"[0-9OoОоIlі|.,]*[0-9][0-9OoОоIlі|.,]*%?")
_OPEN_END = re.compile(r"(?:từ )?(.+?) (?:trở (lên)|trở xuống)", re.IGNORECASE)
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
class Measures:
    """Words around numbers, folded: operators, scales (as multipliers) and units."""

    operators: Mapping[str, str]
    scales: Mapping[str, float]
    units: Mapping[str, str]
    spelled: frozenset[str] = frozenset()
    """Scale words in small letters as they are spelled; `ty` for `tỷ` is a slip."""


def decimal_mark(texts: Iterable[str]) -> Decimal:
    """How a column writes decimals, by the numbers that can be read in one way only.

    A point is the mark only where a comma groups digits too, as in `1,885.5` or `1,885,000`.
    """
    proofs = {proof for text in texts if (proof := _proof(text))}
    marks = {mark for mark, _ in proofs}
    if len(marks) != 1 or not (marks == {","} or any(groups for _, groups in proofs)):
        return None
    return marks.pop()


def parse_number(text: str, decimal: Decimal) -> float | Problem:
    """A plain number; the problem is `not_a_number`, `ambiguous_number` or `too_large`."""
    return _float(tidy(text), decimal)


def parse_count(text: str) -> int | Problem:
    """A whole number, zero or more; a mark before three digits can only group them."""
    written = tidy(text)
    if _HALF_GROUPED.fullmatch(written):  # 1885.000 lacks a mark, or has decimals that say nothing
        return Problem("ambiguous_number")
    plain = _plain(written, _other(written) if _GROUPED.fullmatch(written) else None)
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


def slip(text: str) -> Problem:
    """Why a text is no number: with the number that it may be when letters stand for digits."""
    written = tidy(text)
    if _WITH_SLIPS.fullmatch(written) and written != (meant := written.translate(_SLIPS)):
        return Problem(f"letters_for_digits: {meant}")
    return Problem("not_a_number")


def decimal_by_total(
    texts: Sequence[str], numbers: Sequence[float], totals: Sequence[str]
) -> Decimal:
    """The one decimal mark by which a column adds up to a total of its own."""
    agreeing = [
        mark
        for mark in (".", ",")
        if (made := _sum(texts, mark)) is not None
        and any(
            isinstance(total := parse_number(text, mark), float)
            and isclose(made + fsum(numbers), total, rel_tol=1e-9, abs_tol=1e-6)
            for text in totals
        )
    ]
    return agreeing[0] if len(agreeing) == 1 else None


def _sum(texts: Sequence[str], decimal: Decimal) -> float | None:
    read = [parse_number(text, decimal) for text in texts]
    return None if any(isinstance(one, Problem) for one in read) else fsum(read)  # pyright: ignore


def parse_quantity(text: str, decimal: Decimal, words: Measures) -> Quantity | Problem:
    """A measure such as `> 3,2 triệu tỷ`, `40 - 50`, `gần 80%`, `80% trở lên`."""
    if found := _OPEN_END.fullmatch(clean_text(text)):
        bound = _quantity(found[1], decimal, words)
        is_plain = isinstance(bound, Quantity) and (bound.operator, bound.upper_bound) == (
            "=",
            None,
        )
        return replace(bound, operator=">=" if found[2] else "<=") if is_plain else slip(text)
    return _quantity(text, decimal, words)


def _quantity(text: str, decimal: Decimal, words: Measures) -> Quantity | Problem:
    parts = _parts(tidy(text))
    operator = parts and _operator(parts, words)
    if parts is None or operator is None:
        return slip(text)
    unit = _scaled_unit(parts.after, words)
    if isinstance(unit, Problem):
        is_slip = _NUMBER.search(parts.after) or _WITH_SLIPS.fullmatch(tidy(text))
        return slip(text) if is_slip else unit
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


def tidy(text: str) -> str:
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
        return slip(text)
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


def _proof(text: str) -> tuple[str, bool] | None:
    """The decimal mark that a text proves, and whether the other one groups digits in it."""
    found = _NUMBER.search(tidy(text))
    is_sure = found and isinstance(_plain(found[0], None), str)
    mark = _own_mark(found[0]) if found and is_sure else None
    return (mark, _other(mark) in found[0]) if found and mark else None


def _own_mark(text: str) -> Decimal:
    """The decimal mark of a number that is not ambiguous; none when it has no mark at all."""
    marks = re.findall(r"[.,]", text)
    if marks and marks.count(marks[-1]) > 1:  # the last mark groups digits: decimals have the other
        return _other(text)
    return marks[-1] if marks else None


def _other(text: str) -> str:
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
        if misspelt := _misspelt(text, word, words):
            return misspelt
        scale *= words.scales[word]
        rest = rest[len(word) :].strip()
    return words.units.get(rest), scale


def _misspelt(text: str, scale_word: str, words: Measures) -> Problem | None:
    """Whether a scale is spelled in a way that only folding takes for it: a factor of millions."""
    written = {part.strip(" .,;:()") for part in clean_text(text).lower().split()}
    known = words.spelled
    if not known or any(fold(part) == scale_word and part in known for part in written):
        return None
    meant = next((word for word in sorted(known) if fold(word) == scale_word), scale_word)
    return Problem(f"misspelt: {meant}")
