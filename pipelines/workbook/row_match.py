"""Rows without a code: which row of a register does each speak of?

What belongs here: comparing a row with every row that the register ever listed, by the document
that assigns it, by its words, within the agency that leads it; what is accepted, asked, refused.
What does not: where rows come from (`row_matches.py`), how alike two texts are (`likeness.py`).

A row with a readable code is matched by it. Else the same words match, unless another agency leads
or another document assigns; else words that are alike within the lead agency. Of two rows of a
report that come to one row of the register neither is believed before somebody says so.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rapidfuzz import fuzz

from pipelines.workbook.layout.likeness import Likeness, Verdict, differences, is_slip
from pipelines.workbook.parsing.text import fold

Basis = Literal["code", "document_title", "likeness", "decision"]
NO_RECORD = "none"
"""The answer that a row speaks of nothing in the register."""

_DOCUMENT = re.compile(r"\b\d+(?:/\d{4})?[/-][a-z][\w-]*(?:/[\w-]+)*")


@dataclass(frozen=True)
class Described:
    """What tells a row, on either side: its words, who leads, what assigns it."""

    title: str
    leads: frozenset[str]
    document: str


@dataclass(frozen=True)
class OpenRow:
    """A row of a report; `record_key` is its readable code."""

    row_number: int
    record_key: str | None
    described: Described


@dataclass(frozen=True)
class KnownRow:
    """A row that the register listed at some time."""

    record_key: str
    described: Described


@dataclass(frozen=True)
class RowMatch:
    """The row of the register that a row speaks of, or is asked about."""

    row_number: int
    record_key: str | None
    basis: Basis
    score: float
    verdict: Verdict
    decision_key: str


@dataclass(frozen=True)
class _Known:
    record_key: str
    words: tuple[str, ...]
    text: str
    leads: frozenset[str]
    documents: frozenset[str]


@dataclass(frozen=True)
class _Candidate:
    score: float
    known: _Known


class Register:
    """The rows that are known, ready to be compared with."""

    def __init__(
        self,
        rows: Iterable[KnownRow],
        likeness: Likeness,
        circle: Callable[[str], frozenset[str]],
    ) -> None:
        self.likeness = likeness
        self.circle = circle
        self.known = tuple(dict.fromkeys(self._known(row) for row in rows))
        self._by_text: dict[str, list[_Known]] = {}
        for known in self.known:
            self._by_text.setdefault(known.text, []).append(known)
        self._judged: dict[Described, tuple[str | None, Basis, float, Verdict]] = {}

    def match(
        self, agency_code: str, form: str, rows: Sequence[OpenRow], answers: Mapping[str, str]
    ) -> list[RowMatch]:
        """Match the rows of one form of one submission; `answers` are people's, by decision key."""
        matches = [self._match(f"{agency_code}|{form}", row, answers) for row in rows]
        keys = [match.record_key for match in matches if match.verdict == "accepted"]
        return [
            replace(match, verdict="asked")
            if match.verdict == "accepted"
            and match.basis in {"document_title", "likeness"}
            and keys.count(match.record_key) > 1
            else match
            for match in matches
        ]

    def _match(self, asker: str, row: OpenRow, answers: Mapping[str, str]) -> RowMatch:
        decision_key = f"{asker}|{fingerprint(row.described)}"
        if row.record_key is not None:
            found: tuple[str | None, Basis, float, Verdict]
            found = (row.record_key, "code", 100.0, "accepted")
        elif (answer := answers.get(decision_key)) is not None:
            is_none = answer == NO_RECORD
            verdict: Verdict = "refused" if is_none else "accepted"
            found = (None if is_none else answer, "decision", 100.0, verdict)
        else:
            if row.described not in self._judged:
                self._judged[row.described] = self._judge(row.described)
            found = self._judged[row.described]
        return RowMatch(row.row_number, *found, decision_key)

    def _judge(self, row: Described) -> tuple[str | None, Basis, float, Verdict]:
        words = tuple(self.likeness.words(row.title))
        text = " ".join(words)
        leads, documents = self._circles(row.leads), _documents(row.document)
        same = self._by_text.get(text, [])
        if same:
            fitting = [
                one for one in same if _agree(one.leads, leads) and _agree(one.documents, documents)
            ]
            sure = [one for one in fitting if one.documents & documents]
            keys = {one.record_key for one in sure or fitting}
            is_sure = len(keys) == 1 and len(text) >= self.likeness.shortest
            key = min(keys or {one.record_key for one in same})
            return key, "document_title", 100.0, "accepted" if is_sure else "asked"
        return self._by_likeness(words, leads, documents)

    def _by_likeness(
        self, words: tuple[str, ...], leads: frozenset[str], documents: frozenset[str]
    ) -> tuple[str | None, Basis, float, Verdict]:
        text = " ".join(words)
        best: dict[str, _Candidate] = {}
        for known in self.known:
            score = round(fuzz.ratio(text, known.text), 1)
            if known.record_key not in best or score > best[known.record_key].score:
                best[known.record_key] = _Candidate(score, known)
        ranked = sorted(best.values(), key=lambda one: (-one.score, one.known.record_key))
        if not ranked:
            return None, "likeness", 0.0, "refused"
        first, second = ranked[0], ranked[1].score if len(ranked) > 1 else 0.0
        is_sure = (
            first.score >= self.likeness.accept
            and first.score - second >= self.likeness.ahead
            and len(text) >= self.likeness.shortest
            and bool(leads & first.known.leads)
            and _agree(first.known.documents, documents)
            and self._says(words, first.known.words)
        )
        if is_sure:
            return first.known.record_key, "likeness", first.score, "accepted"
        return self._asked(text, ranked)

    def _asked(
        self, text: str, ranked: Sequence[_Candidate]
    ) -> tuple[str | None, Basis, float, Verdict]:
        """The row to ask about: the most alike, or one of which this is a shortened title."""
        if len(text) < self.likeness.shortest:
            return None, "likeness", ranked[0].score, "refused"
        if ranked[0].score < self.likeness.ask:
            parts = [
                (round(fuzz.partial_ratio(text, one.known.text), 1), one)
                for one in ranked
                if min(len(text), len(one.known.text)) >= self.likeness.shortest
            ]
            part, one = max(parts, key=lambda found: found[0], default=(0.0, ranked[0]))
            if part < self.likeness.accept:
                return None, "likeness", ranked[0].score, "refused"
            return one.known.record_key, "likeness", one.score, "asked"
        return ranked[0].known.record_key, "likeness", ranked[0].score, "asked"

    def _says(self, words: Sequence[str], known: Sequence[str]) -> bool:
        """Whether two titles differ by slips, and by words added or left out that turn nothing."""
        turning = self.likeness.turning
        for written, meant in differences(words, known):
            if written and meant:
                if not is_slip(written, meant, turning):
                    return False
            elif {written, meant} & turning or f"{written}{meant}".isdecimal():
                return False
        return True

    def _known(self, row: KnownRow) -> _Known:
        words = tuple(self.likeness.words(row.described.title))
        return _Known(
            record_key=row.record_key,
            words=words,
            text=" ".join(words),
            leads=self._circles(row.described.leads),
            documents=_documents(row.described.document),
        )

    def _circles(self, codes: Iterable[str]) -> frozenset[str]:
        return frozenset[str]().union(*(self.circle(code) for code in codes))


def fingerprint(row: Described) -> str:
    """What stays the same when the same row comes next month, whatever is new in the others."""
    parts = (fold(row.document), fold(row.title), "+".join(sorted(row.leads)))
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _documents(text: str) -> frozenset[str]:
    """Numbers of documents, such as 71/nq-cp."""
    return frozenset(_DOCUMENT.findall(fold(text)))


def _agree(known: frozenset[str], said: frozenset[str]) -> bool:
    """Whether two say the same, or one says nothing."""
    return not known or not said or bool(known & said)
