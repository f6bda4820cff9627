from datetime import date, datetime

import golden
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from pipelines.workbook.cells import Cell, Refusal, read_cells

READERS = ("calamine", "openpyxl")
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn")), max_size=30
).filter(lambda text: "_x" not in text)
numbers = st.one_of(
    st.integers(-(10**12), 10**12),
    st.floats(-1e12, 1e12, allow_nan=False).map(lambda number: round(number, 6)),
)
values = st.one_of(st.none(), texts, numbers, st.booleans(), st.dates(date(2000, 1, 1)))


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.lists(values, min_size=1, max_size=5), min_size=1, max_size=6))
def test_both_readers_agree_cell_by_cell(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("book") / "book"
    book = Workbook()
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row, start=1):
            cell = book.worksheets[0].cell(number, place, value)
            if isinstance(value, str):
                cell.data_type = "s"
    book.save(path)

    assert read_cells(path, "calamine") == read_cells(path, "openpyxl")


@pytest.mark.parametrize("reader", READERS)
def test_a_table_that_starts_far_from_the_corner_keeps_its_place(tmp_path, reader):
    rows = [(), (), (None, None, "x"), (None, None, None, 3)]
    sheets = read_cells(golden.workbook(tmp_path / "book", rows), reader)

    assert not isinstance(sheets, Refusal)
    assert [[cell and cell.text for cell in row] for row in sheets[1].rows] == [
        [], [], [None, None, "x"], [None, None, None, "3"],
    ]  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_text_and_kind_of_each_cell(tmp_path, reader):
    rows = [
        ("0012", 5, 5.25, date(2025, 9, 5), datetime(2025, 9, 5, 14, 30)),
        (True, "#REF!", "=1+1", None, " a\nb "),
    ]
    sheets = read_cells(golden.workbook(tmp_path / "book", rows), reader)

    assert not isinstance(sheets, Refusal)
    assert [[cell and cell[:2] for cell in row] for row in sheets[1].rows] == [
        [
            ("0012", "text"),
            ("5", "number"),
            ("5.25", "number"),
            ("2025-09-05", "date"),
            ("2025-09-05 14:30:00", "date"),
        ],
        [
            ("TRUE", "boolean"),
            ("#REF!", "error"),
            ("=1+1", "formula_without_value"),
            None,
            (" a\nb ", "text"),
        ],
    ]


def test_csv_tolerates_a_byte_order_mark(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text('\ufeffno,task\n1,"hai\ndòng"\n,\n', encoding="utf-8")
    sheets = read_cells(path)

    assert not isinstance(sheets, Refusal)
    assert sheets[0].rows == (
        (Cell("no", "text", "no"), Cell("task", "text", "task")),
        (Cell("1", "text", "1"), Cell("hai\ndòng", "text", "hai\ndòng")),
    )
