from pathlib import Path

import golden
import pytest

from pipelines.settings import PROJECT_ROOT
from pipelines.workbook.desk import Desk, Sent
from pipelines.workbook.layout.likeness import load_likeness
from pipelines.workbook.match import (
    KnownHeaders,
    answered_form,
    is_sheet_of,
    like_columns,
    match_headers,
)
from pipelines.workbook.parsing.text import fold
from pipelines.workbook.submission import read_file
from pipelines.workbook.template import load_template, load_templates

TASKS = load_template(PROJECT_ROOT / "pipelines" / "templates" / "nq57-01.yml").forms["tasks"]


def matched(*headers):
    return match_headers(KnownHeaders(TASKS), [[header] for header in headers])


def test_headers_match_whatever_their_case_marks_and_blanks():
    found = matched("MÃ NHIỆM VỤ", "Tên\nnhiệm  vụ", "Cơ quan chủ trì\u00a0", "thoi han hoan thanh")

    assert found.columns == {"task_code": 0, "title": 1, "lead_agency": 2, "deadline": 3}


def test_an_exact_header_goes_before_an_alias():
    """`Tiến độ` is an alias of the status, and part of the header of the percentage."""
    assert matched("Tiến độ", "Tiến độ (%)").columns == {"status": 0, "percent_complete": 1}
    assert matched("Tiến độ", "Trạng thái").columns == {"status": 1}


def test_a_second_column_of_one_name_is_reported():
    found = matched("Mã nhiệm vụ", "Mã NV", "Mã nhiệm vụ")

    assert found.columns == {"task_code": 0}
    assert found.unmatched == ((1, "Mã NV"), (2, "Mã nhiệm vụ"))


def test_unknown_headers_are_kept_by_name_and_blank_ones_are_not():
    assert matched("STT", "", "Mã nhiệm vụ", "Ghi  chú").unmatched == ((0, "STT"), (3, "Ghi chú"))


@pytest.mark.parametrize("name", ["Nhiệm vụ", "NHIỆM VỤ ", "nhiem vu", "Danh sách nhiệm vụ"])
def test_sheets_are_known_by_name_and_alias(name):
    assert is_sheet_of(TASKS, name)
    assert not is_sheet_of(TASKS, "Biểu 1")


TEMPLATES = load_templates((PROJECT_ROOT / "pipelines" / "templates",))
SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
LIKENESS = load_likeness(SEEDS, "header")
TABLES = [
    (f"{template.template}.{name}", form)
    for template in TEMPLATES
    for name, form in template.forms.items()
]
SERVICES = next(form for name, form in TABLES if name == "nq57-01.services")
DATASETS = next(form for name, form in TABLES if name == "nq57-01.datasets")


def judged(form, *texts, found=()):
    assert LIKENESS is not None
    return like_columns(form, {*found}, texts, LIKENESS)


def texts_of(column):
    return (column.header, *column.aliases)


@pytest.mark.parametrize(("name", "form"), TABLES, ids=[name for name, _ in TABLES])
def test_no_header_of_another_column_is_taken_for_its_likeness(name, form):
    """Were a column unknown to a form, its header must not be believed to be another column."""
    for column in form.columns:
        others = tuple(other for other in form.columns if other is not column)
        rest = form.model_copy(update={"columns": others})
        for text in texts_of(column):
            for match in judged(rest, text):
                assert match.verdict != "accepted", f"{text} as {match.column_name} of {name}"


def test_no_header_of_any_form_is_taken_for_another_meaning():
    names = {
        (text, column.name)
        for _, form in TABLES
        for column in form.columns
        for text in texts_of(column)
    }
    for where, form in TABLES:
        for text, meant in names:
            for match in judged(form, text):
                is_right = match.verdict != "accepted" or match.column_name == meant
                assert is_right, f"{text} ({meant}) as {match.column_name} of {where}"


