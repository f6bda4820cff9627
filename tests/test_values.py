from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.settings import PROJECT_ROOT
from pipelines.workbook.cells import Cell
from pipelines.workbook.parsing.dates import Day, Deadline, Problem, parse_day, parse_deadline
from pipelines.workbook.parsing.text import clean_text, fold
from pipelines.workbook.parsing.vocabulary import load_vocabulary
from pipelines.workbook.template import COLUMN_TYPES, Column
from pipelines.workbook.values import parse_cell, parse_column

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
VOCABULARY = load_vocabulary(SEEDS)
ON = date(2025, 9, 23)
TYPES = tuple(COLUMN_TYPES)
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))


def text(written):
    return Cell(written, "text", written)


def number(value):
    return Cell(f"{value:g}", "number", float(value))


def column(kind):
    """A column of a type, as a template declares it."""
    return Column(
        name="it",
        header="Cột",
        type=kind,
        words="status" if kind == "word" else None,
        mask="0.000000" if kind == "suffixed_code" else None,
    )


def read(kind, *cells):
    return [
        (one.value, one.state, one.problem)
        for one in parse_column(column(kind), cells, VOCABULARY, ON)
    ]


DAY_FORMS = (
    lambda day: f"{day:%d/%m/%Y}",
    lambda day: f"{day.day}/{day.month}/{day.year}",
    lambda day: f"{day:%d.%m.%Y}",
    lambda day: f"{day.day}-{day.month}-{day.year}",
    lambda day: day.isoformat(),
    lambda day: f"ngày {day.day} tháng {day.month} năm {day.year}",
    lambda day: f"Ngày {day:%d/%m/%Y}",
    lambda day: f" {day:%d/%m/%Y}\u00a0",
    lambda day: f"{day:%d/%m/%Y} 00:00:00",
)


@given(day=days, form=st.sampled_from(DAY_FORMS))
def test_a_date_in_any_form_reads_back(day, form):
    found = parse_day(form(day))

    assert isinstance(found, Day)
    assert found.day == day
    assert parse_deadline(form(day)) == Deadline(day, "day", "fixed", found.repair)


@given(day=days)
def test_real_dates_and_serials_read_back(day):
    serial = number((day - date(1899, 12, 30)).days)
    real = Cell(day.isoformat(), "date", day)

    assert read("date", real)[0][0] == day
    if 40_000 <= serial.value <= 60_000:
        assert read("date", serial)[0][0] == day


@given(
    year=st.integers(2000, 2099),
    month=st.integers(1, 12),
    form=st.sampled_from(("Tháng {}/{}", "{}/{}", "trong tháng {}/{}", "tháng {} năm {}")),
)
def test_a_month_means_its_last_day(year, month, form):
    found = parse_deadline(form.format(month, year))

    assert isinstance(found, Deadline)
    assert (found.precision, found.repair) == ("month", "month_to_last_day")
    assert found.day is not None
    assert (found.day.year, found.day.month) == (year, month)
    assert (found.day + timedelta(1)).month != month


