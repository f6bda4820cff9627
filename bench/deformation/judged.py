"""Contradictions judged by the rules: one workbook with many of them, checked as a run would.

What belongs here: the archive that a check needs, and which faults were found at their cell. What
does not: the check itself (`pipelines/checking/check.py`), contradictions (`contradictions.py`).
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path

from openpyxl.utils import column_index_from_string

from deformation.book import Book, Mark
from deformation.clean import Shelf
from deformation.contradictions import CONTRADICTIONS
from deformation.files import write
from deformation.layouts import LAYOUTS
from pipelines.checking.check import check
from pipelines.checking.checked import Checked, Finding
from pipelines.intake import archive
from pipelines.sample.write import REGISTER_AGENCY
from pipelines.settings import Settings

_ADDRESS = re.compile(r"\b([A-Z]{1,3})([1-9]\d*)\b")
BEFORE, ON = date(2025, 9, 23), date(2025, 10, 28)
FAULTS = (*CONTRADICTIONS, *(deform for deform in LAYOUTS if deform.outcome == "fault"))


@dataclass
class Judged:
    """Faults by name, those that were found at their cell, and findings on cells without fault."""

    faults: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    clean: int = 0
    clean_found: dict[Mark, str] = field(default_factory=dict)

    @property
    def located(self) -> int:
        return len(self.faults) - len(self.missed)


def judge(shelf: Shelf, agency: str, folder: Path, deforms=FAULTS) -> Judged:
    """Check a report that follows a clean one, with each contradiction that fits it."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(data_root=folder / "data", real_input=folder)
    for sender, on in ((REGISTER_AGENCY, BEFORE), (agency, BEFORE), (REGISTER_AGENCY, ON)):
        _store(settings, _settled(shelf, sender, on), sender, on)
    book, rng = _settled(shelf, agency, ON), random.Random(f"judged|{agency}")
    before = set(book.expected)
    applied = [d.name for d in deforms if d.stage == "cells" and d.apply(rng, book)]
    book.lay_out()
    applied += [d.name for d in deforms if d.stage == "pages" and d.apply(rng, book)]
    path = folder / book.file_name
    write(book, path)
    checked = check(settings, path, agency, _noon(ON))
    return _compared(book, before - set(book.expected), checked, applied)


def _settled(shelf: Shelf, agency: str, on: date) -> Book:
    rng = random.Random(0)
    forms = shelf.forms(agency)
    return shelf.book(agency, forms, rng, most_rows=100_000, on=on, is_settled=True)


def _store(settings: Settings, book: Book, agency: str, on: date) -> None:
    book.lay_out()
    path = settings.data_root.parent / book.file_name
    write(book, path)
    archive.store(settings.archive, agency, "corpus", path, _noon(on), _noon(on))


def _noon(on: date) -> datetime:
    return datetime.combine(on, time(12), UTC)


def _compared(book: Book, gone: set[Mark], checked: Checked, applied: list[str]) -> Judged:
    """Which faults have a finding at one of their cells, and which findings are nobody's fault."""
    judged = Judged(applied.copy(), clean=len(book.expected))
    places = {(s, r, c): mark for mark, s, r, c in book.places()}
    rows = {(mark.form, mark.record_key) for mark in gone}
    found: set[str] = set()
    for finding in checked.findings:
        marks = [places[cell] for cell in _cells(finding) if cell in places]
        marks += [
            mark
            for mark in (
                Mark(finding.form, finding.record_key or "", name) for name in _columns(finding)
            )
            if mark in book.expected
        ]
        traps = {book.expected[mark].trap for mark in marks} - {""}
        if (finding.form, finding.record_key) in rows:
            traps.add("T52 missing_row")
        elif not marks and finding.row_number:
            traps.add("T11 row_without_code")
        found |= {trap.partition(" ")[2] for trap in traps}
        if not traps:
            for mark in marks[:1]:
                judged.clean_found[mark] = finding.rule.rule_id
    judged.missed = [name for name in applied if name not in found]
    return judged


def _columns(finding: Finding) -> tuple[str, ...]:
    """The columns that contradict each other: any of them may be the one that is wrong."""
    return finding.rule.column_names if finding.row_number else ()


def _cells(finding: Finding) -> Iterator[tuple[str, int, int]]:
    """The cell of a finding and the cells related to it, as sheet, row and column."""
    for text in (finding.cell, finding.related_cells):
        for letters, row in _ADDRESS.findall(text or ""):
            yield finding.sheet_name, int(row), column_index_from_string(letters)
