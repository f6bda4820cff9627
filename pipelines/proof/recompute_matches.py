"""Rows without a code once more: which row of the register each is taken for.

What belongs here: bringing rows and registers together as they were read again. What does not: the
comparison, which is the same function as in a run (`workbook/row_match.py`): what is proved is that
it sees the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipelines.proof.recompute_inputs import Submission
from pipelines.row_matches import COMMITTEE, DECISION, open_rows, register_of
from pipelines.workbook.template import Form, Match


@dataclass(frozen=True)
class Told:
    """A form of a submission whose template says how rows are told."""

    submission: Submission
    name: str
    """The form, which may go to a raw table of another name."""
    form: Form


def with_matches(
    submissions: Sequence[Submission],
    told: Sequence[Told],
    decisions: Sequence[Mapping[str, Any]],
    seeds: Path,
) -> tuple[Submission, ...]:
    """The submissions, with keys for the rows that were matched."""
    ordered = sorted(decisions, key=lambda decision: decision["decided_at"])
    answers = {one["key"]: one["answer"] for one in ordered if one["kind"] == DECISION}
    changed: dict[int, Submission] = {}
    for one in told:
        by = one.form.match
        if by is not None:
            changed[id(one.submission)] = _matched(one, by, submissions, answers, seeds)
    return tuple(changed.get(id(one), one) for one in submissions)


def _matched(
    one: Told,
    by: Match,
    submissions: Sequence[Submission],
    answers: Mapping[str, str],
    seeds: Path,
) -> Submission:
    registers = [
        other for other in submissions if (other.form, other.agency_code) == (by.to, COMMITTEE)
    ]
    known = (row for other in registers for row in other.rows)
    register = register_of(known, by, seeds)
    if register is None:
        return one.submission
    sender, rows = one.submission.agency_code, one.submission.rows
    found = {
        match.row_number: match.record_key
        for match in register.match(sender, one.name, open_rows(rows, by), answers)
        if match.verdict == "accepted"
    }
    (key,) = one.form.key
    return replace(one.submission, rows=[_keyed(row, key, found) for row in rows])


def _keyed(row: Mapping[str, Any], key: str, found: Mapping[int, str | None]) -> Mapping[str, Any]:
    record_key = found.get(row["row_number"])
    return {**row, "record_key": record_key, key: record_key} if record_key else row
