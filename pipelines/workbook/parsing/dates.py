"""Dates and deadlines as people write them.

What belongs here: pure parsers from text to a day, with its precision and the name of the repair,
or the name of the problem. What does not: cells, columns, vocabulary of other kinds.

Day first, always. A stated month, quarter or year means its last day; a range means its last part.
What could be read in two ways, or in none, is a problem, never a guess.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from pipelines.workbook.parsing.text import clean_text, fold

Precision = Literal["day", "month", "quarter", "year"]
DeadlineKind = Literal["fixed", "regular", "annual", "conditional", "none"]

FIRST_SERIAL, LAST_SERIAL = 40_000, 60_000  # 2009-07-06 to 2064-04-08
_SERIAL_ZERO = date(1899, 12, 30)
_YEARS = range(1990, 2101)
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


@dataclass(frozen=True)
class Day:
    """A day that was read, how exactly it was stated, and what was done to read it."""

    day: date
    precision: Precision
    repair: str | None = None


@dataclass(frozen=True)
class Deadline:
    """When a task is due; a date only when the kind is `fixed`."""

    day: date | None
    precision: Precision | None
    kind: DeadlineKind
    repair: str | None = None

    @property
    def main(self) -> date | None:
        """The value of a deadline cell."""
        return self.day


@dataclass(frozen=True)
class Problem:
    """Why a text could not be read."""

    code: str


NO_DEADLINE = Deadline(None, None, "none")

_TIME = r"(?:[ t,]{1,2}(\d{1,2}:\d{2}(?::\d{2})?))?"  # a time with its zone may mean another day
_DAY_FIRST = re.compile(
    r"(?:ngay )?(\d{1,2}) ?([/.-]) ?(\d{1,2}) ?\2 ?(\d{4}|\d{2})" + _TIME, re.ASCII
)
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _TIME, re.ASCII)
_IN_WORDS = re.compile(r"(?:ngay )?(\d{1,2}) thang (\d{1,2}),? (?:nam )?(\d{4})")
_MONTH = re.compile(r"(?:thang )?(\d{1,2}) ?[/.-] ?(\d{4})|thang (\d{1,2}),? (?:nam )?(\d{4})")
_ISO_MONTH = re.compile(r"(\d{4})[-/](0[1-9]|1[0-2])")
_QUARTER = re.compile(r"qu[yi] ?(iv|i{1,3}|[1-4])(?: ?[/.-] ?| nam | )(\d{4})")
_YEAR = re.compile(r"(?:nam )?(\d{4})")
_SERIAL = re.compile(r"\d{5}")
_FOOTNOTE = re.compile(r"\s*(?:\[\d+\]|\(\*+\)|[¹²³⁰⁴-⁹]+)\s*$")
_TORN = re.compile(r"\d\s*[-–—]\s*$")
_RAISED = re.compile(r"[¹²³⁰⁴-⁹]")
_BEFORE = re.compile(r"(?:(?:hoan thanh|xong|truoc|cham nhat|muon nhat|den|het|trong|vao|cuoi) )+")
_OPEN_RANGE = re.compile(r"(?:nam )?(\d{4}) va (?:cac |nhung )+nam (?:tiep theo|tiep|sau|ke tiep)")
_RANGE_WORDS = re.compile(r"^(?:giai doan |bat dau |tu )+")
_ROMAN_END = re.compile(r"(?:iv|i{1,3}|[1-4])(?:/| nam | )\d{4}")
_BEFORE_LONGER = re.compile(r"(?:hoan thanh |xong )?truoc (?!ngay)")
_PARTIAL: dict[Precision, re.Pattern[str]] = {
    "day": re.compile(r"(?:ngay )?\d{1,2}(?:[/.]\d{1,2})?"),
    "month": re.compile(r"(?:thang )?\d{1,2}"),
    "quarter": re.compile(r"(?:qu[yi] )?(?:iv|i{1,3}|[1-4])"),
    "year": re.compile(r"(?!)"),
}
_REGULAR = re.compile(r"\b(?:thuong xuyen|hang (?:quy|thang|tuan|ngay)|dinh ky)\b")
_ANNUAL = re.compile(r"\bhang nam\b")
_DAY_OF_EACH = re.compile(
    r"(?:(?:truoc|cham nhat|vao|den) )?(?:ngay )?\d{1,2}(?: thang \d{1,2}|/\d{1,2})?(?: cua)?"
    r" hang (?:thang|nam|quy)"
)
_CONDITIONAL = re.compile(r"^theo |\b(?:sau khi|ke tu)\b")
_AFTER = re.compile(r"(?:sau|trong vong) \d+ (?:ngay|tuan|thang|nam)(?: lam viec)?")
_START = re.compile(r"(?:bat dau )?tu (?:ngay )?(.+?)(?: tro di)?|bat dau (.+)|(.+) tro di")
_DATED = re.compile(r"\b(?:hoan thanh|xong|truoc|cham nhat|muon nhat)\b.*\b\d{4}\b")
"""A day by which it must be done stands beside the condition."""
_NO_DEADLINE = re.compile(r"khong (?:(?:co|quy dinh|xac dinh) )?thoi han|khong (?:quy|xac) dinh")
_SPELLINGS = {
    "ngay": ("ngày", "ngay"),
    "thang": ("tháng", "thang"),
    "quy": ("quý", "qúy", "quy"),
    "qui": ("quí", "qúi", "qui"),
    "nam": ("năm", "nam"),
}
"""By folded word; another spelling, such as `nám` for `năm`, is a slip that nobody should mend."""
_WORD = re.compile(r"[^\W\d_]+")
FEWEST_MONTHS = 3


@lru_cache(maxsize=20_000)
def parse_day(text: str) -> Day | Problem:
    """A text of a plain date column: it must state the day."""
    found = _point(_folded(text))
    if isinstance(found, Day) and found.precision != "day":
        return Problem("not_a_day")
    return _spelled(found, text)


@lru_cache(maxsize=20_000)
def parse_deadline(text: str) -> Deadline | Problem:
    """A text of a deadline column: a day, a longer time, a range, or a kind without a date."""
    folded = _folded(text)
    kind = _kind_without_date(folded)
    if kind is not None:
        return Deadline(None, None, kind)
    stated = _BEFORE.sub("", folded, count=1) if _BEFORE.match(folded) else folded
    if open_range := _OPEN_RANGE.fullmatch(stated):
        found = _last_day(int(open_range[1]), 12, "year", "open_range_to_stated_year")
    else:
        found = _point(stated)
        if isinstance(found, Problem) and (last := _range_end(stated)):
            found = last
    if isinstance(found, Day) and found.precision != "day" and _BEFORE_LONGER.match(folded):
        return Problem("ambiguous_deadline")  # before the first day of that month, or its last?
    if isinstance(found, Problem):
        return Problem("conflicting_deadline") if _mentions_kind(folded) else found
    spelled = _spelled(found, text)
    if isinstance(spelled, Problem):
        return spelled
    return Deadline(found.day, found.precision, "fixed", found.repair)


def from_serial(serial: float) -> Day | Problem:
    """The day that a spreadsheet program stores as this number."""
    if not FIRST_SERIAL <= serial <= LAST_SERIAL:
        return Problem("not_a_date")
    return Day(_SERIAL_ZERO + timedelta(days=int(serial)), "day", "excel_serial")


def are_months(days: Iterable[date]) -> bool:
    """Whether all days of a column lie one after another from 1 January on, three or more.

    So look the months 1 to 12 when a program takes them for serial numbers of days.
    """
    known = sorted(set(days))
    first = known[0] if known else date.max
    return (
        FEWEST_MONTHS <= len(known) <= 12
        and (first.month, first.day) == (1, 1)
        and known == [first + timedelta(place) for place in range(len(known))]
    )


def is_month_first(text: str) -> bool:
    """Whether a text can only be a date when its month comes first, such as 1/31/2025."""
    return parse_day(text) == Problem("us_date")


def is_day_first(text: str) -> bool:
    """Whether a text can only be a date when its day comes first, such as 31/1/2025."""
    found = parse_day(text)
    return isinstance(found, Day) and found.day.day > 12


def could_be_month_first(text: str) -> bool:
    """Whether day and month of a date in digits could change places."""
    found = _DAY_FIRST.fullmatch(fold(text))
    return found is not None and int(found[1]) <= 12 and int(found[1]) != int(found[3])


def _folded(text: str) -> str:
    """The text to compare, without a footnote mark; a raised digit elsewhere says nothing sure.

    Nor does a dash at the end, after which the end of a range is missing.
    """
    bare = _FOOTNOTE.sub("", text)
    return "?" if _RAISED.search(bare) or _TORN.search(bare) else fold(bare)


def _kind_without_date(folded: str) -> DeadlineKind | None:
    if _NO_DEADLINE.fullmatch(folded):
        return "none"
    if _is_condition(folded):
        return "conditional"
    if _DAY_OF_EACH.fullmatch(folded):
        return "annual" if _ANNUAL.search(folded) else "regular"
    if re.search(r"\d", folded):
        return None
    if _ANNUAL.search(folded):
        return "annual"
    return "regular" if _REGULAR.search(folded) else None


def _is_condition(folded: str) -> bool:
    """Whether it depends on something else, or only a start is given."""
    if _CONDITIONAL.search(folded) or _AFTER.fullmatch(folded):
        return not _DATED.search(folded)
    if folded.startswith(("bat dau ", "tu khi ")) and not re.search(r"\d{4}", folded):
        return True
    start = _START.fullmatch(folded)
    return start is not None and isinstance(_point(start[1] or start[2] or start[3]), Day)


def _mentions_kind(folded: str) -> bool:
    found = (pattern.search(folded) for pattern in (_REGULAR, _ANNUAL, _CONDITIONAL))
    return any(found)


def _spelled(found: Day | Problem, text: str) -> Day | Problem:
    """What was found, unless one of the words that it rests on is misspelt."""
    if isinstance(found, Problem):
        return found
    for word in _WORD.findall(clean_text(text).lower()):
        known = _SPELLINGS.get(fold(word))
        if known and word not in known:
            return Problem(f"misspelt: {known[0]}")
    return found


def _range_end(stated: str) -> Day | None:
    """The end of `A - B` or `A đến B`, when both ends are times and the second is not earlier."""
    bare = _RANGE_WORDS.sub("", stated)
    for mark in re.finditer(r"-| den ", bare):
        first, end = bare[: mark.start()].strip(), _BEFORE.sub("", bare[mark.end() :].strip(), 1)
        is_quarter = first.startswith(("quy ", "qui ")) and _ROMAN_END.fullmatch(end)
        last = _point(f"quy {end}" if is_quarter else end)
        if isinstance(last, Problem):
            continue
        start = _point(first)
        if isinstance(start, Problem):
            if not _PARTIAL[last.precision].fullmatch(first):
                continue
        elif start.day > last.day:
            continue
        return Day(last.day, last.precision, "range_to_last_day")
    return None


def _point(folded: str) -> Day | Problem:  # noqa: PLR0911 -- one per form
    """One point in time, to its last day."""
    if found := _DAY_FIRST.fullmatch(folded):
        repair = None if found[2] == "/" and folded[0].isdigit() else "date_form"
        return _day(found[4], found[3], found[1], _with_time(found[5], repair))
    if found := _YEAR_FIRST.fullmatch(folded):
        repair = None if folded[4] == "-" else "date_form"
        return _day(found[1], found[2], found[3], _with_time(found[4], repair))
    if found := _IN_WORDS.fullmatch(folded):
        return _day(found[3], found[2], found[1], "date_form")
    if found := _MONTH.fullmatch(folded):
        return _last_day(int(found[2] or found[4]), int(found[1] or found[3]), "month")
    if found := _ISO_MONTH.fullmatch(folded):
        return _last_day(int(found[1]), int(found[2]), "month")
    if found := _QUARTER.fullmatch(folded):
        quarter = _ROMAN.get(found[1]) or int(found[1])
        return _last_day(int(found[2]), quarter * 3, "quarter")
    if found := _YEAR.fullmatch(folded):
        return _last_day(int(found[1]), 12, "year")
    return from_serial(int(folded)) if _SERIAL.fullmatch(folded) else Problem("not_a_date")


def _with_time(time: str | None, repair: str | None) -> str | None:
    return "time_dropped" if time and time.strip("0:") else repair


def _day(year: str, month: str, day: str, repair: str | None) -> Day | Problem:
    if len(year) == 2:
        return Problem("two_digit_year")
    if int(year) not in _YEARS:
        return Problem("year_out_of_range")
    if 12 < int(month) <= 31 and 1 <= int(day) <= 12:
        return Problem("us_date")
    if not 1 <= int(month) <= 12 or not 1 <= int(day) <= monthrange(int(year), int(month))[1]:
        return Problem("impossible_date")
    return Day(date(int(year), int(month), int(day)), "day", repair)


def _last_day(
    year: int, month: int, precision: Precision, repair: str | None = None
) -> Day | Problem:
    if year not in _YEARS:
        return Problem("year_out_of_range")
    if not 1 <= month <= 12:
        return Problem("impossible_date")
    last = date(year, month, monthrange(year, month)[1])
    return Day(last, precision, repair or f"{precision}_to_last_day")
