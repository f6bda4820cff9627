"""Builders of workbooks in which a cell or a title speaks for more than its own place."""

from __future__ import annotations

from pathlib import Path

from golden import COVER, HEADER
from openpyxl import Workbook

SERVICES_TOP = ("Mã thủ tục", "Đến ngày", "Tổng hồ sơ tiếp nhận", "Lũy kế", None)
SERVICES_LOW = (None, None, None, "Đã giải quyết", "Giải quyết quá hạn")
TASKS_TOP = ("Mã nhiệm vụ", "Tên nhiệm vụ", "Kế hoạch", None, "Thực hiện", None)
TASKS_LOW = (None, None, "Ngày bắt đầu", "Ngày hoàn thành", "Ngày bắt đầu", "Ngày hoàn thành")


def _save(path: Path, name: str, rows: list[tuple], merged: tuple[str, ...] = ()) -> Path:
    book = Workbook()
    front = book.worksheets[0]
    front.title = "Thông tin"
    for pair in COVER:
        front.append(pair)
    sheet = book.create_sheet(name)
    for row in rows:
        sheet.append(row)
    for span in merged:
        sheet.merge_cells(span)
    book.save(path)
    return path


def merged_down(path: Path) -> Path:
    """One lead agency, one deadline and one percentage for three tasks; a fourth stands alone."""
    rows = [
        (*HEADER, "Tiến độ (%)"),
        ("NQ71-001", "Việc 1", "Bộ KH&CN", "Quý III/2025", "Đang thực hiện", 30),
        ("NQ71-002", "Việc 2", None, None, "Đang thực hiện", None),
        ("NQ71-003", "Việc 3", None, None, "Đang thực hiện", None),
        ("NQ71-004", "Việc 4", None, "31/12/2025", "Đang thực hiện", 40),
    ]
    return _save(path, "Nhiệm vụ", rows, ("C2:C4", "D2:D4", "F2:F4"))


def merged_code(path: Path) -> Path:
    """One code for two rows: a matter in two parts."""
    rows = [
        HEADER,
        ("NQ71-001", "Việc 1", "Bộ Y tế", "31/12/2025", "Đang thực hiện"),
        (None, "Việc 1, phần hai", "Bộ Y tế", "31/12/2025", "Đang thực hiện"),
    ]
    return _save(path, "Nhiệm vụ", rows, ("A2:A3",))


def planned_beside_done(path: Path) -> Path:
    """Days planned stand before days done, under the same words."""
    row = ("NQ71-001", "Việc 1", "1/1/2025", "1/2/2025", "3/1/2025", "3/2/2025")
    merged = ("A1:A2", "B1:B2", "C1:D1", "E1:F1")
    return _save(path, "Nhiệm vụ", [TASKS_TOP, TASKS_LOW, row], merged)


def cumulative_figures(path: Path) -> Path:
    """What was settled since the beginning of the year, in words of the period's own columns."""
    row = ("1.000123", "14/9/2025", 10, 500, 20)
    merged = ("A1:A2", "B1:B2", "C1:C2", "D1:E1")
    return _save(path, "Dịch vụ công", [SERVICES_TOP, SERVICES_LOW, row], merged)


def ratios_of_figures(path: Path) -> Path:
    """Ratios of what was filed and settled, in the words of the counts."""
    top = (*SERVICES_TOP[:3], "Tỷ lệ (%)", None)
    low = (None, None, None, "Hồ sơ trực tuyến", "Đã giải quyết")
    merged = ("A1:A2", "B1:B2", "C1:C2", "D1:E1")
    return _save(path, "Dịch vụ công", [top, low, ("1.000123", "14/9/2025", 10, 50, 60)], merged)


def two_columns_of_one_name(path: Path) -> Path:
    """The status twice: the same in the first task, another in the second."""
    rows = [
        (*HEADER, "Trạng thái"),
        ("NQ71-001", "Việc 1", "Bộ Y tế", "31/12/2025", "Đang thực hiện", "Đang thực hiện"),
        ("NQ71-002", "Việc 2", "Bộ Y tế", "31/12/2025", "Đang thực hiện", "Hoàn thành"),
    ]
    return _save(path, "Nhiệm vụ", rows)


def two_blank_columns_of_one_name(path: Path) -> Path:
    """A header that reaches over two columns, the second of them empty."""
    rows = [
        (*HEADER, None),
        ("NQ71-001", "Việc 1", "Bộ Y tế", "31/12/2025", "Đang thực hiện"),
    ]
    return _save(path, "Nhiệm vụ", rows, ("E1:F1",))


def codes_as_numbers(path: Path) -> Path:
    """Long codes that a program took for numbers, as it stores and as it writes them."""
    rows = [HEADER]
    for code in (1234567890123456789, "1,23457E+15", "1.23457E+15", 123456789012345):
        rows.append((code, "Việc", "Bộ Y tế", "31/12/2025", "Đang thực hiện"))
    return _save(path, "Nhiệm vụ", rows)


def sums_of_fields(path: Path) -> Path:
    """Sub-totals in words that stand where codes do, and a figure since the beginning."""
    days = ("15/8/2025", "14/9/2025")
    rows = [
        ("Mã thủ tục", "Từ ngày", "Đến ngày", "Tổng hồ sơ tiếp nhận", "Hồ sơ trực tuyến"),
        ("1.000123", *days, 5, 3),
        ("Cộng lĩnh vực A", None, None, 5, 3),
        ("1.000124", *days, 6, 2),
        ("Lũy kế", None, None, 500, 300),
        ("Total", None, None, 11, 5),
    ]
    return _save(path, "Dịch vụ công", rows)


def scale_above(path: Path) -> Path:
    """Counts in thousands, as only a line above the header says."""
    rows = [
        ("Đơn vị tính: nghìn hồ sơ",),
        ("Mã thủ tục", "Từ ngày", "Đến ngày", "Tổng hồ sơ tiếp nhận", "Hồ sơ trực tuyến"),
        ("1.000123", "15/8/2025", "14/9/2025", 5, 0),
    ]
    return _save(path, "Dịch vụ công", rows)


def units_that_differ(path: Path) -> Path:
    """Money of one currency beside the unit of another; a percentage beside its own."""
    rows = [
        ("Mã chỉ tiêu", "Giá trị", "Đơn vị tính", "Ngày đo"),
        ("XK", "5 tỷ đồng", "USD", "1/9/2025"),
        ("KTS", "5%", "USD", "1/9/2025"),
        ("GDP", "5%", "%", "1/9/2025"),
    ]
    return _save(path, "Chỉ tiêu", rows)
