"""Clean workbooks: the blank form filled in right, with the true value of every cell.

What belongs here: rows of the sample before any distortion, and what their cells mean. The meaning
is taken from the seeds and the template alone, never from the reader that is judged by it.
"""

from __future__ import annotations

import random
import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from deformation.book import Book, Expected, Mark
from pipelines.sample.draft import (
    Draft,
    DraftRow,
    draft_cover,
    draft_table,
    record_rows,
    register_task_rows,
    task_rows,
)
from pipelines.sample.write import REGISTER_AGENCY, Sample, load_sample
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.workbook.desk import Desk
from pipelines.workbook.template import AppliesTo, Column, Form, Template

ON = date(2025, 9, 23)
AGENCIES = ("BKHCN", "BVHTTDL", "P01", "P66", "P91")
"""Two ministries with services, datasets and indicators; provinces with communes and old names."""
_KINDS = {
    "Thường xuyên": "regular",
    "Hằng năm": "annual",
    "Theo lộ trình": "conditional",
    "Không thời hạn": "none",
}
_QUARTERS = {"I": 3, "II": 6, "III": 9, "IV": 12}
_QUANTITY = re.compile(r"(?:(>|<=|~) )?([\d,]+)")


@dataclass(frozen=True)
class Meaning:
    """What words and names of the clean form stand for."""

    words: dict[str, dict[str, str]]
    """By list: code of each word."""
    agencies: dict[str, str]
    """Code of each name in force."""
    units: dict[str, tuple[str, float]]
    """Unit and scale of each wording of the clean form."""

    def of(self, column: Column, written: object) -> object:
        """The true value of a clean cell: plain, or a tuple of the value and its parts."""
        if written is None:
            return None
        if column.type == "agencies":
            return tuple(self.agencies.get(name, name) for name in str(written).split("; "))
        if column.word_list:
            code = self.words[column.word_list][str(written)]
            return code == "true" if column.type == "boolean" else code
        if column.type == "deadline":
            return deadline(written)
        if column.type == "quantity":
            return quantity(written)
        if column.type == "unit":
            return self.units[str(written)]
        return float(written) if isinstance(written, (int, float)) else written


def deadline(written: object) -> tuple[date | None, str | None, str]:
    """Day, precision and kind of a deadline as the clean form states it."""
    if isinstance(written, date):
        return written, "day", "fixed"
    text = str(written)
    if text in _KINDS:
        return None, None, _KINDS[text]
    *words, year = re.split(r"[ /]", text)
    if not words:
        return date(int(year), 12, 31), "year", "fixed"
    month = int(words[1]) if words[0] == "Tháng" else _QUARTERS[words[1]]
    precision = "month" if words[0] == "Tháng" else "quarter"
    return date(int(year), month, monthrange(int(year), month)[1]), precision, "fixed"


def quantity(written: object) -> tuple[float, str]:
    """Number and operator of a clean quantity."""
    if isinstance(written, (int, float)):
        return float(written), "="
    found = _QUANTITY.fullmatch(str(written))
    assert found, written
    return float(found[2].replace(",", ".")), found[1] or "="


class Shelf:
    """The sample's truth, from which clean workbooks are taken."""

    def __init__(self, agencies: tuple[str, ...] = AGENCIES) -> None:
        settings = Settings(data_root=Path(), real_input=Path())
        self.seeds = settings.seeds
        self.agencies = agencies
        self.sample: Sample = load_sample(settings, agencies)
        words = {
            name: {word: code for code, word in listed.items()}
            for name, listed in self.sample.words.items()
        }
        # The register names agencies by code, reports by name.
        names = {name: code for code, name in self.sample.truth.names.items()}
        self.meaning = Meaning(words, names, self._units())
        self.templates = {t.template: t for t in (self.sample.form, self.sample.register)}

    def forms(self, agency: str) -> list[str]:
        """Forms of which the agency has rows."""
        forms = self._template(agency).forms
        return [name for name, form in forms.items() if form.layout == "table"
                and self._rows(agency, name, form)]  # fmt: skip

    def book(
        self,
        agency: str,
        forms: list[str],
        rng: random.Random,
        most_rows: int = 14,
        on: date = ON,
        *,
        is_settled: bool = False,
    ) -> Book:
        """A clean workbook with these forms, each with some of its rows.

        Rows are those of the last day on which the agency spoke of the form; of a *settled* report
        those of the last day until its own, so that no rule objects to it.
        """
        until = on if is_settled else date.max
        template = self._template(agency)
        draft = Draft(
            cover=draft_cover(template, agency, on),
            tables=[],
            agency_name=self.sample.truth.names.get(agency, ""),
        )
        expected: dict[Mark, Expected] = {}
        for name in forms:
            form, rows = (
                template.forms[name],
                self._rows(agency, name, template.forms[name], on, until),
            )
            chosen = sorted(rng.sample(range(len(rows)), min(most_rows, len(rows))))
            kept = [DraftRow(dict(rows[n].cells), rows[n].record_key) for n in chosen]
            table = draft_table(name, form, kept)
            draft.tables.append(table)
            for row in kept:
                for column in form.columns:
                    mark = Mark(name, str(row.record_key), column.name)
                    expected[mark] = Expected(self.meaning.of(column, row.cells[column.name]))
        name = f"{template.template}_{agency}_{on}.xlsx"
        return Book(agency, template, draft, expected, name, self.meaning)

    def _units(self) -> dict[str, tuple[str, float]]:
        found: dict[str, tuple[str, float]] = {}
        for form in ("indicators", "register_indicators"):
            relation = self.sample.rows.relation(form)
            for text, unit, scale in relation.project("unit_raw, unit, unit_scale").fetchall():
                found[text] = unit, float(scale)
        return found

    def _template(self, agency: str) -> Template:
        return self.sample.register if agency == REGISTER_AGENCY else self.sample.form

    def _rows(
        self, agency: str, name: str, form: Form, on: date = ON, until: date = date.max
    ) -> list[DraftRow]:
        truth, sample = self.sample.truth, self.sample
        if name == "tasks":
            return task_rows(truth, agency, on, sample.words["status"])
        if name == "register_tasks":
            return register_task_rows(truth, on)
        sender = None if agency == REGISTER_AGENCY else agency
        days = sorted((day for day in sample.dates if day <= until), reverse=True)
        spoken = (sample.rows.rows(name, day, sender) for day in days)
        return record_rows(form, next((rows for rows in spoken if rows), ()), sample.words)


def desk(shelf: Shelf) -> Desk:
    """The reader's own templates, and one for tables that come as text and so have no cover."""
    found = Desk.set_up(shelf.seeds, (PROJECT_ROOT / "pipelines" / "templates",))
    form = shelf.sample.form
    tables = {name: one for name, one in form.forms.items() if one.layout == "table"}
    as_text = form.model_copy(
        update={
            "template": "corpus-text",
            "applies_to": AppliesTo(file_name="*.csv"),
            "constants": {"reporting_date": str(ON)},
            "forms": tables,
        }
    )
    return Desk((as_text, *found.templates), found.vocabulary)
