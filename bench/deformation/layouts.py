"""Further deformations of pages: headers, preambles, rows and columns between the data.

What belongs here: what the sample does not draw. None of them changes what a cell means, but for
cells shifted aside and formulas without value. What does not: cells (`cells.py`), files
(`files.py`).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

from deformation.book import Book, Outcome, Page, Spot
from deformation.deform import Deform

PageDeform = Callable[[random.Random, Book, Page], bool]
LAYOUTS: list[Deform] = []
_FEWEST_TELLING = 3
"""Two headers could be those of anything."""
_WORDS_OF_TOTALS = ("Tổng", "Tổng số", "Tổng cộng", "Cộng", "TOÀN QUỐC", "Cộng:")


def _page(trap: str, outcome: Outcome = "kept") -> Callable[[PageDeform], PageDeform]:
    """A deformation of every page that holds a form."""

    def enter(deform: PageDeform) -> PageDeform:
        def apply(rng: random.Random, book: Book) -> bool:
            pages = [page for page in book.pages if page.form]
            return any([deform(rng, book, page) for page in pages])

        LAYOUTS.append(Deform(trap, deform.__name__, "pages", outcome, apply))
        return deform

    return enter


def _texts(*texts: str | float | None) -> list[Spot]:
    return [Spot(text) for text in texts]


@_page("T01")
def long_preamble(_: random.Random, book: Book, page: Page) -> bool:
    """Motto, title and filters, so that the header is in row 16 or lower."""
    lines = (
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",),
        ("Độc lập - Tự do - Hạnh phúc",),
        (),
        ("BÁO CÁO TỔNG HỢP (giả định)",),
        ("(Thống kê hàng tháng, quý, 6 tháng, 9 tháng, năm)",),
        ("Từ ngày", "01/08/2025", "Đến ngày", "31/08/2025"),
        ("Đơn vị", book.agency),
        *((f"Bộ lọc {number}", "Tất cả") for number in range(1, 8)),
        (),
    )
    page.insert_rows(0, [_texts(*line) for line in lines])
    return True


@_page("T02")
def three_row_header(rng: random.Random, _: Book, page: Page) -> bool:
    """A title over everything, group titles, and the headers, merged down where no group is."""
    first, last = page.header
    if last - first != 1 or page.width < 6:
        return False
    texts = page.rows[first]
    start = rng.randrange(3, page.width - 2)
    group = range(start, start + 2)
    top: list[Spot] = [Spot("Thông tin chung") if n == 0 else Spot() for n in range(page.width)]
    top[start] = Spot("Kết quả trong kỳ")
    middle = [Spot() if n in group or n == 0 else Spot(s.value) for n, s in enumerate(texts)]
    middle[0], middle[start] = Spot(texts[0].value), Spot("Trong đó")
    low = [Spot(s.value) if n in group else Spot() for n, s in enumerate(texts)]
    page.rows[first:last] = [top, middle, low]
    page.merged = [(r1, c1, r2, c2) for r1, c1, r2, c2 in page.merged if r1 < first]
    page.merged += [
        (first, 0, first, start - 1),
        (first, start, first, start + 1),
        (first + 1, start, first + 1, start + 1),
        *((first + 1, n, first + 2, n) for n in range(page.width) if n not in group),
    ]
    page.header = (first, first + 3)
    return True


@_page("T02")
def header_merged_down(_: random.Random, __: Book, page: Page) -> bool:
    """A header of one row, each cell merged with the blank one below it."""
    first, last = page.header
    if last - first != 1:
        return False
    page.insert_rows(last, [[]])
    page.header = (first, last + 1)
    page.merged += [(first, n, last, n) for n in range(page.width)]
    return True


@_page("T03")
def index_row_with_formulas(_: random.Random, __: Book, page: Page) -> bool:
    """1, 2, (3) = (1) + (2) under the header."""
    if page.width < 3:
        return False
    texts: list[str | float | None] = [*range(1, page.width + 1)]
    texts[2] = "(3)=(1)+(2)"
    page.insert_rows(page.header[1], [_texts(*texts)])
    return True


@_page("T04")
def lettered_sections(rng: random.Random, _: Book, page: Page) -> bool:
    """A, B, D: sections with a letter missing, one of them merged over the whole width."""
    rows = page.data_rows()
    if len(rows) < 4:
        return False
    chosen = sorted(rng.sample(rows[1:], 2))
    titles = ("D. Nhóm được bổ sung trong năm", "B. Nhóm các nội dung thường xuyên")
    for place, title in zip(reversed(chosen), titles, strict=True):
        page.insert_rows(place, [_texts(title)])
        page.merged.append((place, 0, place, page.width - 1))
    page.insert_rows(rows[0], [_texts("A", "Nhóm các nội dung trọng tâm")])
    return True


@_page("T05")
def total_row_on_top(rng: random.Random, book: Book, page: Page) -> bool:
    """A row of true totals above the data, under one of its many names."""
    _insert_total(rng, book, page, page.header[1])
    return True


@_page("T05")
def total_row_below(rng: random.Random, book: Book, page: Page) -> bool:
    """A row of true totals below the data."""
    _insert_total(rng, book, page, page.data_rows()[-1] + 1)
    return True


def _insert_total(rng: random.Random, book: Book, page: Page, place: int) -> None:
    sums: dict[int, float] = {}
    for number in page.data_rows():
        for column, spot in enumerate(page.rows[number]):
            true = book.expected[spot.mark].value if spot.mark else None
            is_count = spot.mark and _type(book, spot) == "count"
            if is_count and isinstance(true, float):
                sums[column] = sums.get(column, 0) + true
    row: list[Spot] = [Spot(sums.get(column)) for column in range(page.width)]
    row[0] = Spot(rng.choice(_WORDS_OF_TOTALS))
    page.insert_rows(place, [row])


def _type(book: Book, spot: Spot) -> str:
    assert spot.mark
    return book.template.forms[spot.mark.form].column(spot.mark.column).type


@_page("T06")
def numbers_by_formula(_: random.Random, __: Book, page: Page) -> bool:
    """A column of running numbers made by formulas whose values are not stored."""
    page.insert_column(0)
    page.rows[page.header[0]][0] = Spot("STT")
    for number in page.data_rows():
        page.rows[number][0] = Spot(formula=f"=ROW()-{page.header[1]}")
    return True


@_page("T08")
def other_sheet_name(rng: random.Random, _: Book, page: Page) -> bool:
    """Biểu 1, BIEU 01, PL01: a name that tells nothing, over headers that do."""
    if page.width < _FEWEST_TELLING:
        return False
    page.name = f"{rng.choice(('Biểu', 'BIEU', 'PL0'))} {page.form}"[:31]
    return True


@_page("T08")
def hidden_rows_and_columns(rng: random.Random, _: Book, page: Page) -> bool:
    """Data out of sight."""
    page.hidden_rows |= set(rng.sample(page.data_rows(), min(2, len(page.data_rows()))))
    page.hidden_columns.add(rng.randrange(1, page.width))
    return True


@_page("T08")
def hidden_data_sheet(_: random.Random, __: Book, page: Page) -> bool:
    """The whole sheet out of sight."""
    page.is_hidden = True
    return True


@_page("T08")
def table_set_in(rng: random.Random, _: Book, page: Page) -> bool:
    """The table starts some columns and rows away from the corner."""
    for _number in range(rng.randint(1, 3)):
        page.insert_column(0)
    page.insert_rows(0, [[] for _number in range(rng.randint(1, 4))])
    return True


@_page("T08")
def blank_rows_between(rng: random.Random, _: Book, page: Page) -> bool:
    """Blank rows between the data."""
    for place in sorted(rng.sample(page.data_rows(), min(3, len(page.data_rows()))), reverse=True):
        page.insert_rows(place, [[]])
    return True


@_page("T08")
def header_repeated(rng: random.Random, _: Book, page: Page) -> bool:
    """The header once more where a printed page begins."""
    first, last = page.header
    rows = page.data_rows()
    if last - first != 1 or len(rows) < 3:
        return False
    page.insert_rows(rng.choice(rows[1:]), [[Spot(spot.value) for spot in page.rows[first]]])
    return True


@_page("T08")
def other_table_below(_: random.Random, __: Book, page: Page) -> bool:
    """A small table about something else under the data."""
    page.rows += [[], [], _texts("Đơn vị trực thuộc", "Số cán bộ", "Ghi chú thêm")]
    page.rows += [_texts("Văn phòng", 12, "đủ"), _texts("Trung tâm", 7, None)]
    return True


@_page("T08", outcome="either")
def header_typing_errors(rng: random.Random, _: Book, page: Page) -> bool:
    """Headers with letters doubled, changed over or left out: matched by likeness, or reported."""
    first, last = page.header
    if last - first != 1:
        return False
    places = [n for n, spot in enumerate(page.rows[first]) if len(str(spot.value)) > 6]
    for place in rng.sample(places, min(3, len(places))):
        text = str(page.rows[first][place].value)
        cut = rng.randrange(2, len(text) - 2)
        ways = (text[:cut] + text[cut] + text[cut:], text[:cut] + text[cut + 1 :],
                text[:cut] + text[cut + 1] + text[cut] + text[cut + 2 :])  # fmt: skip
        page.rows[first][place] = Spot(rng.choice(ways))
    return bool(places)


@_page("T09")
def footnotes_below(_: random.Random, __: Book, page: Page) -> bool:
    """[1] and (*) under the table, and a place for the signature."""
    lines = ("[1] Gồm 11 địa phương (giả định).", "(*) Số liệu ước tính.", "Nguồn: số giả định")
    page.rows += [[], *(_texts(line) for line in lines), [], _texts(None, "Người lập biểu")]
    page.rows.append(_texts(None, None, "Hà Nội, ngày 23 tháng 9 năm 2025"))
    return True


@_page("T12", outcome="doubtful")
def formulas_without_value(rng: random.Random, book: Book, page: Page) -> bool:
    """Formulas of which the file does not hold the result."""
    fitting = [
        spot
        for number in page.data_rows()
        for spot in page.rows[number]
        if spot.mark and _type(book, spot) in ("count", "percent", "date", "quantity")
        and isinstance(spot.value, (int, float, date)) and not book.expected[spot.mark].trap
        and spot.mark.column not in book.template.forms[spot.mark.form].key
    ]  # fmt: skip
    for spot in rng.sample(fitting, min(3, len(fitting))):
        assert spot.mark
        spot.value, spot.formula = None, "=SUM(A1:A2)"
        expected = book.expected[spot.mark]
        expected.outcome, expected.trap = "doubtful", "T12 formulas_without_value"
    return bool(fitting)


@_page("T07", outcome="fault")
def shifted_cells(rng: random.Random, book: Book, page: Page) -> bool:
    """One row pushed aside by an empty cell: every value under the header of its neighbour."""
    counts = [
        n for n, spot in enumerate(page.rows[page.data_rows()[0]])
        if spot.mark and _type(book, spot) == "count"
    ]  # fmt: skip
    if len(counts) < 3:
        return False
    row = page.rows[rng.choice(page.data_rows())]
    row.insert(counts[0], Spot())
    for spot in row[counts[0] :]:
        if spot.mark:
            expected = book.expected[spot.mark]
            expected.outcome, expected.trap = "fault", "T07 shifted_cells"
    return True
