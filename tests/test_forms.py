"""Blank forms: pleasant, complete, the same to the byte, and without live formulas."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from time import perf_counter
from zipfile import ZipFile

import duckdb
import pytest
from openpyxl import load_workbook

from pipelines.publication import DATABASE
from pipelines.published import UnknownName, write_blank
from pipelines.sample.draft import record_rows, task_rows
from pipelines.sample.records import REPORTING_DATES
from pipelines.sample.row_truth import RowTruth
from pipelines.sample.truth import make_truth
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.workbook import forms
from pipelines.workbook.desk import Desk, Sent
from pipelines.workbook.looks import Words
from pipelines.workbook.submission import read_file
from pipelines.workbook.template import Template, load_template

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
TASK = {
    "task_code": "NQ71-001",
    "title": "=HYPERLINK(1)",
    "lead_agency": ["Bộ Tài chính", "Bộ Công an"],
    "coordinating_agencies": [],
    "assigned_on": date(2025, 4, 1),
    "deadline": date(2025, 9, 30),
    "deadline_precision": "quarter",
    "deadline_kind": "fixed",
}
SERVICE = {
    "procedure_code": "1.000100",
    "procedure_name": "Cấp giấy phép",
    "service_level": "partial",
}
KNOWN = {"tasks": [TASK], "services": [SERVICE], "datasets": [], "indicators": []}


@pytest.fixture(scope="module")
def template() -> Template:
    return load_template(PROJECT_ROOT / "pipelines" / "templates" / "nq57-01.yml")


@pytest.fixture(scope="module")
def words(template: Template) -> Words:
    return forms.form_words(template, SEEDS)


@pytest.fixture
def book(template: Template, words: Words, tmp_path: Path):
    path = tmp_path / "form.xlsx"
    forms.blank_form(template, path, "BTC", KNOWN, words)
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


def test_codes_become_the_words_that_the_form_offers(book):
    assert [cell.value for cell in book["Dịch vụ công"][2][:4]] == [
        *("1.000100", "Cấp giấy phép", "Một phần"),
        None,  # the period is for the agency to say
    ]


def test_every_form_asked_of_the_agency_has_its_sheet(book, template: Template):
    sheets = [template.forms[name].sheet for name in ("cover", *KNOWN)]
    assert book.sheetnames == sheets
    for name in KNOWN:
        header = [cell.value for cell in book[template.forms[name].sheet][1]]
        assert header == [column.header for column in template.forms[name].columns]


def test_yes_and_no_are_words_too(template: Template, words: Words, tmp_path: Path):
    column = {"commune_code": "00004", "criterion_code": "TC01", "is_met": False}
    forms.blank_form(template, tmp_path / "a.xlsx", "P01", {"commune_criteria": [column]}, words)
    sheet = load_workbook(tmp_path / "a.xlsx")["Tiêu chí cấp xã"]
    assert [cell.value for cell in sheet[2][:3]] == ["00004", "TC01", "Không đạt"]


def test_below_the_filled_rows_are_as_many_blank_ones_as_the_form_asks_for(book, template):
    """A year of ten months for thirty procedures fits into the sheet of services."""
    for name, records in KNOWN.items():
        form = template.forms[name]
        assert book[form.sheet].max_row == 1 + len(records) + form.blank_rows
    assert template.forms["services"].blank_rows >= 300
    (dates, *_) = [
        rule for rule in book["Dịch vụ công"].data_validations.dataValidation if rule.type == "date"
    ]
    assert int(str(dates.sqref).rpartition(":")[2][1:]) >= 301


def test_headers_stand_still_and_explain_themselves(book):
    sheet = book["Nhiệm vụ"]
    assert sheet.freeze_panes == "C2"
    assert "dd/mm/yyyy" in sheet[f"{column_letter(sheet, 'Ngày giao')}1"].comment.text


@pytest.mark.parametrize(
    ("sheet_name", "header", "rule", "number_format"),
    [
        ("Nhiệm vụ", "Mã nhiệm vụ", None, "@"),
        ("Nhiệm vụ", "Tiến độ (%)", ("decimal", "0", "100"), "0"),
        ("Nhiệm vụ", "Ngày hoàn thành", ("date", "43831", None), "dd/mm/yyyy"),
        ("Dịch vụ công", "Mã thủ tục", None, "@"),
        (
            "Dịch vụ công",
            "Mức độ",
            ("list", '"Toàn trình,Một phần,Chưa trực tuyến"', None),
            "General",
        ),
        ("Dịch vụ công", "Tổng hồ sơ tiếp nhận", ("whole", "0", None), "#,##0"),
        ("Cơ sở dữ liệu", "Đã kết nối", ("list", '"Có,Không"', None), "General"),
        ("Chỉ tiêu", "Giá trị", None, "General"),
    ],
)
def test_cells_help_while_typing(book, sheet_name, header, rule, number_format):
    sheet = book[sheet_name]
    rules = {
        str(one.sqref).split(":")[0]: (one.type, one.formula1, one.formula2)
        for one in sheet.data_validations.dataValidation
    }
    place = column_letter(sheet, header) + "2"
    assert rules.get(place) == rule
    assert sheet[place].number_format == number_format


def test_grey_cells_are_those_of_the_register(book, template: Template):
    for name in KNOWN:
        form = template.forms[name]
        for cell, column in zip(book[form.sheet][2], form.columns, strict=True):
            assert (cell.fill.start_color.rgb == "00F1F4F8") == column.is_register
            assert cell.border.left.style == "thin"


def test_lists_are_short_enough_to_be_offered(words: Words):
    """A spreadsheet program takes 255 characters, and a comma parts the words."""
    for offered in words.values():
        assert offered
        assert len(",".join(offered.values())) <= 255
        assert not any("," in word for word in offered.values())


def test_text_never_becomes_a_formula(book):
    cell = book["Nhiệm vụ"]["B2"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


def test_statuses_offered_are_one_per_status(words: Words):
    assert list(words["status"]) == ["DONE", "IN_PROGRESS", "NOT_STARTED", "REGULAR", "SUSPENDED"]


def test_same_input_gives_the_same_bytes(template: Template, words: Words, tmp_path: Path):
    for name in ("a.xlsx", "b.xlsx"):
        forms.blank_form(template, tmp_path / name, "BTC", KNOWN, words)
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


def test_a_province_with_all_its_communes_waits_seconds(
    template: Template, words: Words, tmp_path: Path
):
    criteria = [
        {"commune_code": f"{commune:05}", "criterion_code": f"TC{criterion:02}"}
        for commune in range(168)
        for criterion in range(1, 17)
    ]
    started = perf_counter()
    known = KNOWN | {"commune_criteria": criteria}
    forms.blank_form(template, tmp_path / "a.xlsx", "P01", known, words)
    assert perf_counter() - started < 15  # 0.3 s on 2 cores (2026-11-24)


def read_back(template: Template, words: Words, path: Path, rows, *, on: date, agency: str):
    """What is read of a form that was filled in as asked."""
    cover = {"agency_code": agency, "reporting_date": on, "template_version": "1"}
    forms.write_form(
        template, path, {n: [row.cells for row in rows[n]] for n in rows}, cover, words
    )
    desk = Desk.set_up(SEEDS, (PROJECT_ROOT / "pipelines" / "templates",))
    reading = read_file(Sent(path, agency, path.name), desk)
    assert (reading.status, reading.claimed_agency_code) == ("READ", agency)
    assert (reading.reporting_date, reading.period_start) == (on, None)
    assert not reading.unmatched_sheets
    for form in reading.forms:
        assert not form.missing_columns + form.unmatched_columns
    return {
        form.form: {column.name: parsed for column, parsed in form.columns}
        for form in reading.forms
    }


@pytest.mark.parametrize("agency", ["BKHCN", "P79", "P12"])
def test_filled_tasks_read_back_as_they_were_filled(
    template: Template, words: Words, tmp_path: Path, agency: str
):
    truth, on = make_truth(), REPORTING_DATES[1]
    rows = {"tasks": task_rows(truth, agency, on, words["status"])}
    columns = read_back(template, words, tmp_path / "form.xlsx", rows, on=on, agency=agency)[
        "tasks"
    ]
    codes = [parsed.value for parsed in columns["task_code"]]
    for (code, name), expected in truth.expected_cells(agency, on).items():
        parsed = columns[name][codes.index(code)]
        assert parsed.problem is None
        value = parsed.value.day if name == "deadline" else parsed.value
        assert (value or None) == (expected or None)


@pytest.mark.parametrize("agency", ["BTC", "P04"])
def test_filled_rows_read_back_as_they_were_filled(
    template: Template, words: Words, tmp_path: Path, agency: str
):
    truth = RowTruth(SEEDS)
    records = {
        name: [one for on in sorted(truth.dates) for one in truth.rows(name, on, agency)]
        for name in template.forms
        if name in truth.forms
    }
    rows = {name: record_rows(template.forms[name], records[name], words) for name in records}
    read = read_back(
        template, words, tmp_path / "form.xlsx", rows, on=REPORTING_DATES[-1], agency=agency
    )
    assert sum(map(len, records.values())) > 50
    for form, said in records.items():
        for name, parsed in read[form].items():
            problems = {cell.problem for cell in parsed} | {cell.repair for cell in parsed}
            assert problems <= {None, "number_text"}, name  # `> 5` is text
            values = [getattr(cell.value, "main", cell.value) for cell in parsed]
            assert values == [record[name] for record in said], name


@pytest.fixture
def published(settings: Settings) -> Settings:
    """A release by hand that holds what the prefills ask for."""
    settings.published.mkdir(parents=True)
    with duckdb.connect(str(settings.published / DATABASE)) as connection:
        connection.execute(PUBLISHED)
    return settings


PUBLISHED = """
    create schema marts;
    create table marts.dim_agencies as
        select * from (values
            ('BTC', 'central', null), ('P01', 'provinces', null), ('G01', null, null),
            ('T01', 'provinces', date '2025-06-30')
        ) as made (agency_code, peer_group, valid_to);
    create table marts.dim_tasks as
        select 'NQ71-001' as task_code, 'Một việc' as title, 'Bộ Tài chính' as lead_agencies,
            '' as coordinating_agencies, date '2025-04-01' as assigned_on,
            null::date as deadline, null as deadline_precision, 'regular' as deadline_kind,
            null::date as withdrawn_on;
    create table marts.bridge_task_agencies as
        select 'NQ71-001' as task_code, 'BTC' as agency_code, null::date as valid_to;
    create table marts.dim_services as
        select '1.000100' as procedure_code, agency_code, 'Cấp giấy phép' as procedure_name,
            'full' as service_level, withdrawn_on
        from (values ('BTC', null), ('P01', null), ('P01', date '2025-09-23'))
            as made (agency_code, withdrawn_on);
    create table marts.dim_datasets as
        select 'CSDL-01' as dataset_code, 'Dữ liệu đất đai' as dataset_name, 'BTC' as agency_code,
            1885::bigint as records_expected, 30::bigint as update_cycle_days,
            null::date as withdrawn_on;
    create table marts.dim_indicators as
        select 'GDP' as indicator_code, 'Tỷ trọng' as indicator_name, 'BTC' as agency_code,
            'tỷ đồng' as unit_raw, null::date as withdrawn_on;
    create table marts.dim_criteria as
        select 'TC01' as criterion_code, null::date as withdrawn_on;
    create table marts.dim_communes as
        select '00004' as commune_code, 'P01' as agency_code, null::date as withdrawn_on;
