"""The seven published layouts of task lists, none of which has a code; answers about headers."""

from datetime import UTC, date, datetime

import pytest
from golden import HEADER, ROW, workbook
from openpyxl import Workbook

from pipelines.intake.archive import Decision
from pipelines.settings import Settings
from pipelines.workbook.desk import Desk, Sent
from pipelines.workbook.layout.header_answers import HeaderAnswers
from pipelines.workbook.submission import read_file

SETTINGS = Settings.from_environment()
LAYOUTS = {
    "notice_624_annex_1": {
        "STT": None,
        "Nhiệm vụ": "title",
        "Văn bản giao nhiệm vụ": "legal_basis",
        "Cơ quan chủ trì thực hiện": "lead_agency",
        "Thời hạn hoàn thành": "deadline",
    },
    "notice_624_annex_2": {
        "STT": None,
        "Tên nhiệm vụ": "title",
        "Đơn vị chủ trì": "lead_agency",
        "Thời hạn": "deadline",
        "Kết quả thực hiện": "result_reported",
        "Tiến độ": "status",
    },
    "resolutions_03_and_71_annex_2": {
        "TT": None,
        "Tên nhiệm vụ": "title",
        "Cơ quan chủ trì": "lead_agency",
        "Cơ quan phối hợp": "coordinating_agencies",
        "Kết quả": "deliverable",
        "Thời gian hoàn thành": "deadline",
    },
    "dispatch_6225": {
        "STT": None,
        "Tên nhiệm vụ": "title",
        "Người đứng đầu chịu trách nhiệm": "responsible_person",
        "Cơ quan chủ trì": "lead_agency",
        "Cơ quan phối hợp": "coordinating_agencies",
        "Kết quả thực hiện": "result_reported",
        "Thời hạn hoàn thành": "deadline",
    },
    "draft_report_annex_1": {
        "TT": None,
        "NHIỆM VỤ": "title",
        "KẾT QUẢ YÊU CẦU": "deliverable",
        "THỜI GIAN HOÀN THÀNH": "deadline",
        "CƠ QUAN THỰC HIỆN": "lead_agency",
        "TIẾN ĐỘ": "status",
        "KẾT QUẢ HIỆN NAY": "result_reported",
    },
    "draft_report_annex_2": {
        "STT": None,
        "NHIỆM VỤ": "title",
        "VĂN BẢN GIAO VIỆC": "legal_basis",
        "THỜI HẠN": "deadline",
        "TIẾN ĐỘ": "status",
        "KẾT QUẢ HIỆN NAY": "result_reported",
        "ĐỀ XUẤT/KIẾN NGHỊ": "proposal",
    },
    "mission_sheet": {
        "Tên nhiệm vụ": "title",
        "Mã ĐV chủ trì": "lead_agency",
        "Ngày bắt đầu": "started_on",
        "Ngày kết thúc": "deadline",
        "Đơn vị thực hiện": "coordinating_agencies",
    },
}
CELLS = {
    None: 1,
    "title": "Xây dựng nền tảng dữ liệu dùng chung",
    "legal_basis": "Thông báo số 552/TB-VPCP",
    "lead_agency": "Bộ Công an",
    "coordinating_agencies": "Bộ Tài chính; Bộ Y tế",
    "deadline": "31/12/2025",
    "started_on": "01/07/2025",
    "status": "Đang thực hiện",
    "deliverable": "Báo cáo",
    "result_reported": "Đang lấy ý kiến",
    "responsible_person": "Bộ trưởng",
    "proposal": "Không",
}
AS_OF = "(Số liệu tính đến ngày 07/11/2025)"


@pytest.fixture(scope="module")
def desk():
    return Desk.set_up(SETTINGS.seeds, SETTINGS.templates)


