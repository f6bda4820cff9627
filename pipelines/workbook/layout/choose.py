"""Which template a workbook follows, once the headers that are only alike have been judged.

What belongs here: the order in which templates are tried; what likeness and people's answers add to
the headers that a template knows. What does not: where tables are (`locate.py`), how alike two
headers are (`match.py`).

The header of a table is found by exact names and aliases alone. What likeness accepts in the rest
of it then is an alias for this file, and the file is laid out once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pipelines.workbook.cells import Sheet
from pipelines.workbook.layout.likeness import Likeness, Verdict
from pipelines.workbook.layout.notes import Note
from pipelines.workbook.layout.regions import FEWEST_HEADERS
from pipelines.workbook.layout.table import Table, find_table
from pipelines.workbook.locate import Layout, Misfit, lay_out
from pipelines.workbook.match import accepted_answers, answered_form, is_sheet_of, like_columns
from pipelines.workbook.parsing.text import fold
from pipelines.workbook.template import Template

Answers = Mapping[str, Mapping[str, str]]
"""By form: folded headers with the columns that people said they are, or `none`."""


@dataclass(frozen=True)
class HeaderQuestion:
    """A header that is like a column, and what was made of it; `decision_key` names the answer."""

    form: str
    sheet_name: str
    header_text: str
    column_name: str | None
    score: float
    verdict: Verdict
    decision_key: str


@dataclass(frozen=True)
class Choice:
    """The layout of a workbook, or why there is none, and the headers that were not certain."""

    layout: Layout | Misfit
    questions: tuple[HeaderQuestion, ...] = ()
    reasons: tuple[str, ...] = ()
    """Why templates that were tried before do not fit."""

    def notes(self) -> Iterator[Note]:
        """What the receipt says of headers that are alike."""
        for one in self.questions:
            code = {"accepted": "column_by_likeness", "asked": "column_asked"}.get(one.verdict)
            if code:
                detail = f"{one.header_text} ~ {one.column_name} ({one.score:g})"
                yield Note(one.form, one.sheet_name, code, detail)


def choose_layout(
    templates: Sequence[Template],
    agency_code: str,
    sheets: Sequence[Sheet],
    answers: Answers,
    likeness: Likeness | None,
) -> Choice:
    """The first template that fits; of a workbook that none fits all questions are kept."""
    reasons: list[str] = []
    questions: dict[str, HeaderQuestion] = {}
    for template in templates:
        choice = _try(_answered(template, answers), agency_code, sheets, likeness)
        if isinstance(choice.layout, Layout):
            return replace(choice, reasons=tuple(reasons))
        reasons.append(choice.layout.reason)
        questions |= {one.decision_key: one for one in choice.questions}
    reason = "; ".join(reasons) or "no template is meant for this agency and file name"
    return Choice(Misfit(reason), tuple(questions.values()), tuple(reasons))


def _try(
    template: Template, agency_code: str, sheets: Sequence[Sheet], likeness: Likeness | None
) -> Choice:
    layout = lay_out(template, sheets)
    if likeness is None:
        return Choice(layout)
    tables = layout.tables if isinstance(layout, Layout) else _candidates(template, sheets)
    questions: list[HeaderQuestion] = []
    learned: dict[str, dict[str, str]] = {}
    for table in tables:
        texts = [text for _, text in table.headers.unmatched]
        matches = like_columns(table.form, table.headers.columns.keys(), texts, likeness)
        learned.setdefault(table.name, {}).update(accepted_answers(matches))
        questions += [
            HeaderQuestion(
                form=table.name,
                sheet_name=table.sheet.name,
                header_text=match.header_text,
                column_name=match.column_name,
                score=match.score,
                verdict=match.verdict,
                decision_key=f"{agency_code}|{table.name}|{fold(match.header_text)}",
            )
            for match in matches
            if match.column_name is not None
        ]
    if any(learned.values()):
        layout = lay_out(_answered(template, learned), sheets)
    return Choice(layout, tuple(questions))


def _candidates(template: Template, sheets: Sequence[Sheet]) -> Iterator[Table]:
    """Tables that a column may keep from being a form's."""
    for name, form in template.forms.items():
        for sheet in sheets if form.layout == "table" else ():
            table = find_table(name, form, sheet, template.constants)
            count = len(table.headers.columns) if table else 0
            if table and (count >= FEWEST_HEADERS or (is_sheet_of(form, sheet.name) and count > 1)):
                yield table


def _answered(template: Template, answers: Answers) -> Template:
    known = {name: answers[name] for name in template.forms if answers.get(name)}
    if not known:
        return template
    forms = {
        name: answered_form(form, known.get(name, {})) for name, form in template.forms.items()
    }
    return template.model_copy(update={"forms": forms})
