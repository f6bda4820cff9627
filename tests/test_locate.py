import csv
import re
from dataclasses import replace

import pytest
from golden import COVER, HEADER, ROW

from pipelines.settings import PROJECT_ROOT
from pipelines.workbook.cells import Cell, Sheet
from pipelines.workbook.layout.rows import read_rows
from pipelines.workbook.layout.table_notes import table_notes
from pipelines.workbook.locate import Layout, Misfit, lay_out
from pipelines.workbook.template import load_template

TEMPLATE = load_template(PROJECT_ROOT / "pipelines" / "templates" / "nq57-01.yml")
REGISTER = load_template(PROJECT_ROOT / "pipelines" / "templates" / "register-01.yml")
PREAMBLE = (("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",), ("Độc lập - Tự do - Hạnh phúc",), (), ())


def sheet(*rows, name="Nhiệm vụ"):
    cells = [
        tuple(None if text is None else Cell(str(text), "text", str(text)) for text in row)
        for row in rows
    ]
    return Sheet(name, tuple(cells))


def table(*rows):
    layout = lay_out(TEMPLATE, [sheet(*rows)])
    assert isinstance(layout, Layout)
    [found] = layout.tables
    return found


def classes(*rows):
    read = read_rows(table(HEADER, *rows), {})
    return list(read.row_numbers), [row.row_class for row in read.structure]


def test_the_header_is_found_by_content():
    found = table(*PREAMBLE, HEADER, ROW)

    assert (found.header_row, found.first_row) == (4, 5)
    assert read_rows(found, {}).row_numbers == (6,)


def test_a_header_on_two_merged_rows():
    upper = ("Mã nhiệm vụ", "Tên nhiệm vụ", "Thời gian", None, "Trạng thái")
    lower = (None, None, "Ngày bắt đầu", "Ngày hoàn thành", None)
    found = table(*PREAMBLE, upper, lower, ROW)

    assert found.headers.columns["started_on"] == 2
    assert found.headers.columns["completed_on"] == 3
    assert [found.header_text(place) for place in (0, 3)] == [
        "Mã nhiệm vụ",
        "Thời gian / Ngày hoàn thành",
    ]
    assert read_rows(found, {}).row_numbers == (7,)


@pytest.mark.parametrize(
    ("row", "row_class"),
    [
        ((), "blank"),
        ((None, "  "), "blank"),
        (("(1)", "(2)", "(3)", "(4)", "(5)"), "index"),
        (("1", "2", "3", "4", "(5)=(3)+(4)"), "index"),
        (("I", "Nhiệm vụ theo Nghị quyết 71/NQ-CP"), "section"),
        (("A.", "Nhiệm vụ trong tháng"), "section"),
        (("II. Nhiệm vụ giao Bộ trưởng chỉ đạo",), "section"),
        (("Tổng cộng", "12 nhiệm vụ"), "total"),
        (("Tổng số", None, "3", "4", "5"), "total"),
        (("Ghi chú: số liệu giả định",), "note"),
        ((None, "(*) Chưa chốt"), "note"),
        (HEADER, "note"),
        (("Ví dụ", "Xây dựng đề án"), "example"),
    ],
)
def test_rows_of_structure_are_kept_with_their_class(row, row_class):
    assert classes(row, ROW) == ([3], [row_class])


@pytest.mark.parametrize(
    "row",
    [
        ("NQ71-002",),
        (None, "Nhiệm vụ không có mã"),
        (None, None, "Bộ Công an"),
        ("NQ71-003", "Tổng kết thi hành Luật"),
        ("1", "2"),
    ],
)
def test_what_may_be_data_is_data(row):
    assert classes(ROW, row) == ([2, 3], [])


def test_every_row_below_the_header_comes_out_once():
    rows = [("I", "Mục"), ROW, (), ("Tổng cộng",), ROW, ("Ghi chú: x",)]
    data, structure = classes(*rows)

    assert len(data) + len(structure) == len(rows)


def test_a_sheet_of_another_name_is_found_by_its_headers():
    cover = sheet(*COVER, name="Bìa")
    layout = lay_out(
        TEMPLATE, [sheet(("Chọn",), name="hướng dẫn"), cover, sheet(HEADER, ROW, name="BIEU 01")]
    )

    assert isinstance(layout, Layout)
    assert layout.tables[0].sheet.name == "BIEU 01"
    assert layout.cover_sheet == cover
    assert layout.unmatched_sheets == ("hướng dẫn",)


ALL_FORMS = [
    pytest.param(template, name, id=name)
    for template in (TEMPLATE, REGISTER)
    for name, form in template.forms.items()
    if form.layout == "table"
]


