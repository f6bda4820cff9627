"""Traps of the layout: each takes a table or a workbook, distorts it and says what it wrote.

None of them changes what a cell of a table means. One that does not fit a table gives None.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from datetime import date
from itertools import groupby, pairwise

from pipelines.sample.draft import Draft, DraftRow, DraftTable, Written
from pipelines.sample.other_words import SHORT_NAMES
from pipelines.workbook.template import Form

Layout = Callable[[random.Random, DraftTable, Form], str | None]
Cover = Callable[[random.Random, Draft], str]
_SECTIONS = {
    "NQ71": "Nhiệm vụ theo Nghị quyết 71/NQ-CP",
    "KL": "Nhiệm vụ theo các thông báo kết luận",
    "KH02": "Nhiệm vụ theo Kế hoạch 02-KH/BCĐTW",
}
_ROMAN = ("I", "II", "III", "IV", "V")
_FEWEST_INDEXES = 3  # two numbers under a header could be data


def title_lines_above(_: random.Random, table: DraftTable, __: Form) -> str:
    """T01: national motto and title above the header."""
    table.before += [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "",
        "BÁO CÁO TÌNH HÌNH THỰC HIỆN NGHỊ QUYẾT SỐ 57-NQ/TW",
        "(Số liệu giả định, không phải số liệu của cơ quan nào)",
        "",
    ]
    return table.before[0]


def number_column(rng: random.Random, table: DraftTable, _: Form) -> str:
    """T06: a running number that jumps and repeats."""
    table.columns.insert(0, "stt")
    table.headers["stt"], table.widths["stt"] = rng.choice(("STT", "TT", "Số TT")), 6
    number = 0
    for row in table.rows:
        number += rng.choice((1, 1, 1, 1, 1, 1, 1, 0, 2))
        row.cells["stt"] = number
    return table.headers["stt"]


def unknown_column(rng: random.Random, table: DraftTable, _: Form) -> str:
    """T08: a column of the agency's own."""
    header = rng.choice(("Ghi chú", "Lãnh đạo theo dõi khối", "Mã nội bộ"))
    table.columns.insert(rng.randint(min(3, len(table.columns)), len(table.columns)), "own")
    table.headers["own"], table.widths["own"] = header, 14
    for row in table.rows:
        row.cells["own"] = rng.choice((None, None, "đã rà soát", "x"))
    return header


def swapped_columns(rng: random.Random, table: DraftTable, form: Form) -> str | None:
    """T08: the same columns in another order."""
    movable = [n for n, name in enumerate(table.columns) if name not in _anchors(form)]
    if len(movable) < 2:
        return None
    first, second = rng.sample(movable, 2)
    columns = table.columns
    columns[first], columns[second] = columns[second], columns[first]
    return f"{columns[first]}, {columns[second]}"


def two_row_header(rng: random.Random, table: DraftTable, form: Form) -> str | None:
    """T02: neighbouring columns under a merged common title."""
    fixed = {*_anchors(form), "own"}
    pairs = [pair for pair in pairwise(table.columns) if not set(pair) & fixed]
    if not pairs:
        return None
    table.above = dict.fromkeys(rng.choice(pairs), "Thông tin theo dõi")
    return "Thông tin theo dõi"


def header_aliases(rng: random.Random, table: DraftTable, form: Form) -> str | None:
    """T08: headers by the other names that documents use."""
    chosen = [column for column in form.columns if column.aliases and rng.random() < 0.4]
    if not chosen:
        return None
    for column in chosen:
        table.headers[column.name] = rng.choice(column.aliases)
    return ", ".join(table.headers[column.name] for column in chosen)


def header_writing(rng: random.Random, table: DraftTable, form: Form) -> str:
    """T14, T40, T42: headers in capitals, with line breaks, blanks too many, letters apart."""
    ways: tuple[Callable[[str], str], ...] = (
        str.upper,
        lambda text: text.replace(" ", "\n", 1),
        lambda text: f" {text.replace(' ', '  ')}\u00a0",
        lambda text: unicodedata.normalize("NFD", text),
    )
    way = rng.choice(ways)
    for column in form.columns:
        table.headers[column.name] = way(table.headers[column.name])
    return table.headers[form.columns[0].name]


