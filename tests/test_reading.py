import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime

import golden
import pytest
from pyarrow import parquet

from pipelines.intake.archive import read_receipts, store
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.workbook import child
from pipelines.workbook.guard import DEFAULT_LIMITS
from pipelines.workbook.reading import read_submissions, reading_key, readings
from pipelines.workbook.submission import Desk, Sent, read_file

NOW = datetime(2025, 9, 23, 8, tzinfo=UTC)
SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
TEMPLATES = (PROJECT_ROOT / "pipelines" / "templates",)


@pytest.fixture(scope="module")
def desk():
    return Desk.set_up(SEEDS, TEMPLATES)


@pytest.fixture
def root(tmp_path):
    return Settings(data_root=tmp_path / "data", real_input=tmp_path)


def receive(root, *paths, agency_code="BKHCN"):
    for path in paths:
        store(root.archive, agency_code, "inbox", path, NOW, NOW)
    return read_receipts(root.archive)


def heads(root):
    key = reading_key(root.seeds, root.templates)
    folders = readings(root.raw, key)
    return {head["submission_id"]: head for head in (_head(folder) for folder in folders)}


def _head(folder):
    return json.loads((folder / "reading.json").read_text(encoding="utf-8"))


def test_a_workbook_becomes_a_folder_of_typed_rows(root, tmp_path):
    receipts = receive(root, golden.workbook(tmp_path / "report.xlsx"))
    summary = read_submissions(root, receipts)
    (folder,) = readings(root.raw, reading_key(root.seeds, root.templates))
    head = _head(folder)
    (row,) = parquet.read_table(folder / "tasks.parquet").to_pylist()

    assert (summary.read, summary.refused, summary.cached) == (1, 0, 0)
    assert (head["status"], head["template"], head["claimed_agency_code"]) == (
        "READ",
        "nq57-01",
        "BKHCN",
    )
    assert (head["reporting_date"], head["period_end"]) == ("2025-09-23", "2025-09-14")
    assert not head["is_invented"]
    assert head["forms"][0]["rows_received"] == 1
    assert (row["sheet_name"], row["row_number"], row["task_code"]) == ("Nhiệm vụ", 2, "NQ71-001")
    assert row["lead_agency"] == ["BKHCN"]
    assert (row["lead_agency_raw"], row["lead_agency_repair"]) == ("Bộ KH&CN", "agency_alias")
    assert (str(row["deadline"]), row["deadline_precision"], row["deadline_kind"]) == (
        *("2025-09-30", "quarter"),
        "fixed",
    )
    assert (row["completed_on"], row["completed_on_state"]) == (None, "blank")


def test_a_file_that_cannot_be_read_leaves_the_others_alone(root, tmp_path):
    built = {
        "truncated.xlsx": (golden.truncated_zip, "unreadable_file"),
        "password.xlsx": (golden.password_protected, "password_protected"),
        "doctype.xlsx": (golden.doctype, "hostile_file"),
        "far.xlsx": (golden.far_cell, "over_limit"),
        "letter.txt": (golden.text_file, "unreadable_file"),
        "empty.xlsx": (golden.empty_workbook, "no_rows"),
        "good.xlsx": (golden.workbook, None),
    }
    paths = [build(tmp_path / name) for name, (build, _) in built.items()]
    receipts = receive(root, *paths)
    summary = read_submissions(root, receipts)
    found = heads(root)

    assert (summary.read, summary.refused) == (1, 6)
    assert {one.file_name: found[one.submission_id]["reason_code"] for one in receipts} == {
        name: reason for name, (_, reason) in built.items()
    }


def test_reading_twice_reads_nothing_and_reading_anew_gives_the_same_bytes(root, tmp_path):
    receipts = receive(root, golden.workbook(tmp_path / "report.xlsx"))
    read_submissions(root, receipts)
    first = {path.name: path.read_bytes() for path in root.raw.rglob("*.*") if path.is_file()}
    again = read_submissions(root, receipts)
    shutil.rmtree(root.raw)
    read_submissions(root, receipts)

    assert (again.read, again.cached) == (0, 1)
    assert first == {
        path.name: path.read_bytes() for path in root.raw.rglob("*.*") if path.is_file()
    }


def test_the_key_changes_with_a_template_of_the_user(root):
    key = reading_key(root.seeds, root.templates)
    root.templates[0].mkdir(parents=True)
    shutil.copy(TEMPLATES[0] / "nq57-01.yml", root.templates[0] / "own.yml")

    assert reading_key(root.seeds, root.templates) != key


def test_a_file_that_takes_too_long_is_refused_and_the_next_is_read(root, tmp_path):
    slow = golden.workbook(tmp_path / "slow.xlsx")
    with child.ReadingProcess(SEEDS, TEMPLATES, replace(DEFAULT_LIMITS, seconds=0)) as process:
        refusal = process.read(_request(slow, tmp_path))
        assert refusal is not None
        assert refusal.reason_code == "timed_out"
        process.limits = DEFAULT_LIMITS
        assert process.read(_request(slow, tmp_path)) is None


