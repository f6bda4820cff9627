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
from pipelines.workbook.desk import Desk, Sent
from pipelines.workbook.guard import DEFAULT_LIMITS
from pipelines.workbook.reading import read_submissions, reading_key, readings
from pipelines.workbook.submission import read_file

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


def read_tables(root, path):
    """Everything that one workbook leaves behind, by table."""
    read_submissions(root, receive(root, path))
    (folder,) = readings(root.raw, reading_key(root.seeds, root.templates))
    return {one.stem: parquet.read_table(one).to_pylist() for one in folder.glob("*.parquet")}


@pytest.fixture
def tables(root, tmp_path):
    return read_tables(root, golden.workbook_of(tmp_path / "report.xlsx", golden.SHEETS))


def test_every_form_has_its_table_and_all_rows_are_listed(tables):
    listed = [(row["form"], row["sheet_name"], row["row_number"]) for row in tables["form_rows"]]
    forms = {form for form, _, _ in listed}

    assert forms == {"tasks", "services", "datasets", "indicators", "commune_criteria"}
    assert sorted(listed) == sorted(
        (form, row["sheet_name"], row["row_number"]) for form in forms for row in tables[form]
    )


def test_the_parts_of_a_value_have_columns_of_their_own(tables):
    service, gdp = tables["services"][0], tables["indicators"][0]
    share = tables["indicators"][1]

    assert (service["procedure_code"], service["procedure_code_suffix"]) == (
        *("1.000123",),
        "000.00.00.H38",
    )
    assert (gdp["value"], gdp["value_operator"], gdp["value_upper_bound"]) == (3200, ">", None)
    assert (gdp["value_unit"], gdp["unit"], gdp["unit_scale"]) == (None, "VND", 1e12)
    assert (share["value"], share["value_upper_bound"], share["value_unit"]) == (40, 50, "percent")
    assert [row["is_met"] for row in tables["commune_criteria"]] == [True, False]


def test_what_was_done_or_is_wrong_stands_beside_the_value(tables):
    def said(form, place, name):
        row = tables[form][place]
        note = row[f"{name}_problem"] or row[f"{name}_repair"]
        return [row[name], row[f"{name}_raw"], row[f"{name}_state"], note]

    assert said("services", 0, "service_level") == ["full", "TOÀN TRÌNH", "present", "word_form"]
    assert said("services", 0, "dossiers_received") == [1885, "1.885", "present", "number_text"]
    assert said("services", 1, "dossiers_received") == [None, "1.885", "unreadable", "not_whole"]
    assert said("services", 1, "dossiers_online") == [None, "-", "filler", None]
    assert said("services", 1, "procedure_code") == [
        *("1.000120", "1.00012"),
        *("present", "zeros_given_back"),
    ]
    assert said("services", 1, "period_start") == [None, None, "blank", None]
    assert said("datasets", 0, "records_held") == [0, "0", "present", "number_text"]
    assert said("datasets", 0, "is_connected") == [True, "x", "present", "word_form"]
    # The column writes `3,2`: there the point groups.
    assert said("indicators", 2, "value") == [1885, "1.885", "present", "number_text"]
    assert said("commune_criteria", 0, "commune_code") == [
        *("00004", "4"),
        *("present", "zeros_given_back"),
    ]


def test_a_record_is_named_by_its_key_unless_a_part_is_blank(tables):
    keys = {
        form: [row["record_key"] for row in tables[form]]
        for form in ("tasks", "services", "indicators", "commune_criteria")
    }
    assert keys == {
        "tasks": ["NQ71-001"],
        "services": ["1.000123/2025-08-15/2025-09-14", None],
        "indicators": ["GDP/2025-09-01", None, "XK/2025-09-01"],
        "commune_criteria": ["00004/TC01", "00007/TC01"],
    }
    for form, expected in keys.items():
        listed = [row["record_key"] for row in tables["form_rows"] if row["form"] == form]
        assert listed == expected


def test_gaps_are_the_cells_that_no_rule_can_judge(tables):
    gaps = {
        (row["form"], row["row_number"], row["column_name"]): row["state"] for row in tables["gaps"]
    }
    assert gaps["services", 3, "period_start"] == "blank"
    assert gaps["services", 3, "dossiers_online"] == "filler"
    assert gaps["services", 3, "dossiers_received"] == "unreadable"
    assert gaps["services", 2, "dossiers_pending"] == "blank"
    assert ("services", 2, "dossiers_received") not in gaps
    assert gaps["indicators", 3, "measured_on"] == "blank"


def test_what_need_not_be_said_is_no_gap(root, tmp_path):
    header = (*golden.HEADER[:2], "Trạng thái", "Tiến độ (%)", "Ngày hoàn thành", "Đề xuất")
    states = ("Thường xuyên", "Đang thực hiện", "Đã hoàn thành", None)
    rows = [(f"NQ71-00{n}", "x", state) for n, state in enumerate(states, start=1)]
    path = golden.workbook(tmp_path / "report.xlsx", (header, *rows))
    gaps = {(row["row_number"], row["column_name"]) for row in read_tables(root, path)["gaps"]}
    found = {
        name: [number for number in (2, 3, 4, 5) if (number, name) in gaps]
        for name in ("status", "percent_complete", "completed_on", "proposal")
    }
    assert found == {
        "status": [5],
        "percent_complete": [3, 4, 5],
        "completed_on": [4, 5],  # who does not say the status is not excused
        "proposal": [],
    }


def test_a_row_that_nobody_answered_is_no_report(root, tmp_path):
    header = ("Mã CSDL", "Tên CSDL", "Số bản ghi phải có", "Số bản ghi hiện có")
    rows = (("CSDL-01", "Đất đai", 10, 8), ("CSDL-02", "Dân cư", 20), (None, "Hộ tịch", 5, 4))
    tables = read_tables(root, golden.workbook_of(tmp_path / "x.xlsx", {"CSDL": (header, *rows)}))
    assert [row["record_key"] for row in tables["form_rows"]] == ["CSDL-01", None]
    assert [(row["row_number"], row["row_class"]) for row in tables["structure_rows"]] == [
        (3, "unanswered")
    ]


def test_an_unreadable_cell_is_a_gap_also_where_a_blank_would_do(root, tmp_path):
    header = ("Mã xã", "Mã tiêu chí", "Đạt", "Giá trị")
    sheets = {"Tiêu chí cấp xã": (header, ("00004", "TC01", "Đạt", "nhiều"))}
    gaps = read_tables(root, golden.workbook_of(tmp_path / "report.xlsx", sheets))["gaps"]
    assert [(row["column_name"], row["state"]) for row in gaps] == [
        *(("value", "unreadable"),),
        ("checked_on", "blank"),
    ]


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


def test_sheets_that_are_not_read_are_named(root, tmp_path):
    tasks = (golden.HEADER, golden.ROW)
    sheets = {"Dịch vụ công": golden.SERVICES, "DVC": golden.SERVICES, "Phụ lục": (("x",),)}
    path = golden.workbook_of(tmp_path / "report.xlsx", {"Nhiệm vụ": tasks, **sheets})
    read_submissions(root, receive(root, path))
    (head,) = heads(root).values()

    assert head["unmatched_sheets"] == ["DVC", "Phụ lục"]
    assert {form["form"]: form["other_sheets"] for form in head["forms"]} == {
        "tasks": [],
        "services": ["DVC"],
    }


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
