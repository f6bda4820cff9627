"""The closed lists that reading needs, from the seeds.

What belongs here: loading them once per process. What does not: reading cells by them
(`values.py`), the table of names itself (`names.py`).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.workbook.parsing.names import Names, load_names
from pipelines.workbook.parsing.numbers import Measures
from pipelines.workbook.parsing.text import fold

SEEDS = ("agencies.csv", "agency_aliases.csv", "filler_words.csv", "likeness.csv", "words.csv")
"""All that reading depends on."""

Words = Mapping[str, tuple[str, str]]
"""Folded word → its code, and the label as the form spells it ('' for any other word)."""


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The closed lists that reading needs, from the seeds."""

    names: Names
    words: Mapping[str, Words]
    """By name of the list."""
    measures: Measures
    fillers: frozenset[str]
    spelled_fillers: frozenset[str] = frozenset()
    """As people write them: in a sheet of old letters, too, they are Unicode."""


def load_vocabulary(seeds: Path) -> Vocabulary:
    """Read the seeds that reading depends on; see `SEEDS`."""
    with (seeds / "filler_words.csv").open(encoding="utf-8", newline="") as stream:
        nothings = [line["word"] for line in csv.DictReader(stream)]
    words: dict[str, dict[str, tuple[str, str]]] = {}
    spelled: set[str] = set()
    with (seeds / "words.csv").open(encoding="utf-8", newline="") as stream:
        for line in csv.DictReader(stream):
            label = line["word_vi"] if line["is_label"] == "true" else ""
            known = words.setdefault(line["list"], {})
            known.setdefault(fold(line["code"]), (line["code"], ""))
            known[fold(line["word_vi"])] = (line["code"], label)
            if line["list"] == "scale":
                spelled.add(line["word_vi"])
    measures = Measures(
        operators={word: code for word, (code, _) in words["operator"].items()},
        scales={word: float(code) for word, (code, _) in words["scale"].items()},
        units={word: code for word, (code, _) in words["unit"].items()},
        spelled=frozenset(spelled),
    )
    spellings = {way(word) for word in nothings for way in (str, str.capitalize, str.upper)}
    fillers = frozenset(map(fold, nothings))
    return Vocabulary(load_names(seeds), words, measures, fillers | {""}, frozenset(spellings))
