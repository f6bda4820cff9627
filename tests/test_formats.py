"""Every format that agencies send: the same cells by two readers, or a refusal by name."""

import csv
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import golden
import golden_formats as formats
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.workbook.cells import Cell, read_cells
from pipelines.workbook.desk import Desk, Sent
from pipelines.workbook.formats import delimited
from pipelines.workbook.limits import DEFAULT_LIMITS, Refusal
from pipelines.workbook.submission import read_file

READERS = ("calamine", "openpyxl")
CALC_ON_LOAD = 2


@pytest.fixture(scope="module")
def desk():
    settings = Settings(PROJECT_ROOT / "data", PROJECT_ROOT)
    return Desk.set_up(settings.seeds, (PROJECT_ROOT / "pipelines" / "templates",))


def sheets_of(path, reader="calamine", limits=DEFAULT_LIMITS):
    sheets = read_cells(path, reader, limits)
    assert not isinstance(sheets, Refusal), sheets
    return sheets


def both(path):
    """The sheets of a file, the same to both readers."""
    first, second = (sheets_of(path, reader) for reader in READERS)
    assert first == second
    return first


def texts(sheet):
    return [[cell.text if cell else None for cell in row] for row in sheet.rows]


def kinds(row):
    return [cell and cell.kind for cell in row]


TASKS = [list(row) for row in formats.TASKS]


# --- The same report in every format


@pytest.mark.parametrize("build", [formats.legacy, formats.opendocument])
def test_old_and_open_workbooks_say_what_the_new_one_says(tmp_path, build):
    wanted = both(golden.workbook(tmp_path / "file.xlsx", formats.TASKS))

    assert both(build(tmp_path / "file")) == wanted


TEXT_FILES = {
    "comma": (formats.delimited, "utf-8", "comma"),
    "mark": (lambda path: formats.delimited(path, encoding="utf-8-sig"), "utf-8", "comma"),
    "semicolon": (lambda path: formats.delimited(path, separator=";"), "utf-8", "semicolon"),
    "bar": (lambda path: formats.delimited(path, separator="|"), "utf-8", "bar"),
    "tab": (lambda path: formats.delimited(path, separator="\t"), "utf-8", "tab"),
    "given": (
        lambda p: formats.delimited(p, formats.TASKS, "|", start="sep=|\r\n"),
        "utf-8",
        "bar",
    ),
    "unicode_text": (formats.unicode_text, "utf-16-le", "tab"),
    "windows_1258": (formats.windows_1258, "windows-1258", "comma"),
}


@pytest.mark.parametrize("name", TEXT_FILES)
def test_encoding_and_separator_are_found_and_noted(tmp_path, name):
    build, encoding, separator = TEXT_FILES[name]
    (sheet,) = both(build(tmp_path / "file"))

    assert texts(sheet) == TASKS
    noted = {note.code: note.detail for note in sheet.notes}
    assert noted == {"encoding": encoding, "delimiter": separator}


def test_letters_of_tcvn3_are_kept_as_the_latin_letters_that_cells_hold(tmp_path):
    from pipelines.workbook.parsing.encodings import to_unicode

    (sheet,) = both(formats.tcvn3(tmp_path / "file.csv"))

    assert {note.detail for note in sheet.notes} == {"TCVN3", "comma"}
    assert [to_unicode(cell.text, "tcvn3") for cell in sheet.rows[0]] == TASKS[0]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("reader", READERS)
def test_lines_above_the_table_answer_for_the_cover(tmp_path, desk, separator, reader):
    path = formats.delimited(tmp_path / "file", (*formats.PREAMBLE, *formats.TASKS), separator)
    reading = read_file(Sent(path, "BKHCN", "file.csv"), desk, reader)

    assert (reading.status, reading.detail) == ("READ", None)
    assert (reading.claimed_agency_code, reading.reporting_date) == ("BKHCN", date(2025, 9, 23))
    assert [form.row_numbers for form in reading.forms] == [(6, 7, 8)]
    assert {"encoding", "delimiter"} <= {note.code for note in reading.notes}


