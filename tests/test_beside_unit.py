"""What a quantity means only together with the unit of its row."""

from datetime import date

import openpyxl
import pytest

from pipelines.settings import PROJECT_ROOT
from pipelines.workbook.desk import Desk, Sent
from pipelines.workbook.parsing.beside_unit import MOST
from pipelines.workbook.submission import read_file
from pipelines.workbook.template import load_templates

TEMPLATES = PROJECT_ROOT / "pipelines" / "templates"
HEADER = ("Mã chỉ tiêu", "Tên chỉ tiêu", "Giá trị", "Đơn vị tính", "Ngày đo", "Nguồn số liệu")
COVER = (("Mã cơ quan", "BKHCN"), ("Ngày báo cáo", date(2025, 9, 23)))
SHOWN_AS_PERCENT = "0%"


@pytest.fixture(scope="module")
def desk():
    return Desk.set_up(PROJECT_ROOT / "dbt_project" / "seeds", (TEMPLATES,))


def written(path, value, unit):
    """A workbook with one indicator, whose value is formatted as a percentage."""
    book = openpyxl.Workbook()
    cover, sheet = book.active, book.create_sheet("Chỉ tiêu")
    cover.title = "Thông tin"
    for row in COVER:
        cover.append(row)
    sheet.append(HEADER)
    sheet.append(("CT-01", "Tỷ lệ", value, unit, date(2025, 9, 1), "Báo cáo"))
    sheet["C2"].number_format = SHOWN_AS_PERCENT
    book.save(path)
    return path


def read_value(desk, path, reader):
    (form,) = read_file(Sent(path, "BKHCN", path.name), desk, reader).forms
    return next(cells[0] for column, cells in form.columns if column.name == "value")


@pytest.mark.parametrize(
    ("value", "unit", "problem"),
    [
        (0.8, "%", "ambiguous_percent"),
        (-0.8, "%", "ambiguous_percent"),
        (1, "%", None),
        (0, "%", None),
        (80, "%", None),
        ("80%", "%", None),
        ("0,8%", "%", None),
        ("> 0,8", "%", None),
        (0.8, "km", None),
        (0.8, None, None),
        (1.7e308, "triệu tỷ đồng", "too_large"),
        (-1.7e308, "triệu tỷ đồng", "too_large"),
        (1001, "triệu tỷ đồng", "too_large"),
        ("3 - 1001", "triệu tỷ đồng", "too_large"),
        (1e300, None, "too_large"),
        # A scale in the cell, and again in its unit.
        ("3,2 triệu tỷ", "nghìn tỷ đồng", "too_large"),
        # The cell names its unit itself: the scale of the unit column is not for it.
        ("1001 đồng", "triệu tỷ đồng", None),
        (MOST, "người", None),
        (3.2, "triệu tỷ đồng", None),
    ],
)
def test_a_quantity_is_judged_beside_the_unit_of_its_row(desk, tmp_path, value, unit, problem):
    path = written(tmp_path / "report.xlsx", value, unit)
    found = read_value(desk, path, "calamine")

    assert found == read_value(desk, path, "openpyxl")
    assert found.problem == problem
    assert found.state == ("unreadable" if problem else "present")
    assert (found.value is None) == bool(problem)
    assert found.raw  # what was written stays beside it


def test_unit_columns_of_templates_are_units_of_the_same_form():
    named = [
        (column.type, form.column(column.unit_column).type)
        for template in load_templates((TEMPLATES,))
        for form in template.forms.values()
        for column in form.columns
        if column.unit_column
    ]
    assert set(named) == {("quantity", "unit")}
