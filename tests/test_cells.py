from datetime import date, datetime

import golden
import golden_sheets
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


@pytest.mark.parametrize("name", golden_sheets.SHEETS)
def test_both_readers_agree_on_what_other_programs_write(tmp_path, name):
    sheets = {"A": golden_sheets.SHEETS[name]}
    path = golden_sheets.book(tmp_path / "book", sheets, strings=golden_sheets.STRINGS)
    found = read_cells(path)

    assert not isinstance(found, Refusal)
    assert any(cell for row in found[0].rows for cell in row)
    assert found == read_cells(path, "openpyxl")


def texts_of(tmp_path, name, **parts):
    sheets = {"A": golden_sheets.SHEETS[name]}
    path = golden_sheets.book(tmp_path / "book", sheets, strings=golden_sheets.STRINGS, **parts)
    found = read_cells(path)
    assert not isinstance(found, Refusal)
    return [[cell and cell.text for cell in row] for row in found[0].rows]


def test_no_cell_is_lost_or_changed_by_unusual_xml(tmp_path):
    assert texts_of(tmp_path, "no_addresses") == [
        *(["1", None, "Tên"], [], [], [None, "#REF!", "=1+1"], ["=A1"]),
    ]
    assert texts_of(tmp_path, "comments_and_cdata") == [["12", "5", "#N/A"]]
    assert texts_of(tmp_path, "undeclared_blanks") == [["a b", " c"]]
    assert texts_of(tmp_path, "shared_formula") == [["=B1*2"], ["=B2*2"], ["7"]]
    assert texts_of(tmp_path, "array_formula") == [["=SUM(B1:B2)"], ["4"]]
    assert texts_of(tmp_path, "formulas") == [
        [None, " x ", None, "TRUE", "#DIV/0!", '=A1&"<"'],
    ]
    assert texts_of(tmp_path, "single_quoted_error") == [[], [None, None, "#N/A"]]


def test_days_count_from_1904_where_the_workbook_says_so(tmp_path):
    rows = texts_of(tmp_path, "early_and_late_dates", before_sheets='<workbookPr date1904="1"/>')
    assert rows[2] == ["1904-01-02"]


@pytest.mark.parametrize("reader", READERS)
def test_hidden_and_merged_parts_are_known_to_both_readers(tmp_path, reader):
    body = golden_sheets.sheet(
        '<row r="2" hidden="true"><c r="A2"><v>5</v></c></row><row r="3" hidden="0"/>',
        '<cols><col min="1" max="2"/><col min="3" max="4" hidden="1"/></cols>',
        '<mergeCells count="1"><mergeCell ref="A2:C3"/></mergeCells>',
    )
    names = (
        '<sheet name="A &amp; B" sheetId="1" r:id="rId1" state="veryHidden"/>'
        '<sheet name="twice" sheetId="2" r:id="rId1"/>'
    )
    sheets = read_cells(golden_sheets.book(tmp_path / "book", {"x": body}, names=names), reader)

    assert not isinstance(sheets, Refusal)
    assert [(sheet.name, sheet.is_hidden) for sheet in sheets] == [
        *(("A & B", True), ("twice", False)),
    ]
    assert sheets[0].hidden_rows == {2}
    assert sheets[0].hidden_columns == {2, 3}
    assert sheets[0].merged == ((1, 0, 2, 2),)


def test_strict_workbooks_say_the_same_to_both_readers(tmp_path):
    source = golden_sheets.book(
        tmp_path / "usual",
        {"A": golden_sheets.SHEETS["types"]},
        strings=golden_sheets.STRINGS,
    )
    strict = golden_sheets.strict(source, tmp_path / "strict")

    assert read_cells(strict) == read_cells(strict, "openpyxl") == read_cells(source)


@pytest.mark.parametrize("reader", ["calamine", "openpyxl"])
@pytest.mark.parametrize("place", ["-1", "1.0", "+1", "x"])
def test_a_text_whose_place_is_no_number_is_an_error(tmp_path, place, reader):
    """calamine takes such a place for the first text of the list."""
    row = f'<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>{place}</v></c></row>'
    strings = "<si><t>một</t></si><si><t>hai</t></si>"
    path = golden_sheets.book(tmp_path / "a.xlsx", {"S": golden_sheets.sheet(row)}, strings=strings)
    [[one, odd]] = read_cells(path, reader)[0].rows
    assert (one.text, odd.kind, odd.text) == ("một", "error", f"#TEXT {place}")