def section_rows(_: random.Random, table: DraftTable, __: Form) -> str | None:
    """T04: a Roman numeral and the name of the programme above its tasks."""
    rows: list[DraftRow] = []
    numerals = iter(_ROMAN)
    for programme, members in groupby(table.rows, key=_programme):
        if programme in _SECTIONS:
            cells: dict[str, Written] = {table.columns[0]: next(numerals)}
            rows.append(DraftRow(cells | {"title": _SECTIONS[programme]}))
        rows += members
    if len(rows) == len(table.rows):
        return None
    table.rows = rows
    return _ROMAN[0]


def _programme(row: DraftRow) -> str:
    return (row.record_key or "").split("-")[0]


def index_row(_: random.Random, table: DraftTable, __: Form) -> str | None:
    """T03: (1), (2), (3) under the header."""
    if len(table.columns) < _FEWEST_INDEXES:
        return None
    cells: dict[str, Written] = {
        name: f"({number})" for number, name in enumerate(table.columns, start=1)
    }
    table.rows.insert(0, DraftRow(cells))
    return "(1)"


def total_row(_: random.Random, table: DraftTable, form: Form) -> str:
    """T05: a line of totals at the end; what is counted really adds up."""
    count = sum(row.record_key is not None for row in table.rows)
    cells: dict[str, Written] = {table.columns[0]: "Tổng cộng", **table.sums}
    if name := _name_column(form):
        cells[name] = f"{count} {form.sheet.lower()}"
    table.rows.append(DraftRow(cells))
    return "Tổng cộng"


def _name_column(form: Form) -> str | None:
    """The column that a reader takes for the name of a row."""
    return next((column.name for column in form.columns if column.type == "text"), None)


def _anchors(form: Form) -> set[str]:
    """Columns that stay at the left, where people look for what a row is about."""
    return {"stt", form.columns[0].name, form.columns[1].name}


def footnote(_: random.Random, table: DraftTable, __: Form) -> str:
    """T09: a remark below the table."""
    text = "Ghi chú: số liệu giả định, do chương trình tạo ra."
    table.rows += [DraftRow({}), DraftRow({table.columns[0]: text})]
    return text


def sheet_renamed(rng: random.Random, table: DraftTable, form: Form) -> str:
    """T08: the sheet under another name."""
    table.sheet = rng.choice((form.sheet.upper(), f"{form.sheet} ", *form.aliases))
    return table.sheet


def hidden_sheet(_: random.Random, draft: Draft) -> str:
    """T08: a hidden sheet of instructions and lists."""
    draft.hidden["hướng dẫn"] = ["Chọn trạng thái:", "Đã hoàn thành", "Đang thực hiện", "NQ71-001"]
    return "hướng dẫn"


def cover_by_hand(rng: random.Random, draft: Draft) -> str:
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


def cover_names_the_agency(rng: random.Random, draft: Draft) -> str:
    """T13: the name of the agency for its code, as its people write it."""
    label, code = draft.cover[0]
    name = rng.choice(SHORT_NAMES.get(draft.agency_name, (draft.agency_name,)))
    draft.cover[0] = (label, name if code != "BCD" else code)
    return str(draft.cover[0][1])


def cover_without_agency(_: random.Random, draft: Draft) -> str:
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
    ("T08", 0.3, sheet_renamed),
)
COVER_TRAPS: tuple[tuple[str, float, Cover], ...] = (
    ("T08", 0.4, hidden_sheet),
    ("T13", 0.3, cover_names_the_agency),
    ("T36", 0.03, cover_without_agency),
    ("T11", 0.4, cover_by_hand),
)
"""Trap, chance, function."""