@pytest.mark.parametrize("is_renamed", [False, True])
@pytest.mark.parametrize(("template", "name"), ALL_FORMS)
def test_every_form_is_found_alone_under_its_name_or_another(template, name, is_renamed):
    form = template.forms[name]
    header = [column.header for column in form.columns]
    row = ["x"] * len(header)
    layout = lay_out(template, [sheet(header, row, name="BIEU 01" if is_renamed else form.sheet)])

    if is_renamed and len(header) == 2:  # two headers are too few to tell a form by
        assert isinstance(layout, Misfit)
        return
    assert isinstance(layout, Layout)
    assert [table.name for table in layout.tables] == [name]
    assert list(layout.tables[0].headers.columns) == [column.name for column in form.columns]


def test_all_forms_of_a_workbook_are_found():
    forms = [form for form in TEMPLATE.forms.values() if form.layout == "table"]
    sheets = [
        sheet([column.header for column in form.columns], ["x"], name=f"Sheet{number}")
        for number, form in enumerate(reversed(forms))
    ]
    layout = lay_out(TEMPLATE, sheets)

    assert isinstance(layout, Layout)
    found = {table.name: table.sheet.name for table in layout.tables}
    assert found == {
        **{"commune_criteria": "Sheet0", "indicators": "Sheet1", "datasets": "Sheet2"},
        **{"services": "Sheet3", "tasks": "Sheet4"},
    }
    assert not layout.unmatched_sheets


@pytest.mark.parametrize("name", ["Danh sách nhiệm vụ", "Nhiệm vụ (2)"])
def test_a_second_sheet_of_a_form_is_told_with_the_table_that_is_read(name):
    layout = lay_out(
        TEMPLATE,
        [
            sheet(*COVER, name="Thông tin"),
            sheet(HEADER, ROW),
            sheet(HEADER, ROW, name=name),
            sheet(("Phụ lục",), ("x", "y", "z"), name="Phụ lục"),
            sheet(name="Sheet3"),
        ],
    )

    assert isinstance(layout, Layout)
    assert [one.other_sheets for one in layout.tables] == [(name,)]
    assert layout.unmatched_sheets == (name, "Phụ lục")


def test_a_form_without_its_key_column_does_not_fit():
    misfit = lay_out(TEMPLATE, [sheet(HEADER[1:], ROW[1:])])

    assert isinstance(misfit, Misfit)
    assert "Mã nhiệm vụ" in misfit.reason


def test_an_empty_sheet_refuses_nothing():
    found = lay_out(TEMPLATE, [sheet(HEADER, ROW), sheet(name="Dịch vụ công")])

    assert isinstance(found, Layout)
    assert [one.name for one in found.tables] == ["tasks"]


def test_the_hint_beside_a_blank_answer_is_no_answer():
    hint = TEMPLATE.forms["cover"].column("agency_code").note_vi
    front = sheet(
        ("Mã cơ quan :", None, f"{hint} · hint"),
        ("Ngày báo cáo", None, "23/9/2025"),
        name="Thông tin",
    )
    layout = lay_out(TEMPLATE, [front, sheet(HEADER, ROW)])

    assert isinstance(layout, Layout)
    assert set(layout.cover) == {"reporting_date"}
    assert (layout.cover["reporting_date"].row_number, layout.cover["reporting_date"].place) == (
        2,
        2,
    )


SERVICES = [column.header for column in TEMPLATE.forms["services"].columns]
SERVICE = ["1.000123", "Cấp phép", "Toàn trình", "15/8/2025", "14/9/2025", *["1"] * 10]


def tables(*sheets):
    layout = lay_out(TEMPLATE, sheets)
    assert isinstance(layout, Layout)
    return layout.tables


def test_a_header_on_three_merged_rows_is_unmerged_and_joined():
    names = [*SERVICES[:5], "Tổng số", "Trực tuyến", None, "Giải quyết đúng hạn", "Quá hạn"]
    top = [*SERVICES[:5], "Hồ sơ tiếp nhận", None, None, "Đã giải quyết", None]
    middle = [None] * 5 + [None, "Trong đó", None, None, None]
    low = [None] * 5 + ["Tổng hồ sơ tiếp nhận", "Hồ sơ trực tuyến", *names[7:]]
    merged = (
        *((0, place, 2, place) for place in range(5)),
        *((0, 5, 0, 7), (0, 8, 0, 9), (1, 6, 1, 7), (1, 5, 2, 5)),
    )
    one = replace(sheet(top, middle, low, SERVICE, name="Dịch vụ công"), merged=merged)
    [found] = tables(one)

    assert (found.header_row, found.first_row) == (0, 3)
    assert found.header_text(6) == "Hồ sơ tiếp nhận / Trong đó / Hồ sơ trực tuyến"
    assert found.header_text(9) == "Đã giải quyết / Quá hạn"
    assert found.headers.columns["dossiers_online"] == 6
    assert found.headers.columns["resolved_on_time"] == 8