"""


def test_a_form_holds_what_the_register_knows_of_the_agency(published: Settings, tmp_path: Path):
    counts = write_blank(published, "BTC", tmp_path / "BTC.xlsx")
    assert counts == {"Tasks": 1, "Public services": 1, "Datasets": 1, "Indicators": 1}
    book = load_workbook(tmp_path / "BTC.xlsx")
    first = {sheet.title: [cell.value for cell in sheet[2]] for sheet in book.worksheets[1:]}
    assert first["Nhiệm vụ"][5] == "Thường xuyên"
    assert first["Dịch vụ công"][:3] == ["1.000100", "Cấp giấy phép", "Toàn trình"]
    assert [value for value in first["Cơ sở dữ liệu"] if value] == [
        *("CSDL-01", "Dữ liệu đất đai"),
        *(1885, 30),
    ]
    assert first["Chỉ tiêu"][:4] == ["GDP", "Tỷ trọng", None, "tỷ đồng"]


def test_a_province_is_asked_for_its_communes(published: Settings, tmp_path: Path):
    counts = write_blank(published, "P01", tmp_path / "P01.xlsx")
    assert counts == {
        **{"Tasks": 0, "Public services": 1, "Datasets": 0, "Indicators": 0},
        "Commune criteria": 1,
    }
    sheet = load_workbook(tmp_path / "P01.xlsx")["Tiêu chí cấp xã"]
    assert [cell.value for cell in sheet[2]][:2] == ["00004", "TC01"]


@pytest.mark.parametrize("code", ["NOBODY", "T01", "G01"])
def test_only_agencies_that_report_have_a_form(published: Settings, tmp_path: Path, code: str):
    with pytest.raises(UnknownName, match=r"BTC, P01$"):
        write_blank(published, code, tmp_path / "form.xlsx")
