"""What the proof of a release starts from: submissions as read again, and the closed lists.

What belongs here: which submission is an agency's word on a day, and who an agency code stands
for. What does not: tasks, rows and figures (`recompute.py`, `recompute_rows.py`). No SQL, as there.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from pipelines.proof.declared import Declared, declare

FEWEST_ROWS = 0.7
"""A version with a smaller part of the rows of the one that it replaces is held."""


@dataclass(frozen=True)
class Submission:
    """One form of one submission, as it was read."""

    submission_id: str
    agency_code: str
    form: str
    reporting_date: date
    received_at: datetime
    claimed_agency_raw: str | None
    claimed_agency_code: str | None
    rows: Sequence[Mapping[str, Any]]
    answer: str | None = None
    """A person's answer when it was held."""
    content_hash: str | None = None
    """The same for files whose cells say the same."""

    @property
    def order(self) -> tuple[date, datetime, str]:
        """Later words replace earlier ones."""
        return self.reporting_date, self.received_at, self.submission_id

    @cached_property
    def slot(self) -> tuple[str, str, str, date]:
        """Versions of one slot replace each other; a register only for the same programmes."""
        programmes = {row.get("programme_code") or "" for row in self.rows} - {""}
        return self.agency_code, self.form, "+".join(sorted(programmes)), self.reporting_date


@dataclass(frozen=True)
class Agency:
    """A row of the list of agencies."""

    code: str
    peer_group: str | None
    valid_from: date
    valid_to: date
    successor: str | None


@dataclass(frozen=True)
class Lists:
    """The closed lists of a rule set."""

    agencies: Mapping[str, Sequence[Agency]]
    groups: Mapping[str, Sequence[tuple[str, date, date]]]
    scopes: Mapping[str, frozenset[str]]
    programmes: frozenset[str]
    windows: tuple[date, ...]
    policies: Mapping[str, str]
    committees: frozenset[str]
    """Who alone may send registers."""

    def policy(self, name: str) -> str:
        """The choice made in the seed of policies."""
        return self.policies[name]

    def exists(self, code: str, day: date) -> bool:
        """Whether an agency can report on a day; the committee's registers may be older."""
        return any(
            agency.peer_group is None or agency.valid_from <= day <= agency.valid_to
            for agency in self.agencies.get(code, ())
        )

    def peer_group(self, code: str, day: date) -> str | None:
        """The group in which an agency is ranked on a day; None for who does not report."""
        for agency in self.agencies.get(code, ()):
            if agency.valid_from <= day <= agency.valid_to:
                return agency.peer_group
        return None

    def resolve(self, code: str, day: date) -> str | None:
        """Who answers for an agency on a day: itself, or its successor once it is abolished."""
        rows = self.agencies.get(code, ())
        started = [agency for agency in rows if agency.valid_from <= day] or list(rows[:1])
        if not started:
            return None
        last = started[-1]
        if day <= last.valid_to:
            return code
        return self.resolve(last.successor, day) if last.successor else None

    def heirs(self, code: str) -> tuple[str, ...]:
        """The agencies to which the tasks of an agency went, or will go, one after the other."""
        successor = self.agencies[code][-1].successor if code in self.agencies else None
        return (successor, *self.heirs(successor)) if successor else ()

    def members(self, code: str, registered: date, day: date) -> list[str]:
        """The agencies that a code in a register stands for on a day."""
        group = self.groups.get(code)
        named = (
            [member for member, since, until in group if since <= day and until >= registered]
            if group
            else [code]
        )
        resolved = (self.resolve(member, day) for member in named)
        return [agency for agency in resolved if agency is not None]


def load_declared(seeds: Path) -> Declared:
    """Read what a rule set declares of row forms."""
    names = ("measures", "slices", "forms", "measure_aliases")
    return declare(*(_read(seeds, n) if (seeds / f"{n}.csv").exists() else () for n in names))


