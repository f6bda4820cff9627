"""Texts stored in the encodings of the 1990s: Latin letters that only a certain font shows right.

What belongs here: the two tables, written down from the published layouts of TCVN 5712 (ABC fonts)
and VNI, and the deformations that use them. What does not: the reader's own tables, which this
must be independent of.
"""

from __future__ import annotations

import random
import unicodedata

from deformation.book import Book
from deformation.deform import Deform, places, put

_PLAIN = """
à á ả ã ạ ă ằ ắ ẳ ẵ ặ â ầ ấ ẩ ẫ ậ đ è é ẻ ẽ ẹ ê ề ế ể ễ ệ ì í ỉ ĩ ị ò ó ỏ õ ọ ô ồ ố ổ ỗ ộ
ơ ờ ớ ở ỡ ợ ù ú ủ ũ ụ ư ừ ứ ử ữ ự ỳ ý ỷ ỹ ỵ"""
_TCVN3 = """
µ ¸ ¶ · ¹ ¨ » ¾ ¼ ½ Æ © Ç Ê È É Ë ® Ì Ð Î Ï Ñ ª Ò Õ Ó Ô Ö × Ý Ø Ü Þ ß ã á â ä « å è æ ç é
¬ ê í ë ì î ï ó ñ ò ô \xad õ ø ö ÷ ù ú ý û ü þ"""
_VNI = """
aø aù aû aõ aï aê aè aé aú aü aë aâ aà aá aå aã aä ñ eø eù eû eõ eï eâ eà eá eå eã eä ì í æ ó ò
oø où oû oõ oï oâ oà oá oå oã oä ô ôø ôù ôû ôõ ôï uø uù uû uõ uï ö öø öù öû öõ öï
yø yù yû yõ î"""
_LOWER_TCVN3 = dict(zip(_PLAIN.split(), _TCVN3.split(), strict=True))
_LOWER_VNI = dict(zip(_PLAIN.split(), _VNI.split(), strict=True))
_UPPER_TCVN3 = dict(zip("ĂÂÊÔƠƯĐ", "¡¢£¤¥¦§", strict=True))


def to_tcvn3(text: str) -> str:
    """A text as ABC fonts store it; capitals with a tone have no place of their own there."""
    return "".join(
        _LOWER_TCVN3.get(letter) or _UPPER_TCVN3.get(letter) or _LOWER_TCVN3.get(letter.lower())
        or letter for letter in unicodedata.normalize("NFC", text)
    )  # fmt: skip


def _has_toned_capital(text: str) -> bool:
    """Whether a text has a letter that people took from a second font, which no text shows."""
    letters = unicodedata.normalize("NFC", text)
    return any(
        one.isupper() and one.lower() in _LOWER_TCVN3 and one not in _UPPER_TCVN3 for one in letters
    )


def to_vni(text: str) -> str:
    """A text as VNI fonts store it."""
    return "".join(_vni(letter) for letter in unicodedata.normalize("NFC", text))


def _vni(letter: str) -> str:
    stored = _LOWER_VNI.get(letter.lower(), letter.lower())
    return stored if letter.islower() or not letter.isalpha() else stored.upper()


def _whole_columns(name: str, encode) -> Deform:
    """All texts, names and words of the tables, as one font stores them."""

    def apply(_: random.Random, book: Book) -> bool:
        kinds = ("text", "agencies", "status", "service_level", "boolean")
        found = [place for place in places(book, kinds) if isinstance(place.value, str)]
        if name == "tcvn3" and any(_has_toned_capital(place.value) for place in found):
            return False
        for place in found:
            if (stored := encode(place.value)) != place.value:
                # Communes bear names of other languages, whose syllables prove nothing.
                outcome = "either" if place.column.name == "commune_name" else "kept"
                put(book, place, stored, f"T41 {name}", outcome)
        return bool(found)

    return Deform("T41", name, "cells", "kept", apply)


LEGACY = (_whole_columns("tcvn3", to_tcvn3), _whole_columns("vni", to_vni))
