"""One normal form of Vietnamese text, for keeping and for comparing.

What belongs here: `clean_text`, which keeps every letter, and `fold`, which forgets what people
write differently (case, diacritics, tone marks, blanks, dashes). What does not: any meaning.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_INVISIBLE: dict[int, None] = dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
_DASHES = dict.fromkeys(
    (0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0xFE63, 0xFF0D), "-"
)
_LOOK_ALIKE = {ord("đ"): "d", ord("ð"): "d", 0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'}
_FOLDED = {**_INVISIBLE, **_DASHES, **_LOOK_ALIKE}
_BLANKS = re.compile(r"[^\S\n]+")
_LINE_ENDS = re.compile(r" ?(?:\n ?)+")
_AROUND_DASH = re.compile(r"\s*-\s*")
_ENDS = re.compile(r"^[\s.,:;*_'\"-]+|(?:[\s.,:;*_'\"-]|\(\*+\))+$")


@lru_cache(maxsize=50_000)
def clean_text(text: str) -> str:
    """Unicode NFC, plain blanks, no invisible characters, no empty lines; every word is kept."""
    kept = unicodedata.normalize("NFC", text).translate(_INVISIBLE).replace("\r", "\n")
    return _LINE_ENDS.sub("\n", _BLANKS.sub(" ", kept)).strip()


@lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """The form in which headers, names and words are compared. Folding twice changes nothing."""
    folded = text
    for _ in range(2):  # Unicode asks for two rounds: casefold can undo a decomposition
        folded = unicodedata.normalize("NFKD", folded).casefold().translate(_FOLDED)
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return _ENDS.sub("", _AROUND_DASH.sub("-", " ".join(plain.split())))
