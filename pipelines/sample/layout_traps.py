"""Traps of the layout: each takes a draft, distorts it and says what it wrote.

None of them changes what a cell of the table means.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from datetime import date
from itertools import groupby, pairwise

from pipelines.sample.cell_traps import SHORT_NAMES
from pipelines.sample.draft import Draft, DraftRow, Written
from pipelines.workbook.template import Form

Layout = Callable[[random.Random, Draft, Form], str]
_SECTIONS = {
    "NQ71": "Nhiệm vụ theo Nghị quyết 71/NQ-CP",
    "KL": "Nhiệm vụ theo các thông báo kết luận",
    "KH02": "Nhiệm vụ theo Kế hoạch 02-KH/BCĐTW",
}
_ROMAN = ("I", "II", "III", "IV", "V")
_ANCHOR_COLUMNS = ("task_code", "title", "programme_code")


def title_lines_above(_: random.Random, draft: Draft, __: Form) -> str:
    """T01: national motto and title above the header."""
    draft.before += [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "",
        "BÁO CÁO TÌNH HÌNH THỰC HIỆN NGHỊ QUYẾT SỐ 57-NQ/TW",
        "(Số liệu giả định, không phải số liệu của cơ quan nào)",
        "",
    ]
    return draft.before[0]


def number_column(rng: random.Random, draft: Draft, _: Form) -> str:
    """T06: a running number that jumps and repeats."""
    draft.columns.insert(0, "stt")
    draft.headers["stt"], draft.widths["stt"] = rng.choice(("STT", "TT", "Số TT")), 6
    number = 0
    for row in draft.rows:
        number += rng.choice((1, 1, 1, 1, 1, 1, 1, 0, 2))
        row.cells["stt"] = number
    return draft.headers["stt"]


def unknown_column(rng: random.Random, draft: Draft, _: Form) -> str:
    """T08: a column of the agency's own."""
    header = rng.choice(("Ghi chú", "Lãnh đạo theo dõi khối", "Mã nội bộ"))
    draft.columns.insert(rng.randint(3, len(draft.columns)), "own")
    draft.headers["own"], draft.widths["own"] = header, 14
    for row in draft.rows:
        row.cells["own"] = rng.choice((None, None, "đã rà soát", "x"))
    return header


def swapped_columns(rng: random.Random, draft: Draft, _: Form) -> str:
    """T08: the same columns in another order."""
    movable = [n for n, name in enumerate(draft.columns) if name not in (*_ANCHOR_COLUMNS, "stt")]
    first, second = rng.sample(movable, 2)
    columns = draft.columns
    columns[first], columns[second] = columns[second], columns[first]
    return f"{columns[first]}, {columns[second]}"


def two_row_header(rng: random.Random, draft: Draft, _: Form) -> str:
    """T02: neighbouring columns under a merged common title."""
    fixed = (*_ANCHOR_COLUMNS, "stt", "own")
    pairs = [pair for pair in pairwise(draft.columns) if not set(pair) & set(fixed)]
    draft.above = dict.fromkeys(rng.choice(pairs), "Thông tin theo dõi")
    return "Thông tin theo dõi"


def header_aliases(rng: random.Random, draft: Draft, form: Form) -> str:
    """T08: headers by the other names that documents use."""
    chosen = [column for column in form.columns if column.aliases and rng.random() < 0.4]
    for column in chosen:
        draft.headers[column.name] = rng.choice(column.aliases)
    return ", ".join(draft.headers[column.name] for column in chosen)


def header_writing(rng: random.Random, draft: Draft, form: Form) -> str:
    """T14, T40, T42: headers in capitals, with line breaks, blanks too many, letters apart."""
    ways: tuple[Callable[[str], str], ...] = (
        str.upper,
        lambda text: text.replace(" ", "\n", 1),
        lambda text: f" {text.replace(' ', '  ')}\u00a0",
        lambda text: unicodedata.normalize("NFD", text),
    )
    way = rng.choice(ways)
    for column in form.columns:
        draft.headers[column.name] = way(draft.headers[column.name])
    return draft.headers[form.columns[0].name]


