"""A layout of an agency is added by following docs/new-layout.md: one YAML file, nothing else."""

import re
from datetime import date

import chain
import pytest
from conftest import nq57
from golden import workbook_of
from openpyxl import Workbook

from pipelines import warehouse
from pipelines.settings import PROJECT_ROOT, Settings

PAGE = (PROJECT_ROOT / "docs" / "new-layout.md").read_text(encoding="utf-8")
STEP = re.compile(r"^`(?P<path>[^`]+)`, new:\n\n```yaml\n(?P<text>.*?)```$", re.M | re.S)

REGISTER = (
    (
        "Chương trình", "Mã nhiệm vụ", "Tên nhiệm vụ", "Cơ quan chủ trì", "Ngày giao",
        "Thời hạn hoàn thành", "Văn bản giao",
    ),
    ("NQ71", "NQ71-001", "Xây dựng nền tảng tích hợp, chia sẻ dữ liệu dùng chung của các bộ, ngành",
     "BKHCN", "01/04/2025", "30/06/2025", "Nghị quyết số 71/NQ-CP"),
    ("NQ71", "NQ71-002", "Ban hành chiến lược phát triển công nghiệp bán dẫn đến năm 2030",
     "BKHCN", "01/04/2025", "31/12/2025", "Nghị quyết số 71/NQ-CP"),
    ("NQ71", "NQ71-003", "Hoàn thiện khung pháp lý về sàn giao dịch công nghệ quốc gia",
     "BKHCN", "01/04/2025", "31/12/2025", "Nghị quyết số 71/NQ-CP"),
    ("NQ71", "NQ71-004", "Tổ chức đào tạo kỹ năng số cho cán bộ, công chức cấp xã trên toàn quốc",
     "BNV", "01/04/2025", "31/12/2025", "Nghị quyết số 71/NQ-CP"),
)  # fmt: skip
TRACKED = (
    ("BẢNG THEO DÕI NHIỆM VỤ",),
    ("(Số liệu tính đến ngày 23/09/2025)",),
    ("TT", "Nội dung công việc", "Căn cứ giao", "Đầu mối chủ trì", "Hạn xử lý", "Tình hình",
     "Ngày xong"),
    (1, "XÂY DỰNG NỀN TẢNG TÍCH HỢP, CHIA SẺ DỮ LIỆU DÙNG CHUNG CỦA CÁC BỘ, NGÀNH",
     "NQ 71/NQ-CP", "Bộ KH&CN", "30/06/2025", "Đã hoàn thành", "15/06/2025"),
    (2, "Ban hành chiến lược phát triển công ngiệp bán dẫn đến năm 2030",
     "NQ 71/NQ-CP", "Bộ KH&CN", "Quý IV/2025", "Đang thực hiện", None),
    (3, "Ban hành khung pháp lý về sàn giao dịch công nghệ quốc gia",
     "NQ 71/NQ-CP", "Bộ KH&CN", "31/12/2025", "Đang thực hiện", None),
    (4, "Tổ chức hội thao chào mừng ngày thành lập ngành",
     None, "Bộ KH&CN", "31/12/2025", "Đang thực hiện", None),
)  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory, project):
    """A data root with the layout of the page, the register, and a workbook that follows it."""
    root = tmp_path_factory.mktemp("new_layout")
    settings = Settings(data_root=root / "data", real_input=root, project_root=project)
    for step in STEP.finditer(PAGE):
        path = settings.data_root / step["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(step["text"], encoding="utf-8")
    for code in ("BCD", "BKHCN"):
        (settings.inbox / code).mkdir(parents=True)
    register = settings.inbox / "BCD" / "danh_muc.xlsx"
    cover = (("Mã cơ quan", "BCD"), ("Ngày báo cáo", date(2025, 9, 1)))
    workbook_of(register, {"Danh mục nhiệm vụ": REGISTER}, cover)
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Theo dõi"
    for row in TRACKED:
        sheet.append(row)
    book.save(settings.inbox / "BKHCN" / "theo_doi_thang_9.xlsx")
    chain.run(settings, date(2025, 9, 23))
    return settings


@pytest.fixture(scope="module")
def published(world):
    with warehouse.connect(world.published / "nq57.duckdb", read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def inside(world):
    with warehouse.connect(world.warehouse, read_only=True) as connection:
        yield connection


def test_the_page_is_one_yaml_file():
    (step,) = STEP.finditer(PAGE)
    assert step["path"].startswith("templates/")


def test_the_workbook_is_read_by_its_layout_and_dated_by_its_title(inside):
    (read,) = inside.sql(
        "select template, readings.status, reporting_date from raw.readings"
        " inner join raw.receipts using (submission_id) where agency_code = 'BKHCN'"
    ).fetchall()

    assert read == ("bkhcn-tracking", "READ", date(2025, 9, 23))


def test_rows_find_their_task_ask_or_are_named(inside):
    found = inside.sql(
        "select row_number, record_key, basis, verdict, rejection_reason"
        " from intermediate.int_row_matches order by row_number"
    ).fetchall()

    assert found == [
        (4, "NQ71-001", "document_title", "accepted", None),
        (5, "NQ71-002", "likeness", "accepted", None),
        (6, "NQ71-003", "likeness", "asked", "match_pending"),
        (7, None, "likeness", "refused", "no_match"),
    ]


def test_matched_rows_are_facts_with_their_address(published):
    found = published.sql(
        "select task_code, status, completed_on, sheet_name, row_number"
        " from marts.fct_task_agencies"
        " where as_of_date = '2025-09-23' and agency_code = 'BKHCN' order by all"
    ).fetchall()

    assert found == [
        ("NQ71-001", "DONE_ON_TIME", date(2025, 6, 15), "Theo dõi", 4),
        ("NQ71-002", "IN_PROGRESS_ON_TIME", None, "Theo dõi", 5),
        ("NQ71-003", "UNKNOWN", None, None, None),
    ]


def test_rows_that_wait_or_match_nothing_are_findings_at_their_row(published):
    found = published.sql(
        "select row_number from quality.findings"
        " where rule_id = 'TSK-CLN-012' and agency_code = 'BKHCN' and state = 'OPEN' order by all"
    ).fetchall()

    assert found == [(6,), (7,)]


def test_the_release_is_proved_from_the_archive_with_its_matches(world):
    ended = nq57(world.data_root, "verify", "published", project=world.project_root)

    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_question_is_listed_with_its_command(world):
    ended = nq57(world.data_root, "decide", project=world.project_root)

    assert "BKHCN|tasks|" in ended.stdout
    assert "NQ71-003" in ended.stdout
