"""Cells and titles that speak for more than their own place are never silently another's."""

import golden_shared as golden
import pytest

from pipelines.settings import PROJECT_ROOT
from pipelines.workbook.desk import Desk, Sent
from pipelines.workbook.parsing import dates
from pipelines.workbook.submission import read_file

DESK = Desk.set_up(
    PROJECT_ROOT / "dbt_project" / "seeds", (PROJECT_ROOT / "pipelines" / "templates",)
)


@pytest.fixture
def read(tmp_path):
    def reading(make):
        path = make(tmp_path / "golden.xlsx")
        found = read_file(Sent(path, "BKHCN", path.name), DESK)
        assert found.status == "READ", (found.reason_code, found.detail)
        return found

    return reading


def column(reading, name):
    return next(cells for column, cells in reading.forms[0].columns if column.name == name)


def values(reading, name):
    return [cell.value for cell in column(reading, name)]


def test_a_merged_name_or_deadline_holds_for_its_rows_and_no_further(read):
    found = read(golden.merged_down)
    assert values(found, "lead_agency") == [("BKHCN",)] * 3 + [None]
    assert len({one.main for one in values(found, "deadline")[:3]}) == 1
    assert [cell.repair for cell in column(found, "lead_agency")] == [
        "agency_alias", "merged_cell; agency_alias", "merged_cell; agency_alias", None
    ]  # fmt: skip


def test_a_merged_figure_is_nobody_s(read):
    cells = column(read(golden.merged_down), "percent_complete")
    assert [cell.value for cell in cells] == [None, None, None, 40]
    assert [cell.problem for cell in cells] == ["merged_figure"] * 3 + [None]


def test_a_merged_code_makes_no_second_row_of_it(read):
    assert values(read(golden.merged_code), "task_code") == ["NQ71-001", None]


def test_planned_days_are_not_those_of_the_work(read):
    found = read(golden.planned_beside_done)
    assert [day.isoformat() for day in values(found, "started_on")] == ["2025-01-03"]
    assert [day.isoformat() for day in values(found, "completed_on")] == ["2025-02-03"]
    left = ("Kế hoạch / Ngày bắt đầu", "Kế hoạch / Ngày hoàn thành")
    assert found.forms[0].unmatched_columns == left


def test_cumulative_figures_are_not_those_of_the_period(read):
    found = read(golden.cumulative_figures)
    assert values(found, "dossiers_received") == [10]
    assert values(found, "dossiers_resolved") == values(found, "resolved_late") == [None]
    assert [one.verdict for one in found.header_questions] == ["asked", "asked"]


def test_a_ratio_of_counts_is_no_count(read):
    found = read(golden.ratios_of_figures)
    assert values(found, "dossiers_received") == [10]
    assert values(found, "dossiers_online") == values(found, "dossiers_resolved") == [None]


def test_two_columns_of_one_name_are_read_where_they_agree(read):
    cells = column(read(golden.two_columns_of_one_name), "status")
    assert [(cell.value, cell.problem) for cell in cells] == [
        ("IN_PROGRESS", None), (None, "two_columns")
    ]  # fmt: skip
    assert values(read(golden.two_blank_columns_of_one_name), "status") == ["IN_PROGRESS"]


def test_a_code_that_lost_digits_is_none(read):
    cells = column(read(golden.codes_as_numbers), "task_code")
    assert [cell.problem for cell in cells] == ["digits_lost"] * 3 + [None]
    assert cells[3].value == "123456789012345"


def test_sums_of_fields_are_no_services(read):
    [form] = read(golden.sums_of_fields).forms
    assert form.row_numbers == (2, 4)
    assert [(row.row_number, row.row_class) for row in form.structure] == [
        (3, "total"), (5, "total"), (6, "total")
    ]  # fmt: skip


def test_counts_in_thousands_are_not_taken_as_they_stand(read):
    found = read(golden.scale_above)
    [received], [online] = column(found, "dossiers_received"), column(found, "dossiers_online")
    assert (received.value, received.problem) == (None, "scale_above")
    assert online.value == 0


def test_a_unit_in_the_cell_against_the_unit_beside_it(read):
    cells = column(read(golden.units_that_differ), "value")
    assert [cell.problem for cell in cells] == ["units_differ", "units_differ", None]


@pytest.mark.parametrize("text", ["9/2025-", "9/2025 –", "31/12/2025 -"])
def test_a_range_without_its_end_is_no_deadline(text):
    assert dates.parse_deadline(text) == dates.Problem("not_a_date")