@pytest.mark.parametrize(
    ("written", "day", "precision"),
    [
        ("Quý III/2025", date(2025, 9, 30), "quarter"),
        ("quý 1 năm 2025", date(2025, 3, 31), "quarter"),
        ("Qúy II/2025", date(2025, 6, 30), "quarter"),
        ("Quí IV/2025", date(2025, 12, 31), "quarter"),
        ("2025", date(2025, 12, 31), "year"),
        ("Năm 2026", date(2026, 12, 31), "year"),
        ("2025 - 2026", date(2026, 12, 31), "year"),
        ("2025–2026", date(2026, 12, 31), "year"),
        ("2025 và những năm tiếp theo", date(2025, 12, 31), "year"),
        ("Quý IV/2025 - Quý II/2026", date(2026, 6, 30), "quarter"),
        ("từ tháng 9 đến tháng 12/2025", date(2025, 12, 31), "month"),
        ("trước ngày 01/10/2025", date(2025, 10, 1), "day"),
        ("31/12/2025 [1]", date(2025, 12, 31), "day"),
        ("31/12/2025¹", date(2025, 12, 31), "day"),
        ("trong tháng 10/2025", date(2025, 10, 31), "month"),
        ("2025-09", date(2025, 9, 30), "month"),
        ("Quý II-III/2025", date(2025, 9, 30), "quarter"),
        ("quý II đến quý III năm 2025", date(2025, 9, 30), "quarter"),
        ("Từ 2025 - 2026", date(2026, 12, 31), "year"),
        ("Từ ngày 1/1/2026 đến hết ngày 31/12/2026", date(2026, 12, 31), "day"),
        ("Bắt đầu từ 25/7/2026 đến 31/12/2026", date(2026, 12, 31), "day"),
        ("05/09/2025 14:30", date(2025, 9, 5), "day"),
        ("2025-09-05T14:30:00", date(2025, 9, 5), "day"),
    ],
)
def test_deadlines_with_a_date(written, day, precision):
    found = parse_deadline(written)

    assert isinstance(found, Deadline)
    assert (found.day, found.precision, found.kind) == (day, precision, "fixed")


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Thường xuyên", "regular"),
        ("Nhiệm vụ thường xuyên", "regular"),
        ("Hằng năm", "annual"),
        ("hàng năm", "annual"),
        ("Theo lộ trình được giao tại Kế hoạch số 02-KH/BCĐTW", "conditional"),
        ("Theo đề nghị cấp trên", "conditional"),
        ("20 ngày sau khi Tỉnh ủy ban hành văn bản", "conditional"),
        ("Bắt đầu từ 25/7/2026", "conditional"),
        ("Từ năm 2026", "conditional"),
        ("từ quý I/2026 trở đi", "conditional"),
        ("Sau 30 ngày", "conditional"),
        ("trước ngày 25 hằng tháng", "regular"),
        ("Ngày 31 tháng 12 hằng năm", "annual"),
        ("Không thời hạn", "none"),
    ],
)
def test_deadlines_without_a_date(written, kind):
    assert parse_deadline(written) == Deadline(None, None, kind)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("30/02/2025", "impossible_date"),
        ("2014/02/30", "impossible_date"),
        ("tháng 13/2025", "impossible_date"),
        ("5/9/25", "two_digit_year"),
        ("1/31/2025", "us_date"),
        ("2/3/0205", "year_out_of_range"),
        ("2026 - 2025", "not_a_date"),
        ("5/9-2025", "not_a_date"),
        ("Thường xuyên, 2025", "conflicting_deadline"),
        ("trước tháng 10/2025", "ambiguous_deadline"),
        ("sớm", "not_a_date"),
        ("nám 2024", "misspelt: năm"),
        ("Quỹ III/2025", "misspelt: quý"),
        ("1²/9/2025", "not_a_date"),
        ("2025-09-05T20:00:00Z", "not_a_date"),  # the next day in Hà Nội
        ("Theo Kế hoạch 02, hoàn thành trước 31/12/2025", "conflicting_deadline"),
    ],
)
def test_what_is_not_certain_is_no_deadline(written, problem):
    assert parse_deadline(written) == Problem(problem)
    assert read("deadline", text(written)) == [(None, "unreadable", problem)]


@pytest.mark.parametrize("written", ["Tháng 9/2025", "9/2025", "2025", "Quý I/2025"])
def test_a_date_column_wants_the_day(written):
    assert read("date", text(written)) == [(None, "unreadable", "not_a_day")]


def test_months_that_became_serial_numbers_are_no_dates():
    """46023 to 46034 are the months 1 to 12 of a real report, and 1 to 12 January 2026."""
    months = [number(46023 + month) for month in range(12)]

    assert {problem for _, _, problem in read("date", *months)} == {"serial_month"}
    assert read("date", months[3]) == [(date(2026, 1, 4), "present", None)]
    assert read("date", *months[:3], number(46100))[0] == (date(2026, 1, 1), "present", None)


def test_a_year_as_a_number_is_a_deadline_of_that_year():
    assert read("deadline", number(2026))[0][0] == Deadline(
        date(2026, 12, 31), "year", "fixed", "year_to_last_day"
    )


def test_a_time_of_day_is_dropped_by_name():
    noon = datetime(2025, 9, 5, 12)
    parsed = parse_cell(column("date"), Cell(noon.isoformat(" "), "date", noon), VOCABULARY, ON)

    assert (parsed.value, parsed.repair) == (date(2025, 9, 5), "time_dropped")


def test_month_first_dates_make_their_column_ambiguous():
    found = read("date", text("1/31/2025"), text("2/3/2025"), text("4/4/2025"))

    assert [problem for _, _, problem in found] == ["us_date", "ambiguous_date", None]


