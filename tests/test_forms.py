"""Blank forms: pleasant, complete, the same to the byte, and without live formulas."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from pipelines.sample.draft import agency_draft
from pipelines.sample.records import REPORTING_DATES
from pipelines.sample.truth import make_truth
from pipelines.settings import PROJECT_ROOT
from pipelines.workbook import forms
from pipelines.workbook.submission import Desk, Sent, read_file
from pipelines.workbook.template import Template, load_template

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
TASK = {
    "task_code": "NQ71-001",
    "title": "=HYPERLINK(1)",
    "lead_agency": ["Bộ Tài chính", "Bộ Công an"],
    "coordinating_agencies": [],
    "assigned_on": date(2025, 4, 1),
    "deadline": forms.deadline_text(date(2025, 9, 30), "quarter", "fixed"),
    "status": "not of the register",
}


@pytest.fixture(scope="module")
def template() -> Template:
    return load_template(PROJECT_ROOT / "pipelines" / "templates" / "nq57-01.yml")


@pytest.fixture(scope="module")
def statuses() -> tuple[str, ...]:
    return forms.status_labels(SEEDS)


@pytest.fixture
def book(template: Template, statuses: tuple[str, ...], tmp_path: Path):
    path = tmp_path / "form.xlsx"
    forms.blank_form(template, path, "BTC", [TASK], statuses)
    return load_workbook(path)


def column_letter(sheet, header: str) -> str:
    return next(cell.column_letter for cell in sheet[1] if cell.value == header)


def test_cover_is_filled_in(book, template: Template):
    cover = book["Thông tin"]
    pairs = {row[0].value: row[1].value for row in cover.iter_rows(max_col=2)}
    assert cover["A1"].value == template.title_vi
    assert pairs["Mã cơ quan"] == "BTC"
    assert pairs["Phiên bản mẫu"] == template.version
    assert {column.header for column in template.forms["cover"].columns} <= pairs.keys()


def test_register_columns_are_filled_and_the_others_blank(book, template: Template):
    sheet = book["Nhiệm vụ"]
    shown = {sheet.cell(1, n).value: sheet.cell(2, n).value for n in range(1, sheet.max_column + 1)}
    assert shown["Mã nhiệm vụ"] == "NQ71-001"
    assert shown["Cơ quan chủ trì"] == "Bộ Tài chính; Bộ Công an"
    assert shown["Thời hạn hoàn thành"] == "Quý III/2025"
    assert shown["Ngày giao"].date() == date(2025, 4, 1)
    assert shown["Trạng thái"] is None
    assert list(shown) == [column.header for column in template.forms["tasks"].columns]


def test_headers_stand_still_and_explain_themselves(book):
    sheet = book["Nhiệm vụ"]
    assert sheet.freeze_panes == "C2"
    assert "dd/mm/yyyy" in sheet[f"{column_letter(sheet, 'Ngày giao')}1"].comment.text


def test_cells_help_while_typing(book, statuses: tuple[str, ...]):
    sheet = book["Nhiệm vụ"]
    rules = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    status = rules[column_letter(sheet, "Trạng thái") + "2"]
    assert status.formula1 == f'"{",".join(statuses)}"'
    assert len(status.formula1) <= 257  # Excel takes 255 characters between the quotes
    percent = rules[column_letter(sheet, "Tiến độ (%)") + "2"]
    assert (percent.formula1, percent.formula2) == ("0", "100")
    assert sheet[column_letter(sheet, "Ngày hoàn thành") + "2"].number_format == "dd/mm/yyyy"


def test_text_never_becomes_a_formula(book):
    cell = book["Nhiệm vụ"]["B2"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


def test_statuses_offered_are_one_per_status(statuses: tuple[str, ...]):
    by_code = forms.status_labels_by_code(SEEDS)
    assert list(by_code) == ["DONE", "IN_PROGRESS", "NOT_STARTED", "REGULAR", "SUSPENDED"]
    assert tuple(by_code.values()) == statuses


def test_same_input_gives_the_same_bytes(
    template: Template, statuses: tuple[str, ...], tmp_path: Path
):
    for name in ("a.xlsx", "b.xlsx"):
        forms.blank_form(template, tmp_path / name, "BTC", [TASK], statuses)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with ZipFile(tmp_path / "a.xlsx") as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    ("on", "precision", "kind", "shown"),
    [
        (date(2025, 9, 30), "month", "fixed", "Tháng 9/2025"),
        (date(2025, 12, 31), "quarter", "fixed", "Quý IV/2025"),
        (date(2025, 12, 31), "year", "fixed", "2025"),
        (date(2025, 9, 5), "day", "fixed", date(2025, 9, 5)),
        (None, None, "regular", "Thường xuyên"),
        (None, None, None, None),
    ],
)
def test_deadline_is_shown_as_it_was_set(on, precision, kind, shown):
    assert forms.deadline_text(on, precision, kind) == shown


def test_every_agency_gets_a_form_that_opens(
    template: Template, statuses: tuple[str, ...], tmp_path: Path
):
    truth = make_truth()
    for agency in truth.agencies:
        tasks = [
            {"task_code": task.task_code, "title": task.title, "assigned_on": task.assigned_on}
            for task in truth.tasks
            if agency in truth.expand(task.leads + task.coordinators)
        ]
        path = tmp_path / f"{agency}.xlsx"
        forms.blank_form(template, path, agency, tasks, statuses)
        book = load_workbook(path, read_only=True)
        codes = [
            row[0] for row in book["Nhiệm vụ"].iter_rows(min_row=2, max_col=1, values_only=True)
        ]
        assert [code for code in codes if code] == [task["task_code"] for task in tasks]
        book.close()


def test_filled_form_reads_back_as_it_was_filled(
    template: Template, statuses: tuple[str, ...], tmp_path: Path
):
    truth = make_truth()
    on, labels = REPORTING_DATES[1], forms.status_labels_by_code(SEEDS)
    desk = Desk.set_up(SEEDS, (PROJECT_ROOT / "pipelines" / "templates",))
    for agency in ("BKHCN", "P79", "P12"):
        draft = agency_draft(truth, template, labels, agency, on)
        cover = {"agency_code": agency, "reporting_date": on, "template_version": "1"}
        path = tmp_path / f"{agency}.xlsx"
        rows = [row.cells for row in draft.rows]
        forms.write_form(template, path, {"tasks": rows}, cover, statuses)
        reading = read_file(Sent(path, agency, path.name), desk)
        assert (reading.status, reading.claimed_agency_code) == ("READ", agency)
        assert (reading.reporting_date, reading.period_start) == (on, None)
        (form,) = reading.forms
        assert not form.missing_columns + form.unmatched_columns + reading.unmatched_sheets
        columns = {column.name: parsed for column, parsed in form.columns}
        codes = [parsed.value for parsed in columns["task_code"]]
        for (code, name), expected in truth.expected_cells(agency, on).items():
            parsed = columns[name][codes.index(code)]
            assert parsed.problem is None
            value = parsed.value.day if name == "deadline" else parsed.value
            assert (value or None) == (expected or None)
