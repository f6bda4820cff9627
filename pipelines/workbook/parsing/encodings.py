"""Vietnamese of fonts from before Unicode, TCVN3 (ABC) and VNI, kept as foreign Latin letters.

What belongs here: the two tables of letters, and the decision which cells of a sheet are written by
them. What does not: the bytes of CSV files, and what a cell means.

The letters decide, never the name of a font: exports still name `VNI-Times` around Unicode text. A
text is converted when every word of it with foreign letters is a Vietnamese syllable after, and one
of them none before; a text that is good Vietnamese as it stands only follows its column, and where
its column is mixed nobody can tell. A converted cell has the new text, and its `value` is the text
as written; a cell in doubt has no `value`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import Literal, NamedTuple

from pipelines.workbook.cells import Cell, Sheet
from pipelines.workbook.layout.notes import Note
from pipelines.workbook.parsing.syllables import is_syllable

Encoding = Literal["tcvn3", "vni"]
ENCODINGS: tuple[Encoding, ...] = ("tcvn3", "vni")

_TCVN3 = str.maketrans(
    "µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊË®ÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\u00adõö÷øùúûüýþ¡¢£¤¥¦§",
    "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵĂÂÊÔƠƯĐ",
)
_CIRCUMFLEX, _BREVE = "\u0302", "\u0306"
_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT = "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"
_VNI_MARKS: dict[str, str] = dict(zip("ùøûõï", (_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT), strict=True))
for _hat, _letters in ((_CIRCUMFLEX, "âáàåãä"), (_BREVE, "êéèúüë")):
    for _letter, _tone in zip(_letters, ("", _ACUTE, _GRAVE, _HOOK, _TILDE, _DOT), strict=True):
        _VNI_MARKS[_letter] = _hat + _tone
_VNI_LETTERS = {"ñ": "đ", "ô": "ơ", "ö": "ư", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_VNI = re.compile(
    rf"([aeouyôö])([{''.join(_VNI_MARKS)}])|([{''.join(_VNI_LETTERS)}])", re.IGNORECASE
)

_WORD = re.compile(r"[A-Za-z¡-ÿ]+")
_FOREIGN = re.compile(r"[¡-ÿ]+")
_ABBREVIATION = re.compile(r"[A-Z§]+|[A-ZÑ]+")
"""`QĐ` and its kin in either encoding: no syllable, and no proof."""
_UNICODE_ONLY = re.compile(r"[ĂăĐđĨĩŨũƠơƯưẠ-ỹ\u0300\u0301\u0303\u0309\u0323]")
_FEWEST = 3
"""Words that prove the encoding of a sheet in which no cell proves its own."""


class Decoded(NamedTuple):
    """A sheet in Unicode, and how many cells that took, by encoding; `doubtful` ones are left."""

    sheet: Sheet
    converted: dict[Encoding, int]
    doubtful: int


class _Sense(NamedTuple):
    """How a text reads: certain in itself, or which encodings it could have."""

    certain: Encoding | Literal["unicode"] | None
    """None of a text that nobody can place by itself."""
    possible: frozenset[Encoding] = frozenset()
    is_proof: bool = False
    """Whether a word of it is no Vietnamese before and Vietnamese after."""
    is_good: bool = False
    """Whether it is Vietnamese as it stands."""


_NEITHER = _Sense(None)


def to_unicode(text: str, encoding: Encoding) -> str:
    """The text with the letters that the fonts of an encoding show."""
    if encoding == "tcvn3":
        return _WORD.sub(lambda found: _capitals(found[0], found[0].translate(_TCVN3)), text)
    return unicodedata.normalize("NFC", _VNI.sub(_vni_letter, text))


def encoding_between(written: str, text: str) -> Encoding:
    """By which encoding a text was converted."""
    return "tcvn3" if to_unicode(written, "tcvn3") == text else "vni"


def encoding_of(texts: Iterable[str]) -> Encoding | None:
    """The one encoding that texts prove, when none of them proves Unicode."""
    found = {sense.certain for text in texts if (sense := _sense(text)).certain}
    return next(iter(found)) if found in ({"tcvn3"}, {"vni"}) else None  # pyright: ignore


def decoded(sheet: Sheet, known: Container[str] = ()) -> Decoded:
    """The sheet with the letters that its fonts would show; `known` texts are what they are."""
    foreign = {text for text in _texts(sheet) if not text.isascii() and text not in known}
    senses = {text: sense for text in foreign if (sense := _sense(text)) is not _NEITHER}
    if not any(sense.is_proof for sense in senses.values()):
        return Decoded(sheet, {}, 0)
    whole, columns = _context(senses.values()), _column_contexts(sheet, senses)
    converted: dict[Encoding, int] = defaultdict(int)
    doubtful = 0
    rows: list[tuple[Cell | None, ...]] = []
    for row in sheet.rows:
        cells = list(row)
        for place, cell in enumerate(row):
            sense = senses.get(cell.text) if cell is not None and cell.kind == "text" else None
            if cell is None or sense is None:
                continue
            context = columns[place] if columns[place].proven else whole
            match _decision(sense, context):
                case None:
                    pass
                case "doubtful":
                    cells[place] = Cell(cell.text, "text", None)
                    doubtful += 1
                case encoding:
                    cells[place] = Cell(to_unicode(cell.text, encoding), "text", cell.text)
                    converted[encoding] += 1
        rows.append(tuple(cells))
    return Decoded(replace(sheet, rows=tuple(rows)), dict(converted), doubtful)


def in_unicode(sheet: Sheet, known: Container[str] = ()) -> Sheet:
    """The sheet with the letters that its fonts would show, and a note when that was needed."""
    found = decoded(sheet, known)
    if not found.converted and not found.doubtful:
        return sheet
    counts: dict[str, int] = {**found.converted, "?": found.doubtful}
    detail = ", ".join(f"{name} ({count})" for name, count in counts.items() if count)
    note = Note(None, sheet.name, "encoding", f"{sheet.name}: {detail}")
    return replace(found.sheet, notes=(*sheet.notes, note))


class _Context(NamedTuple):
    proven: frozenset[Encoding]
    has_unicode: bool


def _context(senses: Iterable[_Sense]) -> _Context:
    known = list(senses)
    proven = {sense.certain for sense in known} - {None, "unicode"}
    has_unicode = any(sense.certain == "unicode" for sense in known)
    if not proven and not has_unicode:
        for encoding in ENCODINGS:
            if sum(sense.is_proof and encoding in sense.possible for sense in known) >= _FEWEST:
                proven.add(encoding)
    return _Context(frozenset(e for e in ENCODINGS if e in proven), has_unicode)


def _column_contexts(sheet: Sheet, senses: dict[str, _Sense]) -> dict[int, _Context]:
    found: dict[int, dict[str, _Sense]] = defaultdict(dict)
    for row in sheet.rows:
        for place, cell in enumerate(row):
            if cell is not None and (sense := senses.get(cell.text)) is not None:
                found[place][cell.text] = sense
    return {place: _context(of_column.values()) for place, of_column in found.items()}


def _decision(sense: _Sense, context: _Context) -> Encoding | Literal["doubtful"] | None:
    if sense.certain == "unicode":
        return None
    if sense.certain:
        return sense.certain
    known = sense.possible & context.proven
    if len(known) == 1 and (sense.is_proof or not context.has_unicode):
        return next(iter(known))
    # Or its soft hyphens, which are ư in TCVN3, were lost on the way.
    is_strange = sense.is_proof or (context.proven and not sense.is_good)
    return "doubtful" if known or is_strange else None


@lru_cache(maxsize=50_000)
def _sense(text: str) -> _Sense:
    if _UNICODE_ONLY.search(text):
        return _Sense("unicode")
    foreign = {word for word in _WORD.findall(text) if _FOREIGN.search(word)}
    words = {word for word in foreign if not _ABBREVIATION.fullmatch(word)}
    if not foreign:
        return _NEITHER
    if not words:
        signs: dict[str, Encoding] = {"§": "tcvn3", "Ñ": "vni"}
        possible = _encodings(encoding for sign, encoding in signs.items() if sign in text)
        return _Sense(None, possible, is_proof=any(len(word) > 1 for word in foreign))
    impossible = {word for word in words if not is_syllable(word)}
    possible = _encodings(encoding for encoding in ENCODINGS if _could_be(words, encoding))
    if not possible and not impossible:
        return _Sense("unicode")
    is_proof = any(_proves(word, possible) for word in impossible)
    is_certain = is_proof and len(words) > 1 and len(possible) == 1
    return _Sense(next(iter(possible)) if is_certain else None, possible, is_proof, not impossible)


def _encodings(found: Iterable[Encoding]) -> frozenset[Encoding]:
    return frozenset(found)


def _could_be(words: set[str], encoding: Encoding) -> bool:
    """Whether an encoding makes syllables of all words; of ten, one may be misspelt."""
    made = [to_unicode(word, encoding) for word in words]
    missed = sum(not is_syllable(word) for word in made)
    return missed <= len(words) // 10 and words != set(made)


def _proves(word: str, possible: frozenset[Encoding]) -> bool:
    """Whether a word is no Vietnamese as it stands and is after; signs and `µm` prove nothing."""
    if _FOREIGN.fullmatch(word) or word == "µm":
        return False
    return any(is_syllable(to_unicode(word, encoding)) for encoding in possible)


def _texts(sheet: Sheet) -> Iterator[str]:
    """Each text of the sheet; equal cells are one object, and looked at once (`cells.py`)."""
    cells = list(chain.from_iterable(sheet.rows))
    distinct = dict(zip(map(id, cells), cells, strict=True)).values()
    return (cell.text for cell in distinct if cell is not None)


def _capitals(before: str, after: str) -> str:
    """TCVN3 has no capitals with tones: fonts of capitals show small letters as such."""
    plain = [letter for letter in before if letter.isascii()]
    is_capital = len(plain) > 1 and all(letter.isupper() for letter in plain)
    return after.upper() if is_capital else after


def _vni_letter(found: re.Match[str]) -> str:
    base, mark, letter = found.groups()
    if letter:
        single = _VNI_LETTERS[letter.lower()]
        return single.upper() if letter.isupper() else single
    plain = _VNI_LETTERS.get(base.lower(), base.lower()) + _VNI_MARKS[mark.lower()]
    return plain.upper() if base.isupper() else plain