@pytest.mark.parametrize("build", [formats.legacy, formats.opendocument])
def test_a_report_in_another_format_is_read_as_the_usual_one(tmp_path, desk, build):
    usual = golden.workbook(tmp_path / "file.xlsx", formats.TASKS)
    wanted = read_file(Sent(usual, "BKHCN", "file.xlsx"), desk)
    for reader in READERS:
        assert (
            read_file(Sent(build(tmp_path / "file"), "BKHCN", "file.xlsx"), desk, reader) == wanted
        )
    assert wanted.status == "READ"


# --- Text with separators


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('sep="\nMã"Tên\n', "unreadable_file"),
        ("Mã,Tên;Số\n1,a;2\n2,b;3\n", "unknown_delimiter"),
        ("Mã,Tên\nGDP,3,2\nKTS,4,5\n", "unknown_delimiter"),  # commas of decimals, not quoted
        ("Mã,Khó khăn, vướng mắc\n1,a\n2,b\n", "unknown_delimiter"),
        ('Mã,Tên\n1,"Đề án" số\n', "unreadable_file"),
        ('Mã,Tên\n1,"Đề án\n2,b\n', "unreadable_file"),
        ("Kính gửi Ban Chỉ đạo\n", "unreadable_file"),
        ("Thưa các ông, các bà\nXin báo cáo như sau.\nHết\nKý tên\nBan\n", "unreadable_file"),
    ],
)
@pytest.mark.parametrize("reader", READERS)
def test_a_table_without_certain_columns_is_refused(tmp_path, line, reason, reader):
    path = tmp_path / "file.csv"
    path.write_text(line, encoding="utf-8")
    found = read_cells(path, reader)

    assert isinstance(found, Refusal)
    assert found.reason_code == reason


@pytest.mark.parametrize("torn", ["2,b,c,d", "2,b"])
def test_a_torn_line_keeps_its_texts_without_a_place(tmp_path, torn):
    path = tmp_path / "file.csv"
    path.write_text(f"Mã,Tên,Số\n1,a,5\n{torn}\nGhi chú\n3,c,7,\n4,d,8\n", encoding="utf-8")
    (sheet,) = both(path)

    assert set(kinds(sheet.rows[2])) == {"unplaced"}
    assert [kinds(row) for row in sheet.rows[3:]] == [["text"], ["text"] * 3, ["text"] * 3]


def test_cells_without_a_place_have_no_value(tmp_path, desk):
    path = formats.delimited(
        tmp_path / "file", (*formats.PREAMBLE, *formats.TASKS, (*golden.ROW, "?"))
    )
    reading = read_file(Sent(path, "BKHCN", "file.csv"), desk)
    cells = {column.name: parsed[-1] for column, parsed in reading.forms[0].columns}

    assert {cells[name].value for name in ("task_code", "title", "status")} == {None}
    assert cells["title"].problem == "unplaced_cell"


def test_errors_of_a_spreadsheet_are_errors_in_its_text_too(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("Mã,Tên\n#N/A,#DIV/0!\n####,#1\n", encoding="utf-8")
    (sheet,) = both(path)

    assert [kinds(row) for row in sheet.rows[1:]] == [["error", "error"], ["error", "text"]]


fields = st.text(st.sampled_from('ab"\n\r,; ạ'), max_size=6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(fields, min_size=2, max_size=4), min_size=1, max_size=5))
def test_what_the_csv_module_writes_both_parsers_read(tmp_path_factory, rows):
    path = formats.delimited(tmp_path_factory.getbasetemp() / "rows.csv", rows)
    text = path.read_bytes().decode()

    assert list(delimited._split(text, ",")) == rows
    assert list(delimited._csv_records(text, ",")) == rows


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from('ab"\n\r,;'), max_size=20))
def test_both_parsers_agree_on_any_text_or_both_refuse_it(text):
    found = []
    for parse in (delimited._split, delimited._csv_records):
        try:
            found.append([record or [""] for record in parse(text, ",")])
        except csv.Error:
            found.append("refused")

    assert found[0] == found[1]