def saved(path, *rows):
    book = Workbook()
    book.worksheets[0].title = "Biểu 1"
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_each_layout_is_read_under_the_names_of_the_form(tmp_path, desk, layout):
    rows = [(AS_OF,), (*layout,), tuple(CELLS[name] for name in layout.values())]
    reading = read_file(Sent(saved(tmp_path / "phu_luc.xlsx", *rows), "VPCP", "phu_luc.xlsx"), desk)

    assert (reading.status, reading.template) == ("READ", "tasks-without-code")
    assert reading.reporting_date == date(2025, 11, 7)
    (form,) = reading.forms
    found = {one.column_name: one.header_text for one in form.source_columns}
    assert found == {name: header for header, name in layout.items() if name}
    assert form.row_numbers == (3,)
    assert not reading.header_questions


@pytest.mark.parametrize(
    "lines",
    [(), ("Tính đến ngày 07/11/2025", "Số liệu đến ngày 14/11/2025")],
    ids=["no_date", "two_dates"],
)
def test_without_one_date_the_list_is_refused(tmp_path, desk, lines):
    layout = LAYOUTS["notice_624_annex_1"]
    rows = [(*layout,), tuple(CELLS[name] for name in layout.values())]
    path = saved(tmp_path / "phu_luc.xlsx", *((line,) for line in lines), *rows)
    reading = read_file(Sent(path, "VPCP", path.name), desk)

    assert (reading.status, reading.reason_code) == ("REFUSED", "no_reporting_date")
    assert all(text[-10:] in (reading.detail or "") for text in lines)


def with_header(tmp_path, old, new):
    header = tuple(new if text == old else text for text in HEADER)
    return workbook(tmp_path / "bao_cao.xlsx", (header, ROW))


def test_a_slip_in_a_needed_header_is_taken_and_told(tmp_path, desk):
    path = with_header(tmp_path, "Mã nhiệm vụ", "Mã nhim vụ")
    reading = read_file(Sent(path, "BKHCN", path.name), desk)

    assert (reading.status, reading.template) == ("READ", "nq57-01")
    (question,) = reading.header_questions
    assert (question.column_name, question.verdict) == ("task_code", "accepted")
    assert "column_by_likeness" in {note.code for note in reading.notes}


def test_a_doubtful_header_waits_and_an_answer_settles_it(tmp_path, desk):
    path = with_header(tmp_path, "Trạng thái", "Trạng thái nv")
    asked = read_file(Sent(path, "BKHCN", path.name), desk)
    (question,) = asked.header_questions
    assert (question.column_name, question.verdict) == ("status", "asked")
    assert "status" not in {one.column_name for one in asked.forms[0].source_columns}

    def answered(answer):
        answers = {"tasks": {question.decision_key.split("|")[2]: answer}}
        return read_file(Sent(path, "BKHCN", path.name, answers), desk)

    assert "status" in {one.column_name for one in answered("status").forms[0].source_columns}
    assert not answered("status").header_questions
    assert not answered("none").header_questions
    assert "Trạng thái nv" in answered("none").forms[0].unmatched_columns


def test_answers_name_the_readings_of_their_agency_alone():
    def decision(kind, key, answer, day=1):
        return Decision(datetime(2025, 10, day, tzinfo=UTC), "x", kind, key, answer, "y")

    given = [
        decision("header_match", "BKHCN|tasks|noi dung", "none", 2),
        decision("header_match", "BKHCN|tasks|noi dung", "title", 3),
        decision("header_match", "BTC|tasks|a|b", "none"),
        decision("row_match", "BYT|tasks|0123", "NQ71-001"),
    ]
    answers = HeaderAnswers.of(given)

    assert answers.about("BKHCN") == {"tasks": {"noi dung": "title"}}
    assert answers.about("BTC") == {"tasks": {"a|b": "none"}}
    assert answers.reading_key("k", "BYT") == "k"
    assert answers.reading_key("k", "BKHCN") != HeaderAnswers.of(given[:1]).reading_key(
        "k", "BKHCN"
    )
    assert answers.reading_key("k", "BTC").startswith("k-")