@pytest.mark.parametrize(
    ("form", "text", "column"),
    [
        (TASKS, "Mã nhim vụ", "task_code"),
        (TASKS, "Cơ qaun chủ trì", "lead_agency"),
        (TASKS, "Thời hạn hoàn thnh", "deadline"),
        (TASKS, "Khó khăn vướng mắc", "obstacles"),
        (TASKS, "Tên nhiệm vụ [1]", "title"),
        (TASKS, "Tênnhiệm vụ", "title"),
        (SERVICES, "Tổng số hồ sơ đã tiếp nhận", "dossiers_received"),
        (SERVICES, "Tổng hồ sơ tiếp nhận (hồ sơ)", "dossiers_received"),
        (SERVICES, "Hồ sơ trực tuyến toàn trìn", "dossiers_fully_online"),
        (SERVICES, "Hồ sơ nộp qua VNelD", "dossiers_via_vneid"),
        (DATASETS, "Số bn ghi trùng", "records_duplicate"),
        (DATASETS, "Số bản ghi đã xác thực (bản ghi)", "records_verified"),
    ],
)
def test_slips_of_writing_are_taken_and_recorded(form, text, column):
    (match,) = judged(form, text)

    assert (match.column_name, match.verdict) == (column, "accepted")
    assert match.score >= 90


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (SERVICES, "Giải quyết đúg hạn"),
        (SERVICES, "Giải quyết trước hạn"),
        (SERVICES, "Đến ngy"),
        (SERVICES, "Hồ sơ trực tuyến một phần"),
        (SERVICES, "Hồ sơ giải quyết"),
        (SERVICES, "Chưa giải quyết"),
        (SERVICES, "Không giải quyết"),
        (DATASETS, "Tự đánh giá đún"),
        (DATASETS, "Số bản ghi phải hiện có"),
        (DATASETS, "Chu kỳ cập nhật (tháng)"),
        (TASKS, "Ngày hoàn thành dự kiến"),
        (TASKS, "Hạn ban đầu"),
    ],
)
def test_what_may_mean_something_else_is_never_taken(form, text):
    (match,) = judged(form, text)

    assert match.verdict != "accepted"
    assert match.header_text == text


def one_letter_off(text):
    """Every text that lacks one letter, or has two swapped."""
    for place in range(len(text)):
        yield text[:place] + text[place + 1 :]
        if place + 1 < len(text):
            yield text[:place] + text[place + 1] + text[place] + text[place + 2 :]


@pytest.mark.parametrize("name", ["nq57-01.tasks", "nq57-01.services", "nq57-01.datasets"])
def test_a_letter_lost_or_two_swapped_never_make_another_column(name):
    """Most of them are taken for what they are; none for something else."""
    form = dict(TABLES)[name]
    right = count = 0
    for column in form.columns:
        for text in dict.fromkeys(one_letter_off(column.header)):
            for match in judged(form, text):
                count += 1
                right += match.verdict == "accepted"
                assert match.verdict != "accepted" or match.column_name == column.name, text

    print(name, f"{right} of {count} taken")
    assert right > 0.4 * count


def test_two_headers_for_one_column_are_both_asked_about():
    matches = judged(TASKS, "Mã nhim vụ", "Mã nhiêm  vụu", "Mã nhiệmvụ")

    assert {match.verdict for match in matches} == {"asked"}


def test_a_column_that_is_there_is_not_found_twice():
    (match,) = judged(TASKS, "Mã nhim vụ", found=["task_code"])

    assert (match.column_name, match.verdict) == (None, "refused")


def test_an_answer_makes_a_header_known_or_never_asked_about_again():
    answered = answered_form(TASKS, {"noi dung viec": "title", "ma nhim vu": "none"})

    assert match_headers(KnownHeaders(answered), [["Nội dung việc"]]).columns == {"title": 0}
    assert judged(answered, "Mã nhim vụ", "Nội dung việc") == ()


def test_a_header_over_two_rows_is_asked_about_by_its_lowest(tmp_path: Path):
    seeds = PROJECT_ROOT / "dbt_project" / "seeds"
    desk = Desk.set_up(seeds, (PROJECT_ROOT / "pipelines" / "templates",))
    header = "Thông tin theo dõi"
    rows = (
        (*golden.HEADER[:3], header, None),
        (None, None, None, "Thời hạn hoàn thành", "Trạng thái nv"),
        golden.ROW,
    )
    path = golden.workbook(tmp_path / "a.xlsx", rows)
    reading = read_file(Sent(path, "BKHCN", "a.xlsx"), desk)
    asked = [(one.header_text, one.column_name, one.verdict) for one in reading.header_questions]
    assert asked == [("Thông tin theo dõi / Trạng thái nv", "status", "asked")]
    assert ("column_unmatched", "Thông tin theo dõi / Trạng thái nv (E)") in [
        (note.code, note.detail) for note in reading.notes
    ]

    answers = {"tasks": {fold(asked[0][0]): "status"}}
    answered = read_file(Sent(path, "BKHCN", "a.xlsx", answers), desk)
    status = next(cells for column, cells in answered.forms[0].columns if column.name == "status")
    assert [cell.value for cell in status] == ["IN_PROGRESS"]
