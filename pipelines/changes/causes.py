"""What lies between two releases: rules, days, files and decisions, each under its cause.

What belongs here: comparing two manifests. What does not: what the causes do to figures
(`worlds.py`, `split.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pipelines import frozen
from pipelines.intake.archive import Decision, Receipt

ORDER = ("rule_set", "days", "register", "new_submissions", "corrections", "decisions")
"""The order in which causes are let in; the only place that says so.

Rules first: what was known before can be told anew under today's rules, never the other way round.
Days before files: a file counts from its reporting date on, so on the earlier day most new ones
would change nothing, and the passing of days would get the credit. Then as an agency can act: the
register says what is due, a first report answers, a correction follows, a person decides.
"""
UNEXPLAINED = "unexplained"
"""What is left when all causes have been let in: a fault of ours, never hidden."""
COMMITTEE = "BCD"

Slot = tuple[str, date]
"""A form and a reporting date that a file speaks of."""
Answer = tuple[str, str, str, str]
"""A decision as a manifest names it: when, kind, key, answer."""


@dataclass(frozen=True)
class Inputs:
    """All that the figures of a day come from."""

    day: date
    rule_set_hash: str
    submissions: frozenset[str]
    decisions: frozenset[Answer]

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> Inputs:
        """What went into a release."""
        return cls(
            date.fromisoformat(manifest["as_of_date"]),
            manifest["rule_set_hash"],
            frozenset(one["submission_id"] for one in manifest["submissions"]),
            frozenset(_answer(one) for one in manifest["decisions"]),
        )

    def has_receipt(self, receipt: Receipt) -> bool:
        """Whether a receipt is among them."""
        return receipt.submission_id in self.submissions

    def has_decision(self, decision: Decision) -> bool:
        """Whether a decision is among them."""
        at = f"{decision.decided_at:%Y-%m-%dT%H:%M:%SZ}"
        return (at, decision.kind, decision.key, decision.answer) in self.decisions


@dataclass(frozen=True)
class Source:
    """One thing that differs between two releases, and the cause that it is counted under."""

    cause: str
    kind: str
    """`rule_file`, `day`, `submission` or `decision`."""
    key: str
    is_added: bool = True
    """Whether the later release has it and the earlier one has not, or the other way round."""
    agency_code: str | None = None
    file_name: str | None = None
    forms: str | None = None
    reporting_date: date | None = None
    known_at: str | None = None
    answer: str | None = None


def sources_between(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    slots: Mapping[str, frozenset[Slot]],
    rule_sets: Path,
) -> list[Source]:
    """Everything that differs between two manifests, in the order of its cause.

    `slots`: what each submission speaks of, as far as it was read.
    """
    found = [
        *_rules(before["rule_set_hash"], after["rule_set_hash"], rule_sets),
        *_days(before["as_of_date"], after["as_of_date"]),
        *_submissions(before["submissions"], after["submissions"], slots),
        *_decisions(before["decisions"], after["decisions"]),
    ]
    return sorted(found, key=lambda one: ORDER.index(one.cause))


def causes_of(sources: Iterable[Source]) -> list[str]:
    """The causes that are present, in their order."""
    present = {one.cause for one in sources}
    return [cause for cause in ORDER if cause in present]


def ladder(before: Inputs, after: Inputs, sources: Iterable[Source]) -> Iterator[Inputs]:
    """The inputs after each cause that is present was let in; the last are those of `after`."""
    sources = list(sources)
    state = before
    for cause in causes_of(sources):
        moved = [one for one in sources if one.cause == cause]
        if cause == "rule_set":
            state = replace(state, rule_set_hash=after.rule_set_hash)
        elif cause == "days":
            state = replace(state, day=after.day)
        elif cause == "decisions":
            state = replace(state, decisions=after.decisions)
        else:
            added = {one.key for one in moved if one.is_added}
            gone = {one.key for one in moved if not one.is_added}
            state = replace(state, submissions=(state.submissions | added) - gone)
        yield state


def _rules(before: str, after: str, rule_sets: Path) -> Iterator[Source]:
    if before == after:
        return
    old, new = (_files(rule_sets / one) for one in (before, after))
    changed = sorted(name for name in old | new if old.get(name) != new.get(name))
    for name in changed or [f"{before} → {after}"]:
        yield Source("rule_set", "rule_file", name, is_added=name not in old)


def _files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): frozen.file_hash(path)
        for path in folder.rglob("*")
        if path.is_file()
    }


def _days(before: str, after: str) -> Iterator[Source]:
    if before != after:
        yield Source("days", "day", f"{before} → {after}", is_added=before < after)


def _submissions(
    before: Iterable[Mapping[str, Any]],
    after: Iterable[Mapping[str, Any]],
    slots: Mapping[str, frozenset[Slot]],
) -> Iterator[Source]:
    old = {one["submission_id"]: one for one in before}
    new = {one["submission_id"]: one for one in after}
    for submission, one in {**old, **new}.items():
        if submission in old and submission in new:
            continue
        # What the side without it had of the same agency says whether it is a further version.
        side = old if submission in new else new
        had = {
            slot
            for other in side.values()
            if other["agency_code"] == one["agency_code"]
            for slot in slots.get(other["submission_id"], ())
        }
        mine = slots.get(submission, frozenset[Slot]())
        yield Source(
            _cause(one["agency_code"], not mine.isdisjoint(had)),
            "submission",
            submission,
            is_added=submission in new,
            agency_code=one["agency_code"],
            file_name=one["file_name"],
            forms=", ".join(sorted({form for form, _ in mine})) or None,
            reporting_date=max((day for _, day in mine), default=None),
            known_at=one["received_at"],
        )


def _cause(agency_code: str, is_further_version: bool) -> str:
    if agency_code == COMMITTEE:
        return "register"
    return "corrections" if is_further_version else "new_submissions"


def _decisions(
    before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]
) -> Iterator[Source]:
    old, new = ({_answer(one) for one in side} for side in (before, after))
    for one in sorted(old ^ new):
        at, kind, key, answer = one
        yield Source(
            "decisions",
            "decision",
            f"{kind}: {key}",
            is_added=one in new,
            known_at=at,
            answer=answer,
        )


def _answer(decision: Mapping[str, Any]) -> Answer:
    return decision["decided_at"], decision["kind"], decision["key"], decision["answer"]