# --- OpenDocument


def odf(tmp_path, rows, **options):
    table = f'<table:table table:name="A" table:style-name="ta1">{rows}</table:table>'
    return formats.opendocument_of(tmp_path / "file.ods", table, **options)


def row_of(*cells, attributes=""):
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


def test_errors_of_opendocument_are_no_blanks_and_no_zeros(tmp_path):
    cells = (
        '<table:table-cell table:formula="of:=1/0" office:value-type="string"'
        ' office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p>'
        "</table:table-cell>",
        '<table:table-cell table:formula="of:=NA()" office:value-type="float" office:value="0">'
        "<text:p>#N/A</text:p></table:table-cell>",
        '<table:table-cell table:formula="of:=[.A1]+1"/>',
        '<table:table-cell table:formula="of:=IF(1;&quot;&quot;)"><text:p/></table:table-cell>',
        formats.odf_cell("#N/A"),
    )
    (sheet,) = both(odf(tmp_path, row_of(*cells)))

    assert sheet.rows == (
        (
            Cell("#DIV/0!", "error", None),
            Cell("#N/A", "error", None),
            Cell("=[.A1]+1", "formula_without_value", None),
            None,
            Cell("#N/A", "text", "#N/A"),
        ),
    )


def test_text_of_opendocument_is_that_of_the_cell_alone(tmp_path):
    note = "<office:annotation><text:p>ghi chú</text:p></office:annotation>"
    inner = 'a<text:s text:c="2"/>b<text:tab/><text:span>c<text:line-break/></text:span>d'
    drawing = "<draw:frame xmlns:draw='urn:x:draw:1.0'><text:p>hình</text:p></draw:frame>"
    paragraphs = f"<text:p>{inner}</text:p><text:p>e</text:p>"
    cell = f"<table:table-cell>{note}{paragraphs}{drawing}</table:table-cell>"
    (sheet,) = both(odf(tmp_path, row_of(cell)))

    assert texts(sheet) == [["a  b\tc\nd\ne"]]


def test_hidden_and_merged_parts_of_opendocument(tmp_path):
    columns = '<table:table-column table:number-columns-repeated="2"/>'
    columns += '<table:table-column table:visibility="collapse"/><table:table-column/>'
    merged = 'table:number-columns-spanned="2" table:number-rows-spanned="2"'
    group = f'<table:table-row-group table:display="false">{row_of(formats.odf_cell("x"))}'
    rows = (
        columns
        + row_of(formats.odf_cell("gộp", merged), formats.odf_cell("y"), formats.odf_cell("z"))
        + row_of(formats.odf_cell("a"), attributes='table:visibility="filter"')
        + f"{group}</table:table-row-group>"
        + row_of(attributes='table:visibility="collapse" table:number-rows-repeated="1048573"')
    )
    style = (
        '<style:style style:name="ta1"><style:table-properties table:display="false"/>'
        "</style:style>"
    )
    (sheet,) = both(odf(tmp_path, rows, styles=style))

    assert sheet.is_hidden
    assert (sheet.hidden_rows, sheet.hidden_columns) == ({2, 3}, {2})
    assert sheet.merged == ((0, 0, 1, 1),)


def test_cells_and_rows_that_repeat_stand_where_they_belong(tmp_path):
    gap = row_of(attributes='table:number-rows-repeated="2"')
    twice = formats.odf_cell("a", 'table:number-columns-repeated="2"')
    rows = gap + row_of(formats.odf_cell(None), twice, attributes='table:number-rows-repeated="2"')
    (sheet,) = both(odf(tmp_path, rows))

    assert texts(sheet) == [[], [], [None, "a", "a"], [None, "a", "a"]]


