"""The form of every agency, filled in as asked, goes through the whole job without a finding."""

import shutil
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from conftest import nq57
from openpyxl import load_workbook

from pipelines import warehouse
from pipelines.published import write_blank
from pipelines.sample.records import REPORTING_DATES
from pipelines.sample.truth import make_truth
from pipelines.settings import Settings
from pipelines.workbook.forms import status_labels_by_code

DAY = REPORTING_DATES[-1]
SENT = datetime(2025, 10, 28, 9, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")).timestamp()


def fill(path, reports, labels):
    """What a careful focal point does: the cover, then every cell that the register left open."""
    book = load_workbook(path)
    cover, sheet = book["Thông tin"], book["Nhiệm vụ"]
    for row in cover.iter_rows():
        if row[0].value == "Ngày báo cáo":
            row[1].value = DAY
    places = {cell.value: cell.column - 1 for cell in sheet[1]}
    rows = 0
    for row in sheet.iter_rows(min_row=2):
        code = row[places["Mã nhiệm vụ"]].value
        if code is None:
            continue
        rows += 1
        report = reports[code]
        for header, value in {
            "Trạng thái": labels[report.status],
            "Tiến độ (%)": report.percent,
            "Ngày bắt đầu": report.started_on,
            "Ngày hoàn thành": report.completed_on,
            "Sản phẩm": row[places["Sản phẩm"]].value or "Báo cáo kết quả",
            "Văn bản minh chứng": report.evidence,
            "Người phụ trách": report.responsible_person,
            "Khó khăn, vướng mắc": report.obstacles or "Chờ ý kiến của cơ quan liên quan",
        }.items():
            row[places[header]].value = value
    book.save(path)
    return rows


@pytest.fixture(scope="module")
def filled(full_world, tmp_path_factory):
    """Blank forms from the published register, filled in by all 56 agencies, and one run."""
    settings = Settings(
        data_root=tmp_path_factory.mktemp("filled") / "data", real_input=full_world.database
    )
    truth = make_truth()
    labels = status_labels_by_code(settings.seeds)
    register = settings.inbox / "BCD" / f"register_{DAY}.xlsx"
    register.parent.mkdir(parents=True)
    shutil.copy2(full_world.settings.inbox / "BCD" / register.name, register)
    rows = 0
    for agency in truth.agencies:
        path = settings.inbox / agency / "form.xlsx"
        path.parent.mkdir()
        write_blank(full_world.settings, agency, path)
        said = {
            code: truth.reports[agency, max(d for d in dates), code]
            for code, dates in _dates(truth, agency).items()
        }
        rows += fill(path, said, labels)
    result = nq57(settings.data_root, "run", "--as-of", str(DAY))
    assert result.returncode == 0, result.stdout + result.stderr
    with warehouse.connect(settings.published / "nq57.duckdb", read_only=True) as connection:
        yield connection, rows


def _dates(truth, agency) -> dict[str, list[date]]:
    found: dict[str, list[date]] = {}
    for sender, on, code in truth.reports:
        if sender == agency:
            found.setdefault(code, []).append(on)
    return found


def test_all_agencies_are_accepted_with_all_their_rows(filled):
    connection, rows = filled
    found = connection.execute(
        "select count(distinct agency_code), sum(rows_kept), sum(rows_rejected)"
        " from marts.fct_submissions where status = 'ACCEPTED' and form = 'tasks'"
    ).fetchone()
    assert found == (56, rows, 0)


def test_nothing_is_found_in_a_form_filled_in_as_asked(filled):
    connection, _ = filled
    found = connection.execute(
        "select rule_id, agency_code, record_key, column_name, value_found, related_cells"
        " from quality.findings where agency_code <> 'BCD' limit 10"
    ).fetchall()
    assert found == []
