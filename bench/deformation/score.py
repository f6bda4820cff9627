"""The scorer: cells right, flagged and silently wrong.

What belongs here: what counts as what. What does not: readers and cases.

right          the value is the true one (or blank where nothing is said)
flagged        no value, and the reader says so: at the cell, the column, the row or the file
silently wrong a value that is not the true one, a value where the cell leaves its meaning open, a
               blank where something is said, a lost row, or a row that never was: without a word.
               A row that never was is reported when a cell that must be filled in is, as blank.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from deformation.answers import Answer, Answers, Reader
from deformation.book import Expected, Mark
from deformation.cases import Case
from pipelines.workbook.addresses import column_letter


@dataclass
class Score:
    """Counts over many cases."""

    right: int = 0
    flagged: int = 0
    silent: int = 0
    kept: int = 0
    """Cells whose meaning is certain, of files that may not be refused."""
    kept_right: int = 0
    clean: int = 0
    """Of these, cells that no deformation touched."""
    clean_flagged: int = 0
    headers: int = 0
    headers_matched: int = 0
    faults: int = 0
    """Cells that cannot be read."""
    faults_located: int = 0
    """Of these, the ones that are flagged at their own address."""
    wrong: Counter[str] = field(default_factory=Counter)
    """Silently wrong cells by deformation."""
    refused: Counter[str] = field(default_factory=Counter)
    """Right values that were flagged, by deformation."""
    unlocated: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def row(self) -> tuple[str, ...]:
        """The figures as shown."""
        return (
            f"{self.right:,}", f"{self.flagged:,}", f"{self.silent:,}",
            _share(self.kept_right, self.kept), _share(self.clean_flagged, self.clean),
            _share(self.headers_matched, self.headers), _share(self.faults_located, self.faults),
        )  # fmt: skip


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "-"


def score_case(score: Score, case: Case, reader: Reader) -> None:
    """Add what a reader makes of one case."""
    answers = reader(case)
    names = " + ".join(f"{d.trap} {d.name}" for d in case.deforms) or "clean"
    for mark, expected in case.expected.items():
        verdict = _verdict(case, answers, mark, expected)
        _count(score, case, answers, mark, verdict, names)
    _count_headers(score, case, answers)
    known = {(mark.form, mark.record_key) for mark in case.expected}
    for mark, answer in answers.cells.items():
        row = (mark.form, mark.record_key)
        if row not in known and row not in answers.reported_rows and not answer.is_flagged:
            score.silent += answer.value is not None
            if answer.value is not None:
                score.wrong[names] += 1
                score.examples.setdefault(names, f"row that never was: {mark} {answer}")


def _verdict(case: Case, answers: Answers, mark: Mark, expected: Expected) -> str:
    if answers.is_refused:
        return "flagged"
    answer = answers.cells.get(mark)
    if answer is None:
        return "flagged" if _is_reported(case, answers, mark) else "silent"
    if expected.outcome == "doubtful":
        return "flagged" if answer.is_flagged and answer.value is None else "silent"
    if _is_same(answer.value, expected.value) and not (answer.is_flagged and expected.value):
        return "right"
    # How many of these the rules find is measured for itself (`judged.py`).
    is_left_to_rules = expected.outcome == "fault" and answers.has_rules
    return "flagged" if answer.is_flagged or is_left_to_rules else "silent"


def _is_same(found: object, wanted: object) -> bool:
    if isinstance(found, float) and isinstance(wanted, float):
        return abs(found - wanted) < 1e-9 * max(1, abs(wanted))
    if isinstance(found, tuple) and isinstance(wanted, tuple) and len(found) == len(wanted):
        return all(map(_is_same, found, wanted))
    return found == wanted


def _is_reported(case: Case, answers: Answers, mark: Mark) -> bool:
    """Whether a cell that was not read belongs to a form or a row that is reported as not read."""
    place = case.places.get(mark)
    is_nobodys = place is not None and (place[0], place[1]) in answers.rows_without_key
    return mark.form in answers.not_read or is_nobodys


def _count(
    score: Score, case: Case, answers: Answers, mark: Mark, verdict: str, names: str
) -> None:
    expected, answer = case.expected[mark], answers.cells.get(mark)
    setattr(score, verdict, getattr(score, verdict) + 1)
    cause = _cause(case, mark, answer) or names
    shown = f"{mark} true {expected.value!r}, read {answer}, in {case.path.name}"
    if verdict == "silent":
        score.wrong[cause] += 1
        score.examples.setdefault(cause, shown)
    if expected.outcome == "kept" and not _may_be_refused(case):
        score.kept += 1
        score.kept_right += verdict == "right"
        if verdict == "flagged":
            score.refused[cause] += 1
            score.examples.setdefault(f"refused {cause}", shown)
        if not expected.trap:
            score.clean += 1
            score.clean_flagged += verdict == "flagged"
    if expected.outcome == "doubtful":
        score.faults += 1
        is_located = verdict == "flagged" and answer is not None and _is_at(case, mark, answer)
        score.faults_located += is_located
        if not is_located:
            score.unlocated[cause] += 1
            score.examples.setdefault(f"unlocated {cause}", shown)


def _cause(case: Case, mark: Mark, answer: Answer | None) -> str:
    """The deformation of the cell, or of its row's key when the whole row was not found."""
    if answer is not None or case.expected[mark].trap:
        return case.expected[mark].trap
    row = (other for other in case.expected if other[:2] == mark[:2])
    return next((case.expected[m].trap for m in row if case.expected[m].trap), "")


def _may_be_refused(case: Case) -> bool:
    return case.is_refused or any(
        d.outcome == "either" and d.stage != "cells" for d in case.deforms
    )


def _is_at(case: Case, mark: Mark, answer: Answer) -> bool:
    sheet, row, column = case.places[mark]
    return answer.address == (sheet, row, column_letter(column - 1))


def _count_headers(score: Score, case: Case, answers: Answers) -> None:
    if not case.is_refused:
        wanted = {(mark.form, mark.column) for mark in case.places}
        score.headers += len(wanted)
        score.headers_matched += len(wanted & answers.headers)