def test_sheets_of_other_files_and_deleted_cells_are_not_of_the_workbook(tmp_path):
    deleted = "<table:tracked-changes><table:table-cell><text:p>x</text:p></table:table-cell>"
    foreign = "<table:table table:name=\"'file:///a.ods'#S\"/>"
    path = formats.opendocument(
        tmp_path / "file.ods", {"A": [["a"]]}, f"{deleted}</table:tracked-changes>{foreign}"
    )

    assert [(sheet.name, texts(sheet)) for sheet in both(path)] == [("A", [["a"]])]


# --- Old binary workbooks


def test_errors_and_uncounted_formulas_of_old_workbooks(tmp_path):
    zero, error, text = (
        bytes(8),
        b"\x02\x00\x2a\x00\x00\x00\xff\xff",
        b"\x03" + bytes(5) + b"\xff\xff",
    )
    cells = (
        formats.record(0x0205, b"\x00\x00\x00\x00\x00\x00\x07\x01")
        + formats.biff_formula(0, 1, error)
        + formats.biff_formula(0, 2, zero, CALC_ON_LOAD)
        + formats.biff_formula(0, 3, zero)
        + formats.biff_formula(0, 4, text)
        + formats.biff_cell(0, 5, "#N/A")
    )
    (sheet,) = both(formats.legacy(tmp_path / "file.xls", {"A": cells}))

    assert sheet.rows == (
        (
            Cell("#DIV/0!", "error", None),
            Cell("#N/A", "error", None),
            Cell("=", "formula_without_value", None),
            Cell("0", "number", 0.0),
            None,
            Cell("#N/A", "text", "#N/A"),
        ),
    )


def test_hidden_and_merged_parts_of_old_workbooks(tmp_path):
    from struct import pack

    cells = (
        formats.record(0x007D, pack("<HHHHHH", 2, 3, 0, 0, 1, 0))
        + formats.record(0x0208, pack("<HHHHHHI", 1, 0, 4, 300, 0, 0, 0x120))
        + formats._records([["a", "b", "c", "d"], ["e"]])
        + formats.record(0x00E5, pack("<HHHHH", 1, 0, 1, 0, 1))
    )
    path = formats.legacy(tmp_path / "file.xls", {"A": cells, "B": [["x"]]}, hidden=["B"])
    shown, hidden = both(path)

    assert (shown.hidden_rows, shown.hidden_columns) == ({2}, {2, 3})
    assert (shown.merged, shown.is_hidden, hidden.is_hidden) == (((0, 0, 1, 1),), False, True)


def test_an_old_workbook_with_a_password_is_refused(tmp_path):
    path = formats.legacy(tmp_path / "file.xls", head=formats.record(0x002F, bytes(6)))
    found = read_cells(path)

    assert isinstance(found, Refusal)
    assert found.reason_code == "password_protected"


# --- Extracts


def test_parquet_keeps_its_types(tmp_path):
    table = pa.table(
        {
            "mã": ["0012", None],
            "lớn": pa.array([2**60, 5], pa.int64()),
            "đúng": [True, False],
            "ngày": [date(2025, 9, 5), None],
            "giờ": [datetime(2025, 9, 5, 14, 30), datetime(2025, 9, 5)],
            "nơi": pa.array(
                [datetime(2025, 9, 5, 17, tzinfo=UTC), None], pa.timestamp("us", "UTC")
            ),
            "tiền": pa.array([Decimal("1.10"), Decimal("12345678901234567.89")]),
        }
    )
    parquet.write_table(table, tmp_path / "file.parquet")
    (sheet,) = both(tmp_path / "file.parquet")

    assert sheet.name == "Parquet"
    assert texts(sheet)[0] == table.column_names
    assert [kinds(row) for row in sheet.rows[1:]] == [
        ["text", "text", "boolean", "date", "date", "text", "number"],
        [None, "number", "boolean", None, "date", None, "text"],
    ]
    assert texts(sheet)[1][1] == str(2**60)


