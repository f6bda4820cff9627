"""Which words can be Vietnamese: one syllable each, made of an onset, a rime and at most one tone.

What belongs here: the closed lists of onsets and rimes. What does not: what a word means, and
letters of fonts from before Unicode (`encodings.py`).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
_SHARP_TONES = {"\u0301", "\u0323"}
"""The only tones of a syllable that ends in c, ch, p or t."""

_ONSETS = """
b c ch d đ g gh gi h k kh l m n ng ngh nh p ph q qu r s t th tr v x
br dr kr pl pr
"""
"""The second line and the rimes in k are of names such as Krông and Đắk Lắk."""
_OPEN = """
a e ê i o ô ơ u ư y ia ya ua ưa uya ai ao au ay âu ây eo êu iu iêu yêu oi ôi ơi ui ưi uôi ươi ưu
ươu oa oe uê uy uơ oai oay oao oeo uây uyu
am ăm âm em êm im om ôm ơm um iêm yêm uôm ươm oam oăm
an ăn ân en ên in on ôn ơn un iên yên uôn ươn oan oăn oen uân uyên uyn
ang ăng âng eng ong ông ung ưng iêng yêng uông ương oang oăng uâng oong
anh ênh inh oanh uênh uynh
ak ăk ek êk ik ok ôk uk
"""
_STOPPED = """
ap ăp âp ep êp ip op ôp ơp up iêp ươp oap oăp
at ăt ât et êt it ot ôt ơt ut ưt iêt yêt uôt ươt oat oăt oet uât uyêt uyt
ac ăc âc ec oc ôc uc ưc iêc uôc ươc oac oăc ooc
ach êch ich oach uêch uych
"""


def _either(parts: str) -> str:
    return "|".join(sorted(parts.split(), key=len, reverse=True))


_SYLLABLE = re.compile(
    rf"(?:{_either(_ONSETS)})?(?P<rime>{_either(_OPEN)}|(?P<stopped>{_either(_STOPPED)}))"
)
_VOWELS = re.compile(r"[aăâeêioôơuưy]+")
_MARKED = re.compile(r"[ăâêôơư]")
_EITHER_WAY = {"oa", "oe", "uy"}
"""Old spelling puts the tone on their first letter (hòa), new spelling on the second (hoà)."""


@lru_cache(maxsize=50_000)
def is_syllable(word: str) -> bool:
    """Whether a word can be a Vietnamese syllable: all small, all capital, or a capital first."""
    if not (word.islower() or word.isupper() or (word[:1].isupper() and word[1:].islower())):
        return False
    letters = [unicodedata.normalize("NFD", letter) for letter in _composed(word)]
    toned = [place for place, letter in enumerate(letters) if not TONES.isdisjoint(letter)]
    found = _SYLLABLE.fullmatch(_composed(_without(TONES, "".join(letters))))
    if found is None or len(toned) > 1:
        return False
    if found["stopped"] and (not toned or _SHARP_TONES.isdisjoint(letters[toned[0]])):
        return False
    return not toned or toned[0] - found.start("rime") in _tone_places(found["rime"])


def _tone_places(rime: str) -> set[int]:
    """Which letters of a rime may bear its tone."""
    vowels = _VOWELS.match(rime)
    count = vowels.end() if vowels else 0
    marked = [found.start() for found in _MARKED.finditer(rime)]
    if marked:
        return {marked[-1]}
    if rime in _EITHER_WAY:
        return {0, 1}
    if count < len(rime):
        return {count - 1}
    return {count // 3}


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text.lower())


def _without(marks: set[str], text: str) -> str:
    return "".join(letter for letter in text if letter not in marks)
