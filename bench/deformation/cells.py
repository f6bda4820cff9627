"""Further deformations of cells and columns, which the sample does not draw.

What belongs here: names, dates, numbers and words said in other ways. What does not: what the
sample draws (`pipelines/sample/*_traps.py`), old encodings (`legacy.py`), layouts (`layouts.py`).
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import partial

from deformation.book import Book, Outcome
from deformation.clean import ON
from deformation.deform import Apply, Deform, Place, Said, Say, of_cells, places, put
from pipelines.sample.draft import Written, number_text

CELLS: list[Deform] = []
_WORDS = ("status", "service_level", "direction", "measure_kind", "boolean")
_ABOLISHED = (
    ("Bộ Kế hoạch và Đầu tư", "BKHDT"),
    ("Bộ KH&ĐT", "BKHDT"),
    ("Bộ Thông tin và Truyền thông", "BTTTT"),
    ("Bộ TT&TT", "BTTTT"),
    ("Tỉnh Kiên Giang", "T91"),
)
_DASHED = (
    ("Bà Rịa – Vũng Tàu", "T77"),
    ("Tỉnh Bà Rịa-Vũng Tàu", "T77"),
    ("Bộ Lao động – Thương binh và Xã hội", "BLDTBXH"),
    ("Bộ Lao động-Thương binh và Xã hội", "BLDTBXH"),
)
_OLD_SPELLINGS = (("Tỉnh Đăk Lăk", "P66"), ("Đắc Lắc", "P66"), ("tỉnh Đắc Lắk", "P66"))
_SAME_NAMES = (("An Giang", "P91", "T89"), ("Tỉnh Quảng Trị", "P44", "T45"),
               ("Lào Cai", "P15", "T10"), ("tỉnh Bắc Ninh", "P24", "T27"))  # fmt: skip
_COLLECTIVE = (
    ("Các bộ, ngành, địa phương", "G-ALL"),
    ("các Bộ, ngành, địa phương", "G-ALL"),
    ("Các bộ, ngành và địa phương", "G-ALL"),
)
_CYRILLIC = str.maketrans("aeocpxAEOCPXTHKM", "аеосрхАЕОСРХТНКМ")
_TONES = str.maketrans({"\u0301": "\u0300", "\u0300": "\u0301", "\u0309": "\u0303"})


def _cell(trap: str, *kinds: str, outcome: Outcome = "kept") -> Callable[[Say], Say]:
    def enter(say: Say) -> Say:
        CELLS.append(of_cells(trap, say.__name__, kinds, outcome, say))
        return say

    return enter


def _column(trap: str, outcome: Outcome = "kept") -> Callable[[Apply], Apply]:
    def enter(apply: Apply) -> Apply:
        CELLS.append(Deform(trap, apply.__name__, "cells", outcome, apply))
        return apply

    return enter


def _text(say: Callable[[str], str]) -> Say:
    """A way to say texts; other values stay."""
    return lambda _, value: say(value) if isinstance(value, str) else None


def _named(trap: str, name: str, listed: tuple[tuple[str, str], ...]) -> None:
    """Cells that name one agency get another one, under a name that needs care."""

    def say(rng: random.Random, value: Written) -> Said | None:
        if not isinstance(value, str) or ";" in value:
            return None
        text, code = rng.choice(listed)
        return Said(text, (code,))

    CELLS.append(of_cells(trap, name, ("agencies",), "kept", say, of_keys=False))


_named("T17", "collective_owner", _COLLECTIVE)
_named("T18", "abolished_agency", _ABOLISHED)
_named("T20", "dashes_in_names", _DASHED)
_named("T21", "old_spelling", _OLD_SPELLINGS)
_named("T22", "name_after_the_merger", tuple((name, code) for name, code, _ in _SAME_NAMES))


@_column("T22")
def name_before_the_merger(rng: random.Random, book: Book) -> bool:
    """The same names in a report of June 2025, when they meant smaller provinces."""
    leads = [place for place in places(book, ("agencies",)) if place.table.form == "tasks"]
    for place in leads:
        name, _, code = rng.choice(_SAME_NAMES)
        put(book, place, Said(name, (code,)), "T22 name_before_the_merger", "kept")
    if leads:
        on = date(2025, 6, 20)
        book.draft.cover = [(k, on if v == ON else v) for k, v in book.draft.cover]
        book.file_name = book.file_name.replace(str(ON), str(on))
    return bool(leads)


@_cell("T14", "agencies")
def agency_in_capitals(rng: random.Random, value: Written) -> Written:
    """BỘ TÀI CHÍNH, bộ tài chính."""
    return rng.choice((value.upper(), value.lower())) if isinstance(value, str) else None


@_cell("T16", "agencies")
def names_with_commas(_: random.Random, value: Written) -> Written:
    """Lists joined by comma and `và`, with names that hold both."""
    names = value.split("; ") if isinstance(value, str) else []
    return f"{', '.join(names[:-1])} và {names[-1]}" if len(names) > 1 else None


@_cell("T15", "agencies")
def lead_and_coordinator_in_words(_: random.Random, value: Written) -> Written:
    """A chủ trì, phối hợp với B."""
    names = value.split("; ") if isinstance(value, str) else []
    return f"{names[0]} chủ trì, phối hợp với {names[1]}" if len(names) == 2 else None


@_cell("T20", "code", "deadline")
def long_dashes(_: random.Random, value: Written) -> Written:
    """NQ71–001, NQ71 - 001."""
    return value.replace("-", " – ") if isinstance(value, str) and "-" in value else None


@_cell("T23", "date", "deadline")
def date_with_time(rng: random.Random, value: Written) -> Written:
    """05/09/2025 00:00:00, 2025-09-05."""
    return (
        rng.choice((f"{value:%d/%m/%Y} 00:00:00", str(value))) if isinstance(value, date) else None
    )


@_cell("T24", "deadline")
def before_a_day(rng: random.Random, value: Written) -> Written:
    """Trước ngày 01/10/2025."""
    words = rng.choice(("Trước ngày", "trước ngày", "Chậm nhất ngày"))
    return f"{words} {value:%d/%m/%Y}" if isinstance(value, date) else None


@_cell("T25", "deadline")
def open_year(rng: random.Random, value: Written) -> Written:
    """2025 và những năm tiếp theo."""
    words = rng.choice(("{} và những năm tiếp theo", "Năm {} và các năm tiếp theo"))
    return words.format(value) if value in ("2025", "2026") else None


@_cell("T27", "deadline")
def relative_deadline(rng: random.Random, _value: Written) -> Said:
    """So many days after something, or only a start."""
    texts = ("20 ngày sau khi Tỉnh ủy ban hành văn bản", "Bắt đầu từ 25/7/2026")
    return Said(rng.choice(texts), (None, None, "conditional"))


@_column("T28", outcome="doubtful")
def american_dates(rng: random.Random, book: Book) -> bool:
    """A column of 1/31/2025: what could be either is no value; 1/31 is one or none."""
    found = [place for place in places(book, ("date",)) if place.column.name not in place.form.key]
    columns = sorted({(place.table.form, place.column.name) for place in found})
    rng.shuffle(columns)
    for form, name in columns:
        cells = [p for p in found if (p.table.form, p.column.name) == (form, name)]
        days = [(p, p.value) for p in cells if isinstance(p.value, date)]
        if any(day.day > 12 for _, day in days):
            for place, day in days:
                outcome = "doubtful" if day.day <= 12 and day.day != day.month else "either"
                put(book, place, f"{day.month}/{day.day}/{day.year}", "T28 american_dates", outcome)
            return True
    return False


@_cell("T31", "date", outcome="doubtful")
def impossible_day_in_iso(_: random.Random, value: Written) -> Written:
    """2014/02/30."""
    return "2014/02/30" if isinstance(value, date) else None


@_cell("T29", "date", outcome="doubtful")
def month_as_small_serial(_: random.Random, value: Written) -> Written:
    """The month alone: 9, which as a serial would be a day of January 1900."""
    return value.month if isinstance(value, date) else None


def _quantities(book: Book) -> list[Place]:
    return [p for p in places(book, ("quantity",)) if isinstance(p.value, (int, float))]


def _grouped(rng: random.Random, book: Book, proofs: tuple[str, ...], outcome: Outcome) -> bool:
    """Write a figure as 1.885 beside figures with decimals that show, or belie, what a dot is."""
    found = _quantities(book)
    if len(found) <= len(proofs):
        return False
    rng.shuffle(found)
    for place, text in zip(found, proofs, strict=False):
        value = float(text.replace(",", "."))
        put(book, place, Said(text, (value, "=")), "T32 decimals", "kept")
    last = found[len(proofs)]
    put(book, last, Said("1.885", (1885.0, "=")), "T32 grouped", outcome)
    return True


@_column("T32")
def grouped_beside_decimal_commas(rng: random.Random, book: Book) -> bool:
    """1.885 in a column that writes 94,29."""
    return _grouped(rng, book, ("94,29",), "kept")


@_column("T32", outcome="doubtful")
def grouped_in_both_conventions(rng: random.Random, book: Book) -> bool:
    """1.885 in a column that writes 94,29 and 99.4."""
    return _grouped(rng, book, ("94,29", "99.4"), "doubtful")


@_column("T32", outcome="doubtful")
def grouped_alone(rng: random.Random, book: Book) -> bool:
    """1.885 in a column that does not tell."""
    return _grouped(rng, book, (), "doubtful")


@_cell("T32", "count", outcome="either")
def count_read_as_decimal(_: random.Random, value: Written) -> Written:
    """1885 that a spreadsheet program took for 1.885: a control total may tell."""
    return value / 1000 if isinstance(value, int) and value >= 1000 and value % 10 else None


@_cell("T33", "percent")
def blank_in_percent(_: random.Random, value: Written) -> Written:
    """80, 0%."""
    return f"{value}, 0%"


@_column("T34")
def percent_as_fraction(_: random.Random, book: Book) -> bool:
    """A column as shares of one; clear only when some lie between."""
    found = [place for place in places(book, ("percent",)) if place.value is not None]
    names = {(place.table.form, place.column.name) for place in found}
    done = False
    for form, name in sorted(names):
        cells = [p for p in found if (p.table.form, p.column.name) == (form, name)]
        numbers = [p.value for p in cells if isinstance(p.value, int)]
        if any(0 < number < 100 for number in numbers):
            done = True
            for place, number in zip(cells, numbers, strict=True):
                put(book, place, number / 100, "T34 percent_as_fraction", "kept")
    return done


@_cell("T35", "percent", outcome="doubtful")
def percent_range(_: random.Random, _value: Written) -> Written:
    """10-15%."""
    return "10-15%"


@_cell("T35", "quantity")
def quantity_at_least(rng: random.Random, value: Written) -> Said | None:
    """≥ 80, > 0,7."""
    if not isinstance(value, (int, float)):
        return None
    sign, operator = rng.choice((("≥", ">="), (">", ">"), ("<=", "<="), ("gần", "~")))
    return Said(f"{sign} {number_text(value)}", (float(value), operator))


@_cell("T39", "date", "count", "deadline", outcome="doubtful")
def letters_for_digits(_: random.Random, value: Written) -> Written:
    """3O/09/2025, l2: what a scan makes of digits is not mended silently."""
    text = f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)
    mistaken = re.sub("0", "O", text, count=1) if "0" in text else re.sub("1", "l", text, count=1)
    return mistaken if isinstance(value, (date, int)) and mistaken != text else None


@_cell("T39", "status", "service_level", outcome="either")
def typing_error(_: random.Random, value: Written) -> Written:
    """Đang thực hịên, Đã hoàn thnàh."""
    return f"{value[:-3]}{value[-2]}{value[-3]}{value[-1]}" if isinstance(value, str) else None


@_cell("T42", "agencies", "code", "suffixed_code", *_WORDS)
def invisible_letters(rng: random.Random, value: Written) -> Written:
    """A byte order mark, a zero-width space, a soft hyphen."""
    if not isinstance(value, str):
        return None
    middle, mark = len(value) // 2, rng.choice(("\u200b", "\ufeff", "\u00ad"))
    return f"{value[:middle]}{mark}{value[middle:]}"


_mangled = partial(unicodedata.normalize, "NFD")


@_cell("T43", "agencies", *_WORDS)
def wrong_diacritics(_: random.Random, value: Written) -> Written:
    """Bộ Tàí chình: copies that nobody may search."""
    if not isinstance(value, str):
        return None
    return unicodedata.normalize("NFC", _mangled(value).translate(_TONES))


@_cell("T44", "agencies", *_WORDS)
def icelandic_eth(_: random.Random, value: Written) -> Written:
    """Ðã hoàn thành: another letter that looks the same."""
    return value.replace("đ", "ð").replace("Đ", "Ð") if isinstance(value, str) else None


@_cell("T44", "agencies", "code", *_WORDS, outcome="either")
def cyrillic_letters(_: random.Random, value: Written) -> Written:
    """Latin letters replaced by Cyrillic ones that look the same."""
    return value.translate(_CYRILLIC) if isinstance(value, str) else None