@pytest.mark.parametrize(("limit", "value"), [("cells", 3), ("columns", 1), ("inflated_bytes", 10)])
def test_parquet_over_a_limit_is_refused_before_it_is_read(tmp_path, limit, value):
    parquet.write_table(pa.table({"a": ["x"] * 2, "b": ["y"] * 2}), tmp_path / "file")
    found = read_cells(tmp_path / "file", "calamine", replace(DEFAULT_LIMITS, **{limit: value}))

    assert isinstance(found, Refusal)
    assert found.reason_code == "over_limit"


def test_parquet_with_lists_is_refused(tmp_path):
    parquet.write_table(pa.table({"a": [[1, 2]]}), tmp_path / "file")

    assert isinstance(read_cells(tmp_path / "file"), Refusal)


# --- What is no table


def package(*names):
    def build(path):
        with zipfile.ZipFile(path, "w") as container:
            for name in names:
                container.writestr(name, "x")
        return path

    return build


def content(*parts):
    return lambda path: path.write_bytes(b"".join(parts))


SPREADSHEETML = b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
NO_TABLES = {
    "html": (content(b"\xef\xbb\xbf \r\n<html><table/></html>"), "html_table"),
    "html_utf16": (content("\ufeff<table><tr/></table>".encode("utf-16-le")), "html_table"),
    "mht": (content(b"MIME-Version: 1.0\r\n"), "html_table"),
    "spreadsheetml": (content(b'<?xml version="1.0"?>\n', SPREADSHEETML), "spreadsheetml"),
    "xml": (content(b"<?xml version='1.0'?><a/>"), "other_format"),
    "xlsb": (package("[Content_Types].xml", "xl/workbook.bin"), "other_format"),
    "docx": (package("[Content_Types].xml", "word/document.xml"), "other_format"),
    "zip": (package("báo cáo.xlsx"), "other_format"),
    "pdf": (content(b"%PDF-1.7\n"), "other_format"),
    "rar": (content(b"Rar!\x1a\x07\x01\x00"), "other_format"),
    "png": (content(b"\x89PNG\r\n\x1a\n"), "other_format"),
    "jpeg": (content(b"\xff\xd8\xff\xe0"), "other_format"),
    "doc": (
        lambda path: path.write_bytes(formats.compound_file("WordDocument", b"")),
        "other_format",
    ),
    "excel_4": (content(b"\x09\x04\x06\x00\x00\x00\x10\x00\x00\x00"), "other_format"),
    "encrypted_xlsx": (
        lambda path: path.write_bytes(formats.compound_file("EncryptedPackage", b"")),
        "password_protected",
    ),
    "encrypted_ods": (formats.encrypted_opendocument, "password_protected"),
    "empty": (content(b""), "unreadable_file"),
    "blank": (content(b" \r\n" * 9), "unreadable_file"),
    "binary": (content(bytes(range(256))), "unreadable_file"),
    "utf16_without_mark": (content("a;b\nc;d\n".encode("utf-16-le")), "unreadable_file"),
    "broken_utf16": (content(b"\xff\xfea\x00;\x00\x00\xd8"), "unknown_encoding"),
    "other_letters": (formats.foreign_text, "unknown_encoding"),
    "few_words": (lambda path: formats.windows_1258(path, [["Mã", "Tên"]]), "unknown_encoding"),
}


@pytest.mark.parametrize("name", NO_TABLES)
@pytest.mark.parametrize("reader", READERS)
def test_what_holds_no_table_is_refused_by_its_bytes(tmp_path, name, reader):
    build, reason = NO_TABLES[name]
    path = tmp_path / "file.xlsx"
    build(path)
    found = read_cells(path, reader)

    assert isinstance(found, Refusal)
    assert found.reason_code == reason
    assert found.detail


def test_every_reason_has_its_sentences():
    with (PROJECT_ROOT / "dbt_project/seeds/submission_reasons.csv").open(encoding="utf-8") as file:
        known = {row["reason_code"] for row in csv.DictReader(file)}

    assert {reason for _, reason in NO_TABLES.values()} | {"unknown_delimiter"} <= known
