from dataclasses import replace

import golden
import golden_sheets
import pytest

from pipelines.workbook.cells import read_cells
from pipelines.workbook.formats.sheet_scan import LostCell
from pipelines.workbook.guard import DEFAULT_LIMITS, Refusal, Scan, scan

HOSTILE = {
    golden.truncated_zip: "unreadable_file",
    golden.zip_bomb: "hostile_file",
    golden.doctype: "hostile_file",
    golden.doctype_in_utf16: "hostile_file",
    golden.far_cell: "over_limit",
    golden.far_cell_after_last_row: "over_limit",
    golden.far_row: "hostile_file",
    golden.entry_twice: "hostile_file",
    golden.password_protected: "password_protected",
    golden.html_named_xls: "html_table",
}


@pytest.mark.parametrize("build", HOSTILE, ids=lambda build: build.__name__)
def test_hostile_files_are_refused_by_name(tmp_path, build):
    found = scan(build(tmp_path / "file.xlsx"))

    assert isinstance(found, Refusal)
    assert found.reason_code == HOSTILE[build]
    assert found.detail


@pytest.mark.parametrize("build", [golden.false_dimension, golden.small_dimension])
@pytest.mark.parametrize("reader", ["calamine", "openpyxl"])
def test_what_a_sheet_claims_of_its_size_is_not_believed(tmp_path, build, reader):
    sheets = read_cells(build(tmp_path / "file.xlsx"), reader)

    assert not isinstance(sheets, Refusal)
    assert [len(row) for row in sheets[1].rows] == [5, 5]


@pytest.mark.parametrize(
    ("limit", "value"),
    [("file_bytes", 100), ("inflated_bytes", 100), ("cells", 3), ("columns", 2), ("sheets", 1)],
)
def test_each_limit_refuses_the_file_that_is_over_it(tmp_path, limit, value):
    path = golden.workbook(tmp_path / "file.xlsx")

    assert isinstance(scan(path), Scan)
    assert isinstance(scan(path, replace(DEFAULT_LIMITS, **{limit: value})), Refusal)


def test_text_without_separators_is_no_table(tmp_path):
    refusal = read_cells(golden.text_file(tmp_path / "letter.txt"))

    assert isinstance(refusal, Refusal)
    assert refusal.reason_code == "unreadable_file"


def test_what_calamine_would_lose_is_listed_by_sheet(tmp_path):
    rows = (golden.HEADER, ("=1+1", "x", "y", "z", "#N/A"))
    found = scan(golden.workbook(tmp_path / "file.xlsx", rows))

    assert isinstance(found, Scan)
    assert found.facts["Thông tin"].lost == ()
    assert found.facts["Nhiệm vụ"].lost == (
        LostCell(1, 0, "formula_without_value", "=1+1"),
        LostCell(1, 4, "error", "#N/A"),
    )


def test_rules_over_a_million_rows_are_no_cells(tmp_path):
    rules = (
        '<conditionalFormatting sqref="A1:XFD1048576"><cfRule type="expression" priority="1">'
        "<formula>A1&gt;0</formula></cfRule></conditionalFormatting>"
        '<dataValidations count="1"><dataValidation type="whole" sqref="A1:XFD1048576">'
        "<formula1>0</formula1></dataValidation></dataValidations>"
    )
    body = golden_sheets.sheet('<row r="1"><c r="A1"><v>1</v></c></row>', after=rules)
    sheets = read_cells(golden_sheets.book(tmp_path / "file.xlsx", {"A": body}))

    assert not isinstance(sheets, Refusal)
    assert [len(row) for row in sheets[0].rows] == [1]


def test_three_columns_may_have_as_many_rows_as_a_sheet_has(tmp_path):
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="C1048576"><v>1</v></c></row>'
    )
    path = golden_sheets.book(tmp_path / "file.xlsx", {"A": golden_sheets.sheet(rows)})

    assert isinstance(scan(path), Scan)
