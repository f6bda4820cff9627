"""One normal form of Vietnamese text, for keeping and for comparing.

What belongs here: `clean_text`, which keeps every letter, `plain_letters`, which knows letters of
other alphabets by their looks, and `fold`, which forgets what people write differently (case,
diacritics, tone marks, blanks, dashes). What does not: any meaning.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

INVISIBLE: dict[int, None] = dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
_DASHES = dict.fromkeys(
    (0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0xFE63, 0xFF0D), "-"
)
_LETTERS = {ord("đ"): "d", ord("ð"): "d", ord("ɖ"): "d"}
_QUOTES = {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'}
# Cyrillic, then Greek, beside what they look like; of small letters those that do by themselves.
_TWINS = str.maketrans(
    "АВЕКМНОРСТУХІЈЅԚԜаеорсухіјѕԛԝһΑΒΕΖΗΙΚΜΝΟΡΤΥΧοÐðƉ",
    "ABEKMHOPCTYXIJSQWaeopcyxijsqwhABEZHIKMNOPTYXoĐđĐ",
)
# After casefolding only small letters are left: they stand for their capitals too.
_SMALL_TWINS = str.maketrans("авекмнорстухіјѕԛԝһαβεζηικορτυχ", "abekmhopctyxijsqwhabezhikoptyx")
_FOLDED = {**INVISIBLE, **_DASHES, **_LETTERS, **_QUOTES, **_SMALL_TWINS}
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏẠ-ỹ]")
_BLANKS = re.compile(r"[^\S\n]+")
_LINE_ENDS = re.compile(r" ?(?:\n ?)+")
_AROUND_DASH = re.compile(r"\s*-\s*")
_ENDS = re.compile(r"^[\s.,:;*_'\"-]+|(?:[\s.,:;*_'\"-]|\(\*+\))+$")


@lru_cache(maxsize=50_000)
def clean_text(text: str) -> str:
    """Unicode NFC, plain blanks, no invisible characters, no empty lines; every word is kept."""
    kept = unicodedata.normalize("NFC", text).translate(INVISIBLE).replace("\r", "\n")
    return _LINE_ENDS.sub("\n", _BLANKS.sub(" ", kept)).strip()


def plain_letters(text: str) -> str:
    """The text with Latin letters for their twins of other alphabets, in words of both.

    Ð and ð, which are Icelandic, are Đ and đ here; a word all Cyrillic or Greek is left.
    """
    if text.isascii():
        return text
    return _WORD.sub(lambda found: _latin(found[0]), text)


def twin_letters(text: str) -> str:
    """The text with Latin letters for all twins: for codes, which are Latin throughout."""
    return text if text.isascii() else text.translate(_TWINS)


@lru_cache(maxsize=20_000)
def mended_text(text: str) -> tuple[str, str | None]:
    """The clean text in plain letters, with the name of every repair it took, joined by `; `."""
    composed = unicodedata.normalize("NFC", text)
    cleaned = clean_text(text)
    plain = plain_letters(cleaned)
    steps = {
        "composed": composed != text,
        "blanks": cleaned != composed,
        "look_alike": plain != cleaned,
    }
    return plain, "; ".join(repair for repair, is_needed in steps.items() if is_needed) or None


@lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """The form in which headers, names and words are compared. Folding twice changes nothing."""
    folded = text
    for _ in range(2):  # Unicode asks for two rounds: casefold can undo a decomposition
        folded = unicodedata.normalize("NFKD", folded).casefold().translate(_FOLDED)
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return _ENDS.sub("", _AROUND_DASH.sub("-", " ".join(plain.split())))


def _latin(word: str) -> str:
    plain = word.translate(_TWINS)
    is_mixed = plain != word and _LATIN.search(word)
    return plain if is_mixed and len(_LATIN.findall(plain)) == len(plain) else word
