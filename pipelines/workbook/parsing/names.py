"""Names of agencies as people write them: which agencies does a text name?

What belongs here: the table of names (`Names`) and the reading of a text by it. What does not: what
a group's members are, and who followed an abolished agency (SQL relates those).

The longest name wins, so that commas, "và" and line breaks inside a name survive. A stretch between
separators that is not wholly made of known names is reported, and nothing of it is kept.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pipelines.workbook.parsing.text import INVISIBLE, fold

_WORD = re.compile(r"[^\W_]+(?:&[^\W_]+)*|&")
_BREAK = re.compile(r"[,;\n()/+:•]| - ")
_HARD_BREAK = re.compile(r"[;•]|\n\s*[-+]")
_JOINING = {("va",), ("cung",), ("voi",), ("chu", "tri"), ("phoi", "hop"), ("phoi", "hop", "voi")}
_PROVINCE_PREFIXES = tuple(
    f"{office}{unit}"
    for office in ("", "UBND ", "Ủy ban nhân dân ")
    for unit in ("", "tỉnh ", "thành phố ", "TP ")
)

_PREFIXED = re.compile(r"(?:UBND|Ủy ban|Tỉnh|Thành phố|TP)\b|TP[A-Z]", re.IGNORECASE)

Words = tuple[str, ...]


class Agency(NamedTuple):
    """What a name means, and the days on which it means it."""

    agency_code: str
    kind: str
    valid_from: date
    valid_to: date
    is_alias: bool


class Found(NamedTuple):
    """What a text names: codes in the order written, parts nobody knows, and how it was read."""

    codes: tuple[str, ...]
    unknown: tuple[str, ...]
    is_alias: bool
    is_other_form: bool
    """A name in other letters than the list has: other case, tone marks, dashes, look-alikes."""


class _Word(NamedTuple):
    folded: str
    start: int
    end: int
    gap: str
    """What stands between the word before and this one."""


class _Part(NamedTuple):
    """A known name, a joining word (no agency, not unknown) or one unknown word."""

    start: int
    end: int
    gap: str
    agency: Agency | None
    is_unknown: bool


@dataclass(frozen=True, eq=False)
class Names:
    """Every known name as folded words, with what it may mean."""

    meanings: Mapping[Words, tuple[Agency, ...]]
    longest: int
    spelled: frozenset[str]
    """Names and codes as the list spells them."""

    @lru_cache(maxsize=20_000)  # noqa: B019 -- one table of names per process
    def find(self, text: str, on: date) -> Found:
        """Read a text that names agencies, as the names were understood on a day."""
        given = unicodedata.normalize("NFC", text)
        composed = given.translate(INVISIBLE)
        codes: dict[str, None] = {}
        unknown: list[str] = []
        is_alias, is_other_form = False, composed != given
        for stretch in _stretches(self._parts(composed, on)):
            if any(part.is_unknown for part in stretch):
                unknown.append(" ".join(composed[stretch[0].start : stretch[-1].end].split()))
                continue
            is_other_form |= any(
                composed[part.start : part.end] not in self.spelled for part in stretch
            )
            for agency in _named(stretch):
                codes[agency.agency_code] = None
                is_alias = is_alias or agency.is_alias
        return Found(tuple(codes), tuple(unknown), is_alias, is_other_form)

    def _parts(self, text: str, on: date) -> Iterator[_Part]:
        words = _words(text)
        position = 0
        while position < len(words):
            first = words[position]
            size, agency = self._longest_match(words, position, on)
            last = words[position + max(size, 1) - 1]
            yield _Part(first.start, last.end, first.gap, agency, size == 0)
            position += max(size, 1)

    def _longest_match(
        self, words: list[_Word], position: int, on: date
    ) -> tuple[int, Agency | None]:
        """How many words the longest name here has, and what it means; 0 when there is none."""
        end = min(len(words), position + self.longest)
        for hard in range(position + 1, end):
            if _HARD_BREAK.search(words[hard].gap):
                end = hard
                break
        candidate = tuple(word.folded for word in words[position:end])
        while candidate:
            if meanings := self.meanings.get(candidate):
                agency = _meaning(meanings, on)
                if agency is not None:
                    return len(candidate), agency
            if candidate in _JOINING:
                return len(candidate), None
            candidate = candidate[:-1]
        return 0, None


def load_names(seeds: Path) -> Names:
    """The names, codes and usual short forms of `agencies.csv`, and `agency_aliases.csv`.

    A code that changed its name means the same agency under each, on every day that it exists.
    """
    meanings: dict[Words, list[Agency]] = {}
    agencies = _read(seeds / "agencies.csv")
    known = _agencies(agencies)
    for line in agencies:
        for name in (line["name_vi"], line["agency_code"]):
            _add(meanings, name, known[line["agency_code"]])
    for line in agencies:
        for name in _usual_forms(line):
            _add(meanings, name, known[line["agency_code"]]._replace(is_alias=True))
    for line in _read(seeds / "agency_aliases.csv"):
        since, until = _days(line)
        alias = Agency(line["agency_code"], known[line["agency_code"]].kind, since, until, True)
        is_unit = alias.kind == "province" and not _PREFIXED.match(line["alias"])
        for prefix in _PROVINCE_PREFIXES if is_unit else ("",):
            _add(meanings, f"{prefix}{line['alias']}", alias)
    longest = max((len(words) for words in meanings), default=0)
    spelled = frozenset(line[column] for line in agencies for column in ("name_vi", "agency_code"))
    return Names({words: tuple(found) for words, found in meanings.items()}, longest, spelled)


def _agencies(lines: Iterable[Mapping[str, str]]) -> dict[str, Agency]:
    """Each code once, from the first day of its rows to the last."""
    found: dict[str, Agency] = {}
    for line in lines:
        code, (since, until) = line["agency_code"], _days(line)
        if code in found:
            since, until = min(since, found[code].valid_from), max(until, found[code].valid_to)
        found[code] = Agency(code, line["kind"], since, until, is_alias=False)
    return found


def _usual_forms(line: Mapping[str, str]) -> Iterable[str]:
    name, code, kind = line["name_vi"], line["agency_code"], line["kind"]
    if kind == "province":
        unit = re.sub(r"^(?:Tỉnh|Thành phố) ", "", name)
        return [f"{prefix}{unit}" for prefix in _PROVINCE_PREFIXES]
    # Identifiers of Decision 20/2020/QĐ-TTg, in both notations that are in use.
    official = line["official_code"]
    forms = [official, f"000.00.00.{official}"] if official else []
    if kind == "ministry" and code.startswith("B"):
        return [*forms, f"Bộ {code[1:]}"]
    if name.endswith(" Việt Nam"):
        bare = name.removesuffix(" Việt Nam")
        return [*forms, bare, f"{bare} VN"]
    return forms


def _add(meanings: dict[Words, list[Agency]], name: str, agency: Agency) -> None:
    known = meanings.setdefault(tuple(word.folded for word in _words(name)), [])
    if all(other.agency_code != agency.agency_code for other in known):
        known.append(agency)


def _days(line: Mapping[str, str]) -> tuple[date, date]:
    since, until = line["valid_from"], line["valid_to"]
    return (
        date.fromisoformat(since) if since else date.min,
        date.fromisoformat(until) if until else date.max,
    )


def _meaning(meanings: tuple[Agency, ...], on: date) -> Agency | None:
    """The one agency that a name means: alone in bearing it, or alone in bearing it that day."""
    if len(meanings) == 1:
        return meanings[0]
    valid = [agency for agency in meanings if agency.valid_from <= on <= agency.valid_to]
    if valid:
        return valid[0] if len(valid) == 1 else None
    earliest = min(meanings, key=lambda agency: agency.valid_from)
    return earliest if on < earliest.valid_from else None


def _words(text: str) -> list[_Word]:
    words: list[_Word] = []
    end = 0
    for match in _WORD.finditer(text):
        folded = "va" if match[0] == "&" else fold(match[0]).replace("&", "")
        words.append(_Word(folded, match.start(), match.end(), text[end : match.start()]))
        end = match.end()
    return words


def _stretches(parts: Iterable[_Part]) -> Iterator[list[_Part]]:
    """Known names and unknown words, cut where a separator or a joining word stands."""
    stretch: list[_Part] = []
    for part in parts:
        is_joining = part.agency is None and not part.is_unknown
        if stretch and (is_joining or _BREAK.search(part.gap)):
            yield stretch
            stretch = []
        if not is_joining:
            stretch.append(part)
    if stretch:
        yield stretch


def _named(stretch: list[_Part]) -> Iterator[Agency]:
    """The agencies of a stretch; "các địa phương" right before a province only introduces it."""
    agencies = [part.agency for part in stretch if part.agency is not None]
    for agency, following in zip(agencies, [*agencies[1:], None], strict=True):
        introduces = agency.kind == "group" and following is not None
        if not (introduces and following is not None and following.kind == "province"):
            yield agency


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))
