"""What people answered about headers, and which readings depend on it.

What belongs here: decisions of kind `header_match`, by agency. What does not: asking (`choose.py`),
keeping decisions (`intake/archive.py`).

A reading depends on the answers about its own agency alone: its folder is named for them, and the
readings of other agencies stay what they are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

KIND = "header_match"

ByForm = Mapping[str, Mapping[str, str]]
"""By form: folded headers with the column that each is, or `none`."""


class Decided(Protocol):
    """What counts of a decision."""

    @property
    def kind(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def answer(self) -> str: ...
    @property
    def decided_at(self) -> datetime | str: ...


@dataclass(frozen=True)
class HeaderAnswers:
    """The newest answer about each header, by agency."""

    by_agency: Mapping[str, ByForm]

    @classmethod
    def of(cls, decisions: Iterable[Decided]) -> HeaderAnswers:
        """Collect the answers about headers; other decisions say nothing here."""
        found: dict[str, dict[str, dict[str, str]]] = {}
        for one in sorted(decisions, key=lambda decision: str(decision.decided_at)):
            agency, _, rest = one.key.partition("|")
            form, _, header = rest.partition("|")
            if one.kind == KIND and header:
                found.setdefault(agency, {}).setdefault(form, {})[header] = one.answer
        return cls(found)

    def about(self, agency_code: str) -> ByForm:
        """The answers about an agency's headers."""
        return self.by_agency.get(agency_code, {})

    def reading_key(self, base: str, agency_code: str) -> str:
        """The key of an agency's readings: `base` alone when nothing was answered."""
        answers = self.about(agency_code)
        if not answers:
            return base
        text = json.dumps(answers, sort_keys=True, ensure_ascii=True)
        return f"{base}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