def test_a_short_alias_below_a_title_of_the_form_is_not_taken_for_the_column():
    # Late among those still open is not late among those settled.
    top = [*SERVICES[:6], "Đang giải quyết", None]
    low = [None] * 6 + ["Trong hạn", "Quá hạn"]
    merged = (*((0, place, 1, place) for place in range(6)), (0, 6, 0, 7))
    [found] = tables(replace(sheet(top, low, SERVICE, name="Dịch vụ công"), merged=merged))

    assert "resolved_late" not in found.headers.columns
    assert (7, "Đang giải quyết / Quá hạn") in found.headers.unmatched


def test_a_header_repeated_on_a_later_page_goes_on_with_the_table():
    [found] = tables(sheet(HEADER, ROW, (), HEADER, ("(1)", "(2)", "(3)"), ROW))
    read = read_rows(found, {})

    assert read.row_numbers == (2, 6)
    assert [(row.row_number, row.row_class) for row in read.structure] == [
        *((3, "blank"), (4, "note"), (5, "index"))
    ]


def test_another_form_below_on_the_same_sheet_is_read_too():
    tasks, services = tables(sheet(HEADER, ROW, (), ("Biểu 2",), SERVICES, SERVICE, SERVICE))

    assert (tasks.name, tasks.end_row) == ("tasks", 4)
    assert read_rows(tasks, {}).row_numbers == (2,)
    assert (services.name, read_rows(services, {}).row_numbers) == ("services", (6, 7))


def test_the_form_once_more_in_another_order_is_named_and_not_read():
    [found] = tables(sheet(HEADER, ROW, (), HEADER[::-1], ROW[::-1]))

    assert read_rows(found, {}).row_numbers == (2,)
    assert found.other_sheets == ("Nhiệm vụ!A4",)


@pytest.mark.parametrize(
    "header", [("STT", "Họ và tên", "Chức vụ"), ("Đơn vị trực thuộc", "Số cán bộ", "Ghi chú")]
)
def test_a_table_of_no_form_gives_no_data(header):
    [found] = tables(sheet(HEADER, ROW, (), header, ("Văn phòng", "mười hai", "đủ")))
    read = read_rows(found, {})

    assert read.row_numbers == (2,)
    assert [row.row_class for row in read.structure] == ["blank", "other", "other"]
    assert found.unknown_at == (3,)
    assert ("unknown_table", "4") in [(n.code, n.detail) for n in table_notes(found, read)]


def test_another_form_beside_on_the_same_rows_is_read_too():
    width = len(HEADER)
    tasks, services = tables(
        sheet([*HEADER, None, *SERVICES], [*ROW, *[None] * (width - len(ROW) + 1), *SERVICE])
    )

    assert tasks.name == "tasks"
    assert max(tasks.headers.columns.values()) < width
    assert services.headers.columns["procedure_code"] == width + 1
    assert read_rows(services, {}).columns["procedure_code"][0].text == "1.000123"


def test_a_visible_sheet_goes_before_a_hidden_one_and_hidden_parts_are_told():
    hidden = replace(sheet(HEADER, ROW), is_hidden=True)
    shown = replace(
        sheet(HEADER, ROW, ROW, name="Danh sách nhiệm vụ"),
        hidden_rows=frozenset({3}),
        hidden_columns=frozenset({1}),
    )
    [found] = tables(hidden, shown)
    notes = {note.code: note.detail for note in table_notes(found, read_rows(found, {}))}

    assert found.sheet.name == "Danh sách nhiệm vụ"
    assert found.other_sheets == ("Nhiệm vụ",)
    assert notes == {"header_found": "1", "hidden_rows": "3", "hidden_columns": "B"}
    [alone] = tables(hidden)
    told = {note.code for note in table_notes(alone, read_rows(alone, {}))}
    assert told == {"header_found", "hidden_sheet"}


def test_every_code_of_a_note_has_its_sentence():
    with (PROJECT_ROOT / "dbt_project" / "seeds" / "reading_notes.csv").open() as file:
        sentences = {row["code"]: row for row in csv.DictReader(file)}
    source = (PROJECT_ROOT / "pipelines" / "workbook" / "layout" / "table_notes.py").read_text()
    codes = set(re.findall(r'yield "(\w+)"', source)) | set(re.findall(r': "(\w+)",\n', source))

    assert len(codes) > 9
    assert codes <= sentences.keys()
    assert all(
        "{detail}" in row[f"sentence_{of}"] for row in sentences.values() for of in ("vi", "en")
    )


def test_signatures_below_a_table_are_notes():
    read = classes(
        ROW,
        (),
        (None, None, "Hà Nội, ngày 23 tháng 9 năm 2025"),
        ("Người lập biểu", None, "Thủ trưởng đơn vị"),
        ("(Ký, ghi rõ họ tên)", None, "(Ký tên, đóng dấu)"),
        ("Người thứ nhất", None, "Người thứ hai"),
    )
    assert read == ([2], ["blank", "note", "note", "note", "note"])
