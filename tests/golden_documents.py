"""Golden workbooks after published documents: their layouts, and the errors that were printed.

Figures and layouts are those of the documents; names of agencies are official; every other word and
every figure that makes up a sum is filler.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from textwrap import dedent

from openpyxl import Workbook

SERVICES = dedent("""
    template: dispatch-220
    version: "1"
    constants: {reporting_date: "2025-11-18"}
    forms:
      procedures_online:
        sheet: Phụ lục II
        aliases: [Phụ lục III]
        key: [agency_code]
        sums: [{total: due, parts: [provided, remaining]}]
        is_checked_while_read: true
        columns:
          - {name: agency_code, header: Cơ quan, type: agencies, is_required: true}
          - {name: procedures, header: Tổng số TTHC, type: count}
          - {name: unused, header: Không phát sinh hồ sơ 3 năm, type: count}
          - {name: due, header: Phải cung cấp, type: count, is_required: true}
          - {name: provided, header: Đã cung cấp, type: count}
          - {name: integrated, header: Tích hợp Cổng Dịch vụ công quốc gia, type: count}
          - {name: remaining, header: Còn lại, type: count}
          - {name: rate, header: Tỷ lệ, type: percent}
          - {name: note, header: Ghi chú, type: text, is_optional: true}
    """)
SERVICES_HEADER = ("TT", "Cơ quan", "Tổng số TTHC", "Không phát sinh hồ sơ 3 năm", "Phải cung cấp",
                   "Đã cung cấp", "Tích hợp Cổng Dịch vụ công quốc gia", "Còn lại", "Tỷ lệ",
                   "Ghi chú")  # fmt: skip
AUDIT = dedent("""
    template: audit-inputs
    version: "1"
    constants: {reporting_date: "2025-10-28"}
    forms:
      audit_inputs:
        sheet: Biểu 1
        aliases: [BIEU 01, PL01]
        key: [unit]
        columns:
          - {name: unit, header: Đơn vị, type: text, is_required: true}
          - {name: groups, header: Nhóm nội dung, type: text}
          - {name: planned, header: Kế hoạch, type: count, is_required: true}
          - {name: done, header: Thực hiện, type: count}
    """)
PROVINCIAL = dedent("""
    template: provincial-services
    version: "1"
    constants: {reporting_date: "2025-10-28"}
    forms:
      provincial_services:
        sheet: Báo cáo
        key: [unit]
        sums: [{total: received, parts: [online, direct, postal]}]
        columns:
          - {name: unit, header: Đơn vị, type: text, is_required: true}
          - {name: received, header: Tổng số tiếp nhận, type: count, is_required: true}
          - {name: online, header: Tiếp nhận / Trực tuyến, type: count,
             aliases: [Trực tuyến]}
          - {name: direct, header: Tiếp nhận / Trực tiếp, type: count,
             aliases: [Trực tiếp]}
          - {name: postal, header: Tiếp nhận / BCCI, type: count, aliases: [BCCI]}
          - {name: on_time, header: Giải quyết / Đúng hạn, type: count, aliases: [Đúng hạn]}
          - {name: late, header: Giải quyết / Quá hạn, type: count, aliases: [Quá hạn]}
          - {name: digitised, header: Số hóa / Kết quả, type: count, aliases: [Kết quả]}
          - {name: reused, header: Số hóa / Tái sử dụng, type: count, aliases: [Tái sử dụng]}
    """)
REPORT = dedent("""
    template: mission-report
    version: "1"
    constants: {reporting_date: "2026-10-28"}
    forms:
      mission_report:
        sheet: Báo cáo
        key: [month]
        columns:
          - {name: month, header: Tháng, type: count, is_required: true}
          - {name: assigned, header: Được giao, type: count, is_required: true}
          - {name: done, header: Hoàn thành, type: count}
    """)
NUMBERED = dedent("""
    template: notice-624
    version: "1"
    constants: {reporting_date: "2025-11-07"}
    forms:
      numbered_tasks:
        sheet: Phụ lục II
        key: [title]
        is_checked_while_read: true
        columns:
          - {name: title, header: Tên nhiệm vụ, type: text, is_required: true}
          - {name: lead_agency, header: Đơn vị chủ trì, type: agencies, is_required: true}
          - {name: deadline, header: Thời hạn, type: deadline}
          - {name: result, header: Kết quả thực hiện, type: text, is_optional: true}
          - {name: status, header: Tiến độ, type: word, words: status}
    """)
MINISTRIES = ("Bộ Công an", "Bộ Nội vụ", "Bộ Tài chính", "Bộ Y tế", "Bộ Xây dựng")


def _save(path: Path, sheets: dict[str, list[tuple]], merged: tuple[str, ...] = ()) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for span in merged:
            sheet.merge_cells(span)
    book.save(path)
    return path


def template(folder: Path, text: str) -> Path:
    """A folder of templates with this one in it."""
    folder.mkdir()
    (folder / "golden.yml").write_text(text, encoding="utf-8")
    return folder


def ministries_against_their_total(path: Path) -> Path:
    """Annex II, ministries: rows give 1,200 and 516; printed are 1.199 and 517."""
    figures = ((300, 100), (250, 150), (400, 116), (150, 100), (100, 50))
    rows = [
        (n, name, 500, 20, given + left, given, given, left, f"{100 * given / (given + left):.2f}")
        for n, (name, (given, left)) in enumerate(zip(MINISTRIES, figures, strict=True), start=1)
    ]
    total = ("", "Tổng cộng", 2500, 100, "1.716", "1.199", "1.200", "517", "69,87")
    return _save(path, {"Phụ lục II": [("PHỤ LỤC II",), (), SERVICES_HEADER, *rows, total]})


def lao_cai_shifted(path: Path) -> Path:
    """Annex II, provinces: the cells of Lào Cai stand one place too far right."""
    rows = [
        (1, "TP Hà Nội", 1500, 40, 1400, 1300, 1300, 100, "92,86", None),
        (2, "Lào Cai", 1200, 30, None, 1149, 1100, 1100, 49, "95,74"),
        (3, "Tp. Hà Nội", 20, 1, 10, 9, 9, 1, "90", None),
        (4, "TP.Hồ Chí Minh", 1600, 50, 1500, 1400, 1400, 100, "93,33", None),
    ]
    return _save(path, {"Phụ lục II": [SERVICES_HEADER, *rows]})


def number_styles(path: Path) -> Path:
    """All the ways in which one annex writes numbers."""
    rows = [
        (1, "Bộ Công an", "1.885", "07", "3(1)", "3", "-", "-", "94,29"),
        (2, "Bộ Nội vụ", "1149", "09", "10", "8", None, "2", "80, 68%"),
        (3, "Bộ Y tế", 1885, 7, 3, 3, 3, 0, "99.4%"),
    ]
    return _save(path, {"Phụ lục II": [SERVICES_HEADER, *rows]})


def provinces_that_do_not_add_up(path: Path) -> Path:
    """Annex III: Đồng Nai 1852 + 399 against 2151, Tây Ninh 2207 against 2102, 23 for 25."""
    names = ("Lai Châu", "Sơn La", "Lạng Sơn", "Đồng Nai", "Tây Ninh", "Vĩnh Long")
    figures = ((2151, 1852, 399), (2102, 1808, 399))
    rows = [
        (n, name, 3000, 10, 1000, 900, 900, 100, "90") for n, name in enumerate(names, start=21)
    ]
    for place, (due, given, left) in zip((3, 4), figures, strict=True):
        rows[place] = (*rows[place][:4], due, given, given, left, "90")
    rows[4] = (23, *rows[4][1:])
    start = [(n, "Bộ Công an", 1, 0, 2, 1, 1, 1, "50") for n in range(1, 21)]
    return _save(path, {"Phụ lục III": [SERVICES_HEADER, *start, *rows]})


def moet_row(path: Path) -> Path:
    """Annex I: 113 + 101 against 115."""
    row = (1, "Bộ Giáo dục và Đào tạo", 230, 15, 115, 113, 113, 101, "52,80")
    return _save(path, {"Phụ lục II": [SERVICES_HEADER, row]})


def audit_inputs(path: Path) -> Path:
    """Index row, running numbers by formula, codes such as `1,3;5`; the data begin in row 8."""
    rows = [
        ("KIỂM TOÁN (giả định)",), (), ("Biểu số 01",), (), (),
        ("STT", "Đơn vị", "Nhóm nội dung", "Kế hoạch", "Thực hiện"),
        (1, 2, 3, 4, 5),
        ("=ROW()-7", "Vụ A", "1,3;5", 12, 10),
        ("=ROW()-7", "Vụ B", "2", 7, "=D9-#REF!"),
    ]  # fmt: skip
    return _save(path, {"BIEU 01": rows})


def provincial_report(path: Path) -> Path:
    """A header over three merged rows, sections I and II, blanks for 0, one row that is false."""
    top = (
        "Đơn vị",
        "Tổng số tiếp nhận",
        "Tiếp nhận",
        None,
        None,
        "Giải quyết",
        None,
        "Số hóa",
        None,
    )
    low = (None, None, "Trực tuyến", "Trực tiếp", "BCCI", "Đúng hạn", "Quá hạn", "Kết quả",
           "Tái sử dụng")  # fmt: skip
    rows = [
        ("(Thống kê hàng tháng, quý, 6 tháng, 9 tháng, năm)",), top, low,
        ("I", "Sở, ban, ngành"),
        ("Sở A", 100, 60, 30, 10, 90, None, 80, 5),
        ("Sở B", 50, 30, 15, 15, 50, None, 40, None),
        ("II", "Cấp huyện / Văn phòng đăng ký đất đai"),
        ("Văn phòng C", 20, 10, 10, 0, 18, 2, 10, 1),
    ]  # fmt: skip
    merged = ("A2:A3", "B2:B3", "C2:E2", "F2:G2", "H2:I2")
    return _save(path, {"Báo cáo": rows}, merged)


def months_as_serials(path: Path) -> Path:
    """Months 1 to 12, stored as the first twelve days of January 2026."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Báo cáo"
    for row in [
        ("BÁO CÁO",),
        *[("Bộ lọc", "Tất cả")] * 7,
        (),
        ("Tháng", "Được giao", "Hoàn thành"),
    ]:
        sheet.append(row)
    for month in range(1, 13):
        sheet.append((date(2026, 1, month), 5, 4))
        sheet.cell(sheet.max_row, 1).number_format = "d"
    book.save(path)
    return path


def notice_numbering(path: Path) -> Path:
    """Annex II of a notice: 22, 20, 21, 22; 37 twice and no 38; sections; a footnote [1]."""
    numbers = [*range(1, 19), 22, 20, 21, 22, *range(23, 38), 37, *range(39, 49)]
    rows = [
        (number, f"Nội dung {place} (giả định)", "Bộ Tài chính", "31/12/2025", "Đang làm",
         "Đang thực hiện") for place, number in enumerate(numbers, start=1)
    ]  # fmt: skip
    rows[10:10] = [("Nhiệm vụ giao Bộ trưởng Bộ Tài chính",)]
    header = ("STT", "Tên nhiệm vụ", "Đơn vị chủ trì", "Thời hạn", "Kết quả thực hiện", "Tiến độ")
    note = ("[1] Gồm 11 địa phương (giả định).",)
    return _save(path, {"Phụ lục II": [header, *rows, (), note]})
