"""How alike two texts are, and whether they differ by slips of writing alone.

What belongs here: the limits (seed `likeness.csv`, each with its evidence), words, slips. What does
not: what is compared with what (`match.py` headers, `row_match.py` rows).

A high score is not enough: "đúng hạn" and "quá hạn" are alike to any measure. Two texts are the
same only when they also differ by nothing but slips: a letter too many, missing, wrong, or two
swapped, in a word that does not turn the meaning.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Literal

from rapidfuzz.distance import OSA, Levenshtein

from pipelines.workbook.parsing.text import fold

Verdict = Literal["accepted", "asked", "refused"]

SEED = "likeness.csv"
_WORD = re.compile(r"[^\W_]+|[%()]")
_FOOTNOTE = re.compile(r"\[\d+\]|\(\*+\)|\*+")
_VOWEL = re.compile(r"[aeiouy]")


@dataclass(frozen=True)
class Likeness:
    """Limits of one subject, in points of 100."""

    accept: float
    ahead: float
    """By how much the second best must be behind."""
    ask: float
    shortest: int
    """Letters of the shortest text that is taken for its likeness."""
    turning: frozenset[str]
    """Words that turn the meaning: never a slip of anything."""
    same: tuple[tuple[str, str], ...]
    """Folded phrases that mean the same, the left to be read as the right."""

    def words(self, text: str) -> list[str]:
        """The folded words of a text, phrases that mean the same made one."""
        joined = f" {' '.join(_WORD.findall(_FOOTNOTE.sub(' ', fold(text))))} "
        for phrase, meaning in self.same:
            joined = joined.replace(f" {phrase} ", f" {meaning} " if meaning else " ")
        return [word for word in joined.split() if word not in {"(", ")"}]


def load_likeness(seeds: Path, subject: Literal["header", "row"]) -> Likeness | None:
    """The limits of a subject; None in a rule set made before there were any."""
    path = seeds / SEED
    if not path.is_file():
        return None
    with path.open(encoding="utf-8", newline="") as stream:
        lines = [line for line in csv.DictReader(stream) if line["subject"] == subject]

    def values(setting: str) -> list[str]:
        return [line["value"] for line in lines if line["setting"] == setting]

    def number(setting: str) -> float:
        return float(values(setting)[0])

    pairs = (value.partition("=") for value in values("same"))
    return Likeness(
        accept=number("accept"),
        ahead=number("ahead"),
        ask=number("ask"),
        shortest=int(number("shortest")),
        turning=frozenset(values("turning")),
        same=tuple((phrase.strip(), meaning.strip()) for phrase, _, meaning in pairs),
    )


def is_slip(written: str, meant: str, turning: AbstractSet[str]) -> bool:
    """Whether a word can only be another one, badly written."""
    if turning & {written, meant} or any(word.isdecimal() for word in (written, meant)):
        return False
    is_long = len(meant) >= 4 or (len(meant) == 3 and not _VOWEL.search(written))
    return is_long and OSA.distance(written, meant) == 1


def differences(written: Sequence[str], meant: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Words that differ, in pairs; the other side of a word added or left out is blank."""
    for step in Levenshtein.opcodes(written, meant):
        of_written = written[step.src_start : step.src_end]
        of_meant = meant[step.dest_start : step.dest_end]
        if step.tag != "equal":
            yield from zip_longest(of_written, of_meant, fillvalue="")
