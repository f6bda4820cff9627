"""Which rows of a form stand on a day, and who answers for them, once more in plain Python.

What belongs here: from submissions to rows that count. What does not: what they add up to
(`recompute_rows.py`), which submissions count (`recompute_inputs.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.proof.declared import PERIOD_END, Declared
from pipelines.proof.recompute_inputs import Lists, Submission, accepted

Row = Mapping[str, Any]
PERIOD_START = "period_start"


@dataclass(frozen=True)
class StandingRow:
    """A row that is its sender's word on a day."""

    submission_id: str
    values: Row
    agencies: tuple[str, ...]
    """Who answers for it on that day."""


@dataclass(frozen=True)
class _Word:
    """The newest row of a key of a sender."""

    sender: str
    key: str
    report: Submission
    row: Row

    @property
    def subject(self) -> tuple[str, ...]:
        """What a row speaks of, without the period that it speaks of."""
        period = {str(self.row[PERIOD_START]), str(self.row[PERIOD_END])}
        return tuple(part for part in self.key.split("/") if part not in period)

    @property
    def days(self) -> int:
        return (self.row[PERIOD_END] - self.row[PERIOD_START]).days

    def overlaps(self, other: _Word) -> bool:
        """Whether another row speaks of some of the same days."""
        return (
            self.row[PERIOD_START] <= other.row[PERIOD_END]
            and self.row[PERIOD_END] >= other.row[PERIOD_START]
        )


def standing_rows(
    submissions: Sequence[Submission], declared: Declared, lists: Lists, form: str, day: date
) -> list[StandingRow]:
    """The rows of a form that are somebody's word on a day, and count.

    Of a snapshot those of the newest report, else of each key the row of the newest report.
    """
    reports = accepted([one for one in submissions if one.form == form], lists, day)
    words = {(word.sender, word.key): word for word in _words(reports)}
    replaced = _replaced(words, lists)
    newest = {one.agency_code: one for one in reports}
    found: list[StandingRow] = []
    for (sender, key), word in words.items():
        is_said = form in declared.accumulating or word.report is newest[sender]
        if is_said and (sender, key) not in replaced:
            is_register = form in declared.registers
            agencies = _named(word, lists, day) if is_register else [lists.resolve(sender, day)]
            known = tuple(dict.fromkeys(agency for agency in agencies if agency))
            found.append(StandingRow(word.report.submission_id, word.row, known))
    return found


def _words(reports: Iterable[Submission]) -> Iterator[_Word]:
    """The first row of each key in each report, oldest report first."""
    for report in reports:
        first: dict[str, Row] = {}
        for row in report.rows:
            if row["record_key"] is not None:
                first.setdefault(row["record_key"], row)
        yield from (_Word(report.agency_code, key, report, row) for key, row in first.items())


def _replaced(words: Mapping[tuple[str, str], _Word], lists: Lists) -> set[tuple[str, str]]:
    """Rows that give way to another one that says the same.

    To the same key of a successor; and where periods overlap, be they of one agency or of an
    abolished one and its successor, to the longer one.
    """
    heirs = {sender: lists.heirs(sender) for sender, _ in words}
    of_subject: dict[tuple[str, tuple[str, ...]], list[_Word]] = {}
    for word in words.values():
        if PERIOD_START in word.row:
            of_subject.setdefault((word.sender, word.subject), []).append(word)
    found = {
        (sender, key)
        for sender, key in words
        if any((heir, key) in words for heir in heirs[sender])
    }
    for (sender, subject), periods in of_subject.items():
        of_heirs = [one for heir in heirs[sender] for one in of_subject.get((heir, subject), ())]
        for one in periods:
            found |= {_shorter(one, heir) for heir in of_heirs if one.overlaps(heir)}
            found |= {
                (sender, one.key)
                for other in periods
                if one.overlaps(other) and _order(one) < _order(other)
            }
    return found


def _shorter(one: _Word, heir: _Word) -> tuple[str, str]:
    """Of two periods that overlap the one that gives way; of equal ones not the successor's."""
    word = one if one.days <= heir.days else heir
    return word.sender, word.key


def _order(word: _Word) -> tuple[int, date, str]:
    """Of two periods of an agency that overlap the later one in this order holds."""
    return word.days, word.report.reporting_date, word.key


def _named(word: _Word, lists: Lists, day: date) -> Iterator[str]:
    """The agencies that a row of a register names."""
    for code in word.row.get("agency_code") or ():
        yield from lists.members(code, word.report.reporting_date, day)
