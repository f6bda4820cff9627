import pytest

from pipelines.settings import PROJECT_ROOT
from pipelines.workbook.match import KnownHeaders, is_sheet_of, match_headers
from pipelines.workbook.template import load_template

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