def section_rows(_: random.Random, draft: Draft, __: Form) -> str:
    """T04: a Roman numeral and the name of the programme above its tasks."""
    rows: list[DraftRow] = []
    numerals = iter(_ROMAN)
    for programme, members in groupby(draft.rows, key=_programme):
        if programme in _SECTIONS:
            cells: dict[str, Written] = {draft.columns[0]: next(numerals)}
            rows.append(DraftRow(cells | {"title": _SECTIONS[programme]}))
        rows += members
    draft.rows = rows
    return _ROMAN[0]


def _programme(row: DraftRow) -> str:
    return (row.task_code or "").split("-")[0]


def index_row(_: random.Random, draft: Draft, __: Form) -> str:
    """T03: (1), (2), (3) under the header."""
    cells: dict[str, Written] = {
        name: f"({number})" for number, name in enumerate(draft.columns, start=1)
    }
    draft.rows.insert(0, DraftRow(cells))
    return "(1)"


def total_row(_: random.Random, draft: Draft, __: Form) -> str:
    """T05: a line of totals at the end."""
    count = sum(row.task_code is not None for row in draft.rows)
    cells: dict[str, Written] = {draft.columns[0]: "Tổng cộng"}
    draft.rows.append(DraftRow(cells | {"title": f"{count} nhiệm vụ"}))
    return "Tổng cộng"


def footnote(_: random.Random, draft: Draft, __: Form) -> str:
    """T09: a remark below the table."""
    text = "Ghi chú: số liệu giả định, do chương trình tạo ra."
    draft.rows += [DraftRow({}), DraftRow({draft.columns[0]: text})]
    return text


def hidden_sheet(_: random.Random, draft: Draft, __: Form) -> str:
    """T08: a hidden sheet of instructions and lists."""
    draft.hidden["hướng dẫn"] = ["Chọn trạng thái:", "Đã hoàn thành", "Đang thực hiện", "NQ71-001"]
    return "hướng dẫn"


def sheet_renamed(rng: random.Random, draft: Draft, form: Form) -> str:
    """T08: the sheet under another name."""
    draft.sheet = rng.choice((form.sheet.upper(), f"{form.sheet} ", *form.aliases))
    return draft.sheet


def cover_by_hand(rng: random.Random, draft: Draft, _: Form) -> str:
    """T11: labels with a colon, the date as text."""
    mark = rng.choice((":", " :", ""))
    draft.cover = [
        (
            f"{label}{mark}",
            f"{value.day}/{value.month}/{value.year}" if isinstance(value, date) else value,
        )
        for label, value in draft.cover
    ]
    return draft.cover[0][0]


def cover_names_the_agency(rng: random.Random, draft: Draft, _: Form) -> str:
    """T13: the name of the agency for its code, as its people write it."""
    label, code = draft.cover[0]
    name = rng.choice(SHORT_NAMES.get(draft.agency_name, (draft.agency_name,)))
    draft.cover[0] = (label, name if code != "BCD" else code)
    return str(draft.cover[0][1])


def cover_without_agency(_: random.Random, draft: Draft, __: Form) -> str:
    """T36: the cover does not say who reports; the channel does."""
    draft.cover[0] = (draft.cover[0][0], None)
    return ""


# Order matters: columns before the rows that are laid over them.
LAYOUT_TRAPS: tuple[tuple[str, float, Layout], ...] = (
    ("T01", 1.0, title_lines_above),
    ("T08", 0.35, header_aliases),
    ("T14", 0.45, header_writing),
    ("T06", 0.7, number_column),
    ("T08", 0.4, unknown_column),
    ("T08", 0.5, swapped_columns),
    ("T02", 0.2, two_row_header),
    ("T04", 0.6, section_rows),
    ("T03", 0.5, index_row),
    ("T05", 0.6, total_row),
    ("T09", 0.5, footnote),
    ("T08", 0.4, hidden_sheet),
    ("T08", 0.3, sheet_renamed),
    ("T13", 0.3, cover_names_the_agency),
    ("T36", 0.03, cover_without_agency),
    ("T11", 0.4, cover_by_hand),
)