def test_one_stray_among_day_first_dates_proves_nothing():
    found = read("date", text("1/31/2025"), text("2/3/2025"), text("31/3/2025"))

    assert [value for value, _, _ in found] == [None, date(2025, 3, 2), date(2025, 3, 31)]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ((number(0.5), number(1), number(0)), [50, 100, 0]),
        ((number(50), number(1), number(0)), [50, 1, 0]),
        ((number(0), number(1)), [0, "ambiguous_percent"]),
        ((number(0.5), number(50)), ["ambiguous_percent", 50]),
        ((text("50%"), text("50,0"), text("50 %"), text("12.5%")), [50, 50, 50, 12.5]),
        ((text("80, 68%"), text("98,5% (1)"), text("99.4%")), [80.68, 98.5, 99.4]),
        ((text("0,6998"), text("69,98%")), [69.98, 69.98]),
        ((text("0,6998"), text("69,98")), ["ambiguous_percent", 69.98]),
        ((text("1O0%"), text("gần xong")), ["letters_for_digits: 100%", "not_a_number"]),
        ((text("hơn 90%"), text("≥ 80"), text("10-15%")), ["not_a_number"] * 3),
        ((number(150),), [150]),
    ],
)
def test_percent_scale_is_decided_by_the_column(cells, expected):
    assert [problem or value for value, _, problem in read("percent", *cells)] == expected


@pytest.mark.parametrize("kind", TYPES)
def test_blank_filler_error_and_formula_are_four_things(kind):
    error = Cell("#N/A", "error", None)
    formula = Cell("=A1", "formula_without_value", None)
    states = parse_column(
        column(kind),
        [None, text(" \u00a0"), text("n/a"), text("-"), error, formula],
        VOCABULARY,
        ON,
    )

    assert [one.state for one in states] == [
        *("blank", "blank", "filler", "filler"),
        *("unreadable", "unreadable"),
    ]
    assert [one.problem for one in states[4:]] == ["error_cell #N/A", "formula_without_value"]
    assert [one.raw for one in states] == [None, " \u00a0", "n/a", "-", "#N/A", "=A1"]


def test_zero_is_a_percentage_and_elsewhere_a_filler():
    assert read("percent", text("0")) == [(0, "present", None)]
    assert read("text", text("0")) == [(None, "filler", None)]


def test_status_words_are_known_in_any_writing_or_not_at_all():
    words = ["Đã hoàn thành", "ĐÃ HOÀN THÀNH", "đã  hoàn thành ", "sắp xong", "DONE"]
    parsed = parse_column(column("word"), [text(word) for word in words], VOCABULARY, ON)

    assert [one.value for one in parsed] == ["DONE", "DONE", "DONE", None, "DONE"]
    assert [one.repair for one in parsed[:2]] == [None, "word_form"]
    assert parsed[3].problem == "unknown_word"


def test_codes_keep_their_zeros_and_lose_their_blanks():
    found = read("code", text("NQ71-001"), text(" nq71 – 001\u00a0"), text("0012"), number(5))

    assert [value for value, _, _ in found] == ["NQ71-001", "NQ71-001", "0012", "5"]


@given(written=st.text(max_size=60), kind=st.sampled_from(TYPES))
def test_no_text_breaks_a_parser(written, kind):
    parsed = parse_cell(column(kind), text(written), VOCABULARY, ON)

    assert parsed.raw == written
    assert (parsed.problem is not None) == (parsed.state == "unreadable")


@given(written=st.text("0123456789/-. ngàythámqúyđếnIV", max_size=25))
def test_nothing_that_looks_like_a_date_breaks_a_parser(written):
    for parse in (parse_day, parse_deadline):
        assert isinstance(parse(written), (Day, Deadline, Problem))


@given(value=st.floats(allow_nan=False, allow_infinity=False), kind=st.sampled_from(TYPES))
def test_no_number_breaks_a_parser(value, kind):
    assert parse_cell(column(kind), Cell(repr(value), "number", value), VOCABULARY, ON).raw == repr(
        value
    )


@given(written=st.text(max_size=40))
def test_folding_twice_changes_nothing(written):
    assert fold(fold(written)) == fold(written)
    assert clean_text(clean_text(written)) == clean_text(written)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hòa", "Hoà"),
        ("Ủy ban", "uỷ  ban"),
        ("Bà Rịa - Vũng Tàu", "Bà Rịa–Vũng Tàu"),
        ("Mã nhiệm vụ", "MÃ\nNHIỆM VỤ (*)"),
        ("Đắk Lắk", "Đắk Lắk"),
        ("Ngày báo cáo", "Ngày báo cáo :"),
    ],
)
def test_what_people_write_differently_folds_alike(one, other):
    assert fold(one) == fold(other)