def test_a_child_that_dies_costs_one_file(tmp_path):
    good = golden.workbook(tmp_path / "good.xlsx")
    with child.ReadingProcess(SEEDS, TEMPLATES) as process:
        assert process.read(_request(good, tmp_path)) is None
        # calamine reserves room for every cell up to the last one, and aborts when it gets none.
        process.limits = replace(DEFAULT_LIMITS, address_space=1 << 29)
        refusal = process.read(_request(golden.spread_cells(tmp_path / "far.xlsx"), tmp_path))
        assert refusal is not None
        assert refusal.reason_code in {"over_limit", "hostile_file"}
        process.limits = DEFAULT_LIMITS
        assert process.read(_request(good, tmp_path)) is None


def test_a_folder_that_cannot_be_written_is_our_fault(tmp_path):
    request = _request(golden.workbook(tmp_path / "good.xlsx"), tmp_path / "nowhere")
    with child.ReadingProcess(SEEDS, TEMPLATES) as process, pytest.raises(child.ReaderBroken):
        process.read(request)


def _request(path, folder):
    return {
        "path": str(path),
        "agency_code": "BKHCN",
        "file_name": path.name,
        "submission_id": "0",
        "reading_key": "0",
        "folder": str(folder),
    }


def read(desk, path, agency_code="BKHCN", reader="calamine"):
    return read_file(Sent(path, agency_code, path.name), desk, reader)


def test_both_readers_give_the_same_reading(desk, tmp_path):
    rows = (golden.HEADER, golden.ROW, ("=1+1", "#N/A", 5, 0.25, None), ("Ghi chú: x",))
    path = golden.workbook(tmp_path / "report.xlsx", rows)

    assert read(desk, path) == read(desk, path, reader="openpyxl")


def test_errors_and_formulas_without_value_are_reported_at_their_cell(desk, tmp_path):
    rows = (golden.HEADER, ("NQ71-001", "x", "#REF!", "=TODAY()", "Đang thực hiện"))
    (form,) = read(desk, golden.workbook(tmp_path / "report.xlsx", rows)).forms
    problems = {column.name: cells[0].problem for column, cells in form.columns}
    letters = {source.column_name: source.column_letter for source in form.source_columns}

    assert (problems["lead_agency"], letters["lead_agency"]) == ("error_cell #REF!", "C")
    assert (problems["deadline"], letters["deadline"]) == ("formula_without_value", "D")
    assert form.row_numbers == (2,)


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (None, "not given"),
        ("30/02/2025", "reporting_date: impossible_date at Thông tin!B2: 30/02/2025"),
    ],
)
def test_without_a_reporting_date_the_file_is_refused(desk, tmp_path, answer, detail):
    cover = (("Mã cơ quan", "BKHCN"), ("Ngày báo cáo", answer))
    reading = read(desk, golden.workbook(tmp_path / "report.xlsx", cover=cover))

    assert (reading.status, reading.reason_code) == ("REFUSED", "no_reporting_date")
    assert reading.detail == detail


def test_a_header_alone_is_no_report(desk, tmp_path):
    reading = read(desk, golden.workbook(tmp_path / "report.xlsx", (golden.HEADER,)))

    assert (reading.status, reading.reason_code) == ("REFUSED", "no_rows")


def test_a_workbook_of_something_else_fits_no_template(desk, tmp_path):
    reading = read(
        desk, golden.workbook(tmp_path / "report.xlsx", (("Món", "Giá"), ("Phở", 50)), sheet="Giá")
    )

    assert reading.reason_code == "no_template"


@pytest.mark.parametrize(
    ("claimed", "code"), [("BTC", "BTC"), ("Bộ Tài chính", "BTC"), (None, None), ("Sở X", None)]
)
def test_whose_report_it_claims_to_be(desk, tmp_path, claimed, code):
    cover = (("Mã cơ quan", claimed), *golden.COVER[1:])
    reading = read(desk, golden.workbook(tmp_path / "report.xlsx", cover=cover))

    assert (reading.claimed_agency_raw, reading.claimed_agency_code) == (claimed, code)


def test_invented_data_is_known_by_its_cover(desk, tmp_path):
    cover = (("DỮ LIỆU GIẢ ĐỊNH · INVENTED DATA", None), *golden.COVER)

    assert read(desk, golden.workbook(tmp_path / "report.xlsx", cover=cover)).is_invented


def test_unknown_columns_are_kept_by_name_and_missing_ones_listed(desk, tmp_path):
    rows = ((*golden.HEADER, "Ghi chú"), (*golden.ROW, "x", "không tên"))
    (form,) = read(desk, golden.workbook(tmp_path / "report.xlsx", rows)).forms

    assert form.unmatched_columns == ("Ghi chú", "(G)")
    assert "completed_on" in form.missing_columns


def test_the_register_is_read_by_its_own_template(desk, tmp_path):
    rows = (("Chương trình", *golden.HEADER[:4]), ("NQ71", *golden.ROW[:4]))
    for sheet in ("Danh mục nhiệm vụ", "Sheet1"):
        path = golden.workbook(tmp_path / "register.xlsx", rows, sheet=sheet)
        assert read(desk, path, "BCD").template == "register-01"


def test_the_same_cells_have_the_same_content_hash(desk, tmp_path):
    one = read(desk, golden.workbook(tmp_path / "one.xlsx"))
    other = read(desk, golden.workbook(tmp_path / "other.xlsx"))
    third = read(
        desk, golden.workbook(tmp_path / "third.xlsx", (golden.HEADER, golden.ROW, golden.ROW))
    )

    assert one.content_hash == other.content_hash != third.content_hash