def load_lists(seeds: Path) -> Lists:
    """Read the lists of a rule set from its seeds."""
    agencies: dict[str, list[Agency]] = {}
    for row in sorted(_read(seeds, "agencies"), key=lambda row: row["valid_from"]):
        agency = Agency(
            code=row["agency_code"],
            peer_group=row["peer_group"] or None,
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=_end(row["valid_to"]),
            successor=row["successor_code"] or None,
        )
        agencies.setdefault(agency.code, []).append(agency)
    groups: dict[str, list[tuple[str, date, date]]] = {}
    for row in _read(seeds, "agency_group_members"):
        member = row["member_code"], date.fromisoformat(row["valid_from"]), _end(row["valid_to"])
        groups.setdefault(row["group_code"], []).append(member)
    programmes = frozenset(row["programme_code"] for row in _read(seeds, "programmes"))
    scopes: dict[str, frozenset[str]] = {"": programmes}
    for row in _read(seeds, "programme_scopes"):
        scope = row["programme_scope"]
        scopes[scope] = scopes.get(scope, frozenset()) | {row["programme_code"]}
    return Lists(
        agencies=agencies,
        groups=groups,
        scopes=scopes,
        programmes=programmes,
        windows=tuple(date.fromisoformat(r["window_start"]) for r in _read(seeds, "windows")),
        policies={row["policy"]: row["value"] for row in _read(seeds, "policies")},
        committees=frozenset(
            row["agency_code"] for row in _read(seeds, "agencies") if row["kind"] == "committee"
        ),
    )


def current(submissions: Sequence[Submission], lists: Lists, day: date) -> list[Submission]:
    """The submissions that say on a day how tasks stand; of their registers, all that count."""
    taken = accepted(submissions, lists, day)
    words = {one.agency_code: one for one in taken if one.form == "tasks"}
    return [*(one for one in taken if one.form == "register_tasks"), *words.values()]


def accepted(submissions: Sequence[Submission], lists: Lists, day: date) -> list[Submission]:
    """The submissions that count on a day, oldest first: of each slot the newest version."""
    taken = _newest_versions(submissions, lists)
    return sorted((one for one in taken if one.reporting_date <= day), key=lambda one: one.order)


def without_withdrawn(
    submissions: Sequence[Submission], decisions: Sequence[Mapping[str, str]]
) -> tuple[Submission, ...]:
    """The submissions that no decision took back, by itself or as a copy sent before it."""
    ordered = sorted(decisions, key=lambda one: (one["decided_at"], one["answer"]))
    newest = {one["key"]: one for one in ordered if one["kind"] == "withdrawal"}
    taken_back = [
        (one, datetime.fromisoformat(decision["decided_at"]))
        for one in submissions
        if (decision := newest.get(one.submission_id)) and decision["answer"] == "withdraw"
    ]
    return tuple(
        one
        for one in submissions
        if not any(
            one.submission_id == other.submission_id
            or (one.submission_id not in newest and _is_copy(one, other, until))
            for other, until in taken_back
        )
    )


def _is_copy(one: Submission, other: Submission, until: datetime) -> bool:
    """Whether a submission says again, by then, what another one of the agency says."""
    return (
        one.content_hash is not None
        and (one.agency_code, one.reporting_date, one.content_hash)
        == (other.agency_code, other.reporting_date, other.content_hash)
        and other.received_at <= one.received_at <= until
    )


def _newest_versions(submissions: Sequence[Submission], lists: Lists) -> list[Submission]:
    """Of each slot, the newest version that is not held; the same cells again are no version."""
    standing: dict[tuple[str, str, str, date], Submission] = {}
    for one in sorted(submissions, key=lambda one: one.order):
        if one.answer == "refuse" or (one.answer != "accept" and not _is_itself(one, lists)):
            continue
        if one.form.startswith("register_") and one.agency_code not in lists.committees:
            continue
        before = standing.get(one.slot)
        if before is not None and one.content_hash and one.content_hash == before.content_hash:
            continue
        has_fallen = before is not None and len(one.rows) < FEWEST_ROWS * len(before.rows)
        if not has_fallen or one.answer == "accept":
            standing[one.slot] = one
    return list(standing.values())


def _is_itself(one: Submission, lists: Lists) -> bool:
    """Whether the sender exists on the date, and the cover names it or nobody."""
    if not lists.exists(one.agency_code, one.reporting_date):
        return False
    if one.claimed_agency_raw is None:
        return True
    if one.claimed_agency_code is None:
        return False
    return lists.resolve(one.claimed_agency_code, one.reporting_date) == one.agency_code


def _end(text: str) -> date:
    return date.fromisoformat(text) if text else date.max


def _read(seeds: Path, name: str) -> list[dict[str, str]]:
    with (seeds / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
