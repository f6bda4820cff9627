"""Builders of small workbooks, each named for its one fault."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from openpyxl import Workbook

COVER = (
    ("Mã cơ quan", "BKHCN"),
    ("Ngày báo cáo", date(2025, 9, 23)),
    ("Từ ngày", date(2025, 8, 15)),
    ("Đến ngày", date(2025, 9, 14)),
)
HEADER = ("Mã nhiệm vụ", "Tên nhiệm vụ", "Cơ quan chủ trì", "Thời hạn hoàn thành", "Trạng thái")
ROW = ("NQ71-001", "Xây dựng nền tảng", "Bộ KH&CN", "Quý III/2025", "Đang thực hiện")


SERVICES = (
    ("Mã thủ tục", "Mức độ", "Từ ngày", "Đến ngày", "Tổng hồ sơ tiếp nhận", "Hồ sơ trực tuyến"),
    ("1.000123.000.00.00.H38", "TOÀN TRÌNH", "15/8/2025", date(2025, 9, 14), "1.885", 1200),
    (1.00012, "Một phần", None, date(2025, 9, 14), 1.885, "-"),
)
DATASETS = (
    ("Mã CSDL", "Số bản ghi hiện có", "Ngày cập nhật gần nhất", "Đã kết nối", "Tự đánh giá đúng"),
    ("CSDL-01", "0", date(2025, 9, 1), "x", 98.5),
)
INDICATORS = (
    ("Mã chỉ tiêu", "Giá trị", "Đơn vị tính", "Ngày đo"),
    ("GDP", "> 3,2 nghìn", "nghìn tỷ đồng", date(2025, 9, 1)),
    ("KTS", "40 - 50%", "%", None),
    ("XK", "1.885", "USD", date(2025, 9, 1)),
)
COMMUNE_CRITERIA = (
    ("Mã xã", "Mã tiêu chí", "Đạt", "Giá trị"),
    (4, "TC01", "Đạt", None),
    ("00007", "TC01", "Không", "95,5 %"),
)
SHEETS = {
    "Nhiệm vụ": (HEADER, ROW),
    "Dịch vụ công": SERVICES,
    "Cơ sở dữ liệu": DATASETS,
    "Chỉ tiêu": INDICATORS,
    "Tiêu chí cấp xã": COMMUNE_CRITERIA,
}


def workbook(
    path: Path,
    rows: Sequence[Sequence[object]] = (HEADER, ROW),
    cover: Sequence[tuple[str, object]] = COVER,
    sheet: str = "Nhiệm vụ",
) -> Path:
    """A cover and a sheet of tasks, as given."""
    return workbook_of(path, {sheet: rows}, cover)


def workbook_of(
    path: Path,
    sheets: Mapping[str, Sequence[Sequence[object]]],
    cover: Sequence[tuple[str, object]] = COVER,
) -> Path:
    """A cover and sheets, as given."""
    book = Workbook()
    front = book.worksheets[0]
    front.title = "Thông tin"
    for pair in cover:
        front.append(pair)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def empty_workbook(path: Path) -> Path:
    Workbook().save(path)
    return path


def truncated_zip(path: Path) -> Path:
    content = workbook(path).read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def zip_bomb(path: Path) -> Path:
    workbook(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as container:
        container.writestr("xl/media/bomb.xml", b"0" * 20_000_000)
    return path


def doctype(path: Path) -> Path:
    return _with_sheet(path, b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet/>')


def doctype_in_utf16(path: Path) -> Path:
    return _with_sheet(path, '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet/>'.encode("utf-16"))


def far_cell(path: Path) -> Path:
    return _with_sheet(path, _sheet(b'<row r="1"><c r="A1"><v>1</v></c></row>', b"XFD1048576"))


def far_cell_after_last_row(path: Path) -> Path:
    """The row is never closed: whoever only looks at whole rows misses it."""
    xml = b'<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c>'
    return _with_sheet(path, xml)


def far_row(path: Path) -> Path:
    row = b'<row r="1048576"><c r="ZZ1048576"><v>1</v></c></row>'
    return _with_sheet(path, b"<worksheet><sheetData>" + row + b"</sheetData></worksheet>")


def spread_cells(path: Path) -> Path:
    """Two cells that span 19 million: just allowed, and dear to whoever reserves room for all."""
    first = b'<row r="1"><c r="A1"><v>1</v></c></row>'
    last = b'<row r="9900"><c r="BUX9900"><v>1</v></c></row>'
    return _with_sheet(path, b"<worksheet><sheetData>" + first + last + b"</sheetData></worksheet>")


def false_dimension(path: Path) -> Path:
    """The sheet claims to reach XFD1048576 and holds two rows."""
    return _rewritten(path, b'<dimension ref="A1:E2"', b'<dimension ref="A1:XFD1048576"')


def small_dimension(path: Path) -> Path:
    """The sheet claims to be A1 alone and holds two rows."""
    return _rewritten(path, b'<dimension ref="A1:E2"', b'<dimension ref="A1"')


def entry_twice(path: Path) -> Path:
    workbook(path)
    with zipfile.ZipFile(path, "a") as container:
        container.writestr("xl/worksheets/sheet9.xml", "<worksheet/>")
        container.filelist.append(container.filelist[-1])
    return path


def password_protected(path: Path) -> Path:
    name = "EncryptedPackage".encode("utf-16-le")
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + name + bytes(600))
    return path


def html_named_xls(path: Path) -> Path:
    path.write_text("<html><table><tr><td>Mã nhiệm vụ</td></tr></table></html>", encoding="utf-8")
    return path


def text_file(path: Path) -> Path:
    path.write_text("Kính gửi Ban Chỉ đạo\n", encoding="utf-8")
    return path


def _sheet(rows: bytes, far: bytes) -> bytes:
    last = b'<row r="1048576"><c r="' + far + b'"><v>1</v></c></row>'
    return b"<worksheet><sheetData>" + rows + last + b"</sheetData></worksheet>"


def _with_sheet(path: Path, content: bytes) -> Path:
    """A workbook whose second sheet is these bytes."""
    return _replaced(path, lambda _: content)


def _rewritten(path: Path, old: bytes, new: bytes) -> Path:
    def rewrite(content: bytes) -> bytes:
        assert old in content
        return content.replace(old, new)

    return _replaced(path, rewrite)


def _replaced(path: Path, change) -> Path:
    source = workbook(path.with_name(f"source-{path.name}"))
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name.endswith("sheet2.xml") else content)
    source.unlink()
    return path
