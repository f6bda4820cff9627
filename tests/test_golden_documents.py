"""Tables of published documents, with the errors that were printed in them, found at their cell."""

import golden_documents as golden
import pytest

from pipelines.settings import PROJECT_ROOT
from pipelines.workbook.desk import Desk, Sent
from pipelines.workbook.submission import read_file

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"


@pytest.fixture
def read(tmp_path):
    def reading(make, template):
        desk = Desk.set_up(SEEDS, (golden.template(tmp_path / "templates", template),))
        path = make(tmp_path / "golden.xlsx")
        found = read_file(Sent(path, "BCD", path.name), desk)
        assert found.status == "READ", (found.reason_code, found.detail)
        [form] = found.forms
        return form

    return reading


def noted(form, code):
    return [note.detail for note in form.notes if note.code == code]


def column(form, name):
    return next(cells for column, cells in form.columns if column.name == name)


def values(form, name):
    return [cell.value for cell in column(form, name)]


def test_the_ministries_are_1200_where_1199_is_printed(read):
    form = read(golden.ministries_against_their_total, golden.SERVICES)
    assert noted(form, "total_differs") == ["F9: 1.199 ≠ 1200", "H9: 517 ≠ 516"]
    assert noted(form, "row_sum_differs") == []


def test_the_row_of_lao_cai_is_shifted(read):
    form = read(golden.lao_cai_shifted, golden.SERVICES)
    assert noted(form, "row_sum_differs") == ["E3: ∅ ≠ 1149 + 1100"]
    assert values(form, "agency_code") == [("P01",), ("P15",), ("P01",), ("P79",)]
    for name in ("due", "provided", "integrated", "remaining", "rate"):
        shifted = column(form, name)[1]
        assert (shifted.value, shifted.problem) == (None, "cells_shifted"), name
    assert values(form, "procedures") == [1500, 1200, 20, 1600]


def test_annex_three_does_not_add_up(read):
    form = read(golden.provinces_that_do_not_add_up, golden.SERVICES)
    assert noted(form, "row_sum_differs") == ["E25: 2151 ≠ 1852 + 399", "E26: 2102 ≠ 1808 + 399"]
    assert noted(form, "serial_differs") == ["A26: 23 ≠ 25"]


def test_113_and_101_are_not_115(read):
    form = read(golden.moet_row, golden.SERVICES)
    assert noted(form, "row_sum_differs") == ["E2: 115 ≠ 113 + 101"]


def test_numbers_in_every_style_of_one_document(read):
    form = read(golden.number_styles, golden.SERVICES)
    assert values(form, "procedures") == [1885, 1149, 1885]
    assert values(form, "unused") == [7, 9, 7]
    assert values(form, "due") == [3, 10, 3]
    assert values(form, "rate") == [94.29, 80.68, 99.4]
    assert [cell.state for cell in column(form, "integrated")] == ["filler", "blank", "present"]
    assert [cell.state for cell in column(form, "remaining")] == ["filler", "present", "present"]


def test_inputs_of_an_audit(read):
    form = read(golden.audit_inputs, golden.AUDIT)
    assert form.row_numbers == (8, 9)
    assert values(form, "groups") == ["1,3;5", "2"]
    assert values(form, "planned") == [12, 7]
    assert [cell.state for cell in column(form, "done")] == ["present", "unreadable"]
    assert [row.row_number for row in form.structure if row.row_class == "index"] == [7]


def test_a_provincial_report_under_merged_headers(read):
    form = read(golden.provincial_report, golden.PROVINCIAL)
    assert form.missing_columns == ()
    assert form.row_numbers == (5, 6, 8)
    assert form.sections == ("I | Sở, ban, ngành", "I | Sở, ban, ngành",
                             "II | Cấp huyện / Văn phòng đăng ký đất đai")  # fmt: skip
    assert values(form, "late") == [None, None, 2]
    assert values(form, "reused") == [5, None, 1]
    assert noted(form, "row_sum_differs") == ["B6: 50 ≠ 30 + 15 + 15"]


def test_a_day_of_january_is_no_month(read):
    form = read(golden.months_as_serials, golden.REPORT)
    assert form.row_numbers == tuple(range(11, 23))
    assert {(cell.value, cell.state) for cell in column(form, "month")} == {(None, "unreadable")}
    assert values(form, "assigned") == [5] * 12


def test_numbers_of_a_notice_out_of_order(read):
    form = read(golden.notice_numbering, golden.NUMBERED)
    assert len(form.row_numbers) == 48
    assert noted(form, "serial_differs") == ["A21: 22 ≠ 19", "A40: 37 ≠ 38"]
    assert {row.row_class for row in form.structure} == {"section", "blank", "note"}
