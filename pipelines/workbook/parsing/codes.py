"""Codes as people write them: capitals, dashes, zeros that a program took, letters for digits.

What belongs here: pure functions from text to a code. What does not: which codes there are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from pipelines.workbook.parsing.dates import Problem
from pipelines.workbook.parsing.text import clean_text, plain_letters, twin_letters

_DASH = re.compile(r"\s*[-‐‑‒–—−]\s*")
_GROUP = re.compile(r"[^\W_]+")
_DIGITS_AND_TWINS = re.compile(r"(?=.*[0-9])(?=.*[OIL])[0-9OIL]{3,}")
_SCIENTIFIC = re.compile(r"-?[0-9](?:[.,][0-9]+)?E\+[0-9]{1,3}")
"""What a program writes for a code that it took for a large number."""
_MOST_DIGITS = 15
_SLIPS = str.maketrans("OIL", "011")
_WIDE = {0xFF01 + place: 0x21 + place for place in range(0x5E)}


@dataclass(frozen=True)
class SuffixedCode:
    """A code, and what an agency hung on to it."""

    main: str
    suffix: str | None


def clean_code(text: str) -> tuple[str, str | None]:
    """A code in plain capitals without blanks around dashes, and the repair that this took."""
    bare = clean_text(text)
    plain = twin_letters(plain_letters(bare.translate(_WIDE)))
    code = _DASH.sub("-", plain).upper()
    if plain != bare:
        return code, "look_alike"
    return code, None if code == text else "code_form"


@lru_cache(maxsize=20_000)
def parse_code(
    text: str, mask: str | None, is_number: bool, has_suffix: bool
) -> tuple[str | SuffixedCode, str | None] | Problem:
    """A code, with its zeros given back and its suffix apart, and the repair that this took."""
    plain, repair = clean_code(text)
    if _SCIENTIFIC.fullmatch(plain) or (is_number and len(plain.partition(".")[0]) > _MOST_DIGITS):
        return Problem("digits_lost")
    code = masked(plain, mask, is_number=is_number) if mask else plain
    if problem := doubt(code, mask):
        return problem
    value = split_suffix(code, mask) if has_suffix and mask else code
    return value, repair if code == plain else "zeros_given_back"


def doubt(code: str, mask: str | None) -> Problem | None:
    """Why a code cannot be trusted: O, I or L among digits, where 0 or 1 may be meant."""
    if mask is not None:
        head, tail = code[: len(mask)], code[len(mask) :]
        meant = head.translate(_SLIPS)
        is_slip = meant != head and re.fullmatch(re.escape(mask).replace("0", r"\d"), meant)
        return Problem(f"letters_for_digits: {meant}{tail}") if is_slip else None
    meant = _GROUP.sub(lambda found: _digits(found[0]), code)
    return None if meant == code else Problem(f"letters_for_digits: {meant}")


def _digits(group: str) -> str:
    return group.translate(_SLIPS) if _DIGITS_AND_TWINS.fullmatch(group) else group


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
