"""Cells say the same whatever program saved them, and other cells do not."""

import re
import zipfile

import golden
import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName

from pipelines.workbook.cells import read_cells
from pipelines.workbook.submission import content_hash


def hash_of(path):
    return content_hash(read_cells(path))


@pytest.fixture
def original(tmp_path):
    return golden.workbook_of(tmp_path / "report.xlsx", golden.SHEETS)


def saved_with(original, change):
    workbook = openpyxl.load_workbook(original)
    change(workbook)
    workbook.properties.creator = "another program"
    path = original.with_name("again.xlsx")
    workbook.save(path)
    assert path.read_bytes() != original.read_bytes()
    return path


def styles(workbook):
    sheet = workbook.worksheets[-1]
    sheet.column_dimensions["A"].width = 50
    sheet["A1"].font = openpyxl.styles.Font(bold=True)
    sheet["Z99"].number_format = "0.00"
    workbook.properties.title = "Saved again"
    workbook.defined_names["here"] = DefinedName("here", attr_text="'Thông tin'!$A$1")


@pytest.mark.parametrize("change", [lambda _: None, styles])
def test_what_changes_no_cell_changes_no_hash(original, change):
    assert hash_of(saved_with(original, change)) == hash_of(original)


def test_a_number_is_the_same_however_it_is_spelled(original):
    path, count = original.with_name("again.xlsx"), 0
    with zipfile.ZipFile(original) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.startswith("xl/worksheets/"):
                content, found = re.subn(rb'(t="n"><v>\d+)</v>', rb"\1.0</v>", content)
                count += found
            target.writestr(name, content)
    assert count
    assert hash_of(path) == hash_of(original)


def other_cell(workbook):
    sheet = workbook.worksheets[-1]
    sheet.cell(sheet.max_row, 1).value = "khác"


def other_row(workbook):
    workbook.worksheets[-1].insert_rows(1)


def other_name(workbook):
    workbook.worksheets[-1].title = "Biểu khác"


def value_to_formula(workbook):
    workbook.worksheets[-1]["A1"].value = "=1+1"


@pytest.mark.parametrize("change", [other_cell, other_row, other_name, value_to_formula])
def test_what_changes_a_cell_is_another_content(original, change):
    assert hash_of(saved_with(original, change)) != hash_of(original)
