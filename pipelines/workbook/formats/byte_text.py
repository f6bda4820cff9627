"""From the bytes of a text file to its letters, only when the encoding is certain.

What belongs here: byte order marks, UTF-8, and the proof that bytes are Vietnamese in an encoding
from before Unicode. What does not: letters of old fonts (`encodings.py`), which are a matter of
cells; a file of theirs is Latin text here.

A wrong guess would change letters without a trace. UTF-8 proves itself: no other text decodes by
chance. The old encodings do not, so that nearly every word with letters beyond ASCII must be a
Vietnamese syllable once decoded; anything else is refused by name.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

from pipelines.workbook.limits import Refusal
from pipelines.workbook.parsing.encodings import to_unicode
from pipelines.workbook.parsing.syllables import is_syllable


class Decoded(NamedTuple):
    """The letters of a file, and the encoding that they were in."""

    text: str
    encoding: str


_MARKED = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_WORD = re.compile(r"[^\W\d_]+")
# Windows-1258 puts tones after letters; programs keep the letters of old fonts as windows-1252.
_LEGACY: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    ("windows-1258", "windows-1258", lambda text: text),
    ("TCVN3", "windows-1252", lambda text: to_unicode(text, "tcvn3")),
    ("VNI", "windows-1252", lambda text: to_unicode(text, "vni")),
)
# One word in twenty may be foreign or misspelt; fewer than ten words prove nothing.
_SHARE, _FEWEST = 0.95, 10


def decode(content: bytes) -> Decoded | Refusal:
    """The letters of a text file, or a refusal that says why they are not certain."""
    marked = ((mark, encoding) for mark, encoding in _MARKED if content.startswith(mark))
    mark, encoding = next(marked, (b"", "utf-8"))
    try:
        found = Decoded(content[len(mark) :].decode(encoding), encoding)
    except UnicodeDecodeError as error:
        if mark:
            return Refusal("unknown_encoding", f"marked as {encoding}, and broken: {error.reason}")
        found = _legacy(content)
    # Old encodings let control characters through, which in no encoding are text.
    text = found.text if isinstance(found, Decoded) else content.decode("latin-1")
    if _CONTROLS.search(text):
        return Refusal("unreadable_file", "neither a workbook nor text")
    return found


def _legacy(content: bytes) -> Decoded | Refusal:
    found: list[Decoded] = []
    for name, codec, unmask in _LEGACY:
        try:
            text = unicodedata.normalize("NFC", content.decode(codec))
        except UnicodeDecodeError:
            continue
        if _is_vietnamese(unmask(text)):
            found.append(Decoded(text, name))
    if len(found) == 1:
        return found[0]
    return Refusal("unknown_encoding", "not UTF-8, and no old encoding fits for certain")


def _is_vietnamese(text: str) -> bool:
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    good = sum(map(is_syllable, words))
    return good >= _FEWEST and good >= _SHARE * len(words)
