"""Numbers as people write them: what is certain is read, what is not is named, never guessed."""

import csv
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.settings import PROJECT_ROOT
from pipelines.workbook.parsing.codes import SuffixedCode, clean_code, doubt, masked, split_suffix
from pipelines.workbook.parsing.dates import Problem
from pipelines.workbook.parsing.numbers import (
    Quantity,
    Unit,
    decimal_by_total,
    decimal_mark,
    parse_count,
    parse_number,
    parse_quantity,
    parse_unit,
    whole,
)
from pipelines.workbook.parsing.text import fold
from pipelines.workbook.parsing.vocabulary import load_vocabulary

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
VOCABULARY = load_vocabulary(SEEDS)
MEASURES = VOCABULARY.measures
SEPARATORS = (".", ",", " ", "\u00a0", "\u202f")
AMBIGUOUS, NOT_A_NUMBER = Problem("ambiguous_number"), Problem("not_a_number")
with (SEEDS / "words.csv").open(encoding="utf-8", newline="") as stream:
    SEED_WORDS = list(csv.DictReader(stream))
digits = st.integers(0, 10**14)
marks = st.sampled_from(".,")
junk = st.text("0123456789.,-−–% ()[]*đtriệuỷnghìkhoảg>≥<≤~=đếnừUSD", max_size=25)


def quantity(text, decimal=None):
    return parse_quantity(text, decimal, MEASURES)


def grouped(number, separator):
    return f"{number:,}".replace(",", separator)


@given(number=digits, separator=st.sampled_from(SEPARATORS))
def test_a_count_reads_back_from_any_grouping(number, separator):
    assert parse_count(grouped(number, separator)) == number
    assert parse_count(str(number)) == number


@given(number=st.integers(0, 10**14))
def test_a_whole_cell_is_its_count(number):
    assert whole(float(number)) == number


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("1.885", 1885),
        ("1,885", 1885),
        ("1.885.000", 1_885_000),
        ("1.885,00", 1885),
        ("2 051", 2051),
        ("07", 7),
        ("0", 0),
        ("00", 0),
        ("3(1)", 3),
        ("1149 [2]", 1149),
        ("12*", 12),
        ("1885.0", 1885),
    ],
)
def test_counts(written, count):
    assert parse_count(written) == count


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("1885,5", "not_whole"),
        ("1O", "letters_for_digits: 10"),
        ("l5", "letters_for_digits: 15"),
        ("-5", "negative_count"),
        ("−5", "negative_count"),
        ("0.885", "not_whole"),
        ("1885.000", "ambiguous_number"),
        ("2025 100", "not_a_number"),
        ("1.88.500", "not_a_number"),
        ("0.885.000", "not_a_number"),
        ("12 hồ sơ", "not_a_number"),
        ("khoảng 12", "not_a_number"),
        ("(12)", "not_a_number"),
        ("12/5", "not_a_number"),
        ("", "not_a_number"),
        ("9" * 5000, "too_large"),
    ],
)
def test_what_is_no_certain_count(written, problem):
    assert parse_count(written) == Problem(problem)


@pytest.mark.parametrize("number", [1.885, 0.5, -0.1])
def test_a_fraction_in_a_cell_is_no_count(number):
    assert whole(number) == Problem("not_whole")


def test_a_count_that_no_program_keeps_exactly_is_too_large():
    assert whole(1e15) == whole(1e300) == parse_count("1" + "0" * 15) == Problem("too_large")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("94,29", 94.29),
        ("99.4", 99.4),
        ("1.885,5", 1885.5),
        ("1,885.5", 1885.5),
        ("1 885,5", 1885.5),
        ("1.885.000", 1_885_000),
        ("80, 68", 80.68),
        ("0,003", 0.003),
        ("12345.678", 12345.678),
        ("-4,5", -4.5),
        ("1149", 1149),
    ],
)
def test_numbers_that_can_be_read_in_one_way(written, number):
    for decimal in (None, ".", ","):
        assert parse_number(written, decimal) == number


@given(
    whole_part=st.integers(0, 10**9),
    fraction=st.text("0123456789", min_size=1, max_size=6).filter(lambda text: len(text) != 3),
    decimal=marks,
    is_grouped=st.booleans(),
)
def test_a_decisive_number_reads_back_and_proves_its_mark(
    whole_part, fraction, decimal, is_grouped
):
    other = "," if decimal == "." else "."
    written = grouped(whole_part, other) if is_grouped else str(whole_part)
    expected = float(f"{whole_part}.{fraction}")

    assert parse_number(f"{written}{decimal}{fraction}", None) == expected
    assert quantity(f"{written}{decimal}{fraction}") == Quantity(expected, "=", None, None)
    proves = decimal == "," or other in written
    assert decimal_mark([f"{written}{decimal}{fraction}"]) == (decimal if proves else None)


@given(number=st.integers(1000, 999_999), mark=marks)
def test_a_grouped_number_alone_is_ambiguous_and_its_column_decides(number, mark):
    written = grouped(number, mark)
    other = "," if mark == "." else "."

    assert decimal_mark([written]) is None
    for parse in (parse_number, quantity):
        assert parse(written, None) == AMBIGUOUS
    assert parse_number(written, other) == number
    assert parse_number(written, mark) == number / 1000


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["1.885", "94,29"], ","),
        (["1.885", "94.29"], None),
        (["1.885", "99.4%", "1149"], None),
        (["1,885", "94.29"], None),
        (["1.885", "94.29", "1,234,567"], "."),
        (["1.885", "1,234.5"], "."),
        (["1.885.000"], ","),
        (["94,29", "94.29"], None),
        (["1.885", "12", "abc", ""], None),
        (["12.5.2025", "1.885"], None),
        (["khoảng 3,2 triệu"], ","),
    ],
)
def test_a_column_proves_its_mark_by_numbers_that_are_numbers(texts, mark):
    assert decimal_mark(texts) == mark


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("80%", Quantity(80, "=", None, "percent")),
        ("gần 80 %", Quantity(80, "~", None, "percent")),
        ("> 3,2 triệu tỷ đồng", Quantity(3.2 * 1e15, ">", None, "VND")),
        ("11,7 nghìn tỷ", Quantity(11.7 * 1e12, "=", None, None)),
        ("≥ 90", Quantity(90, ">=", None, None)),
        (">= 90", Quantity(90, ">=", None, None)),
        ("<0,5", Quantity(0.5, "<", None, None)),
        ("Khoảng 40 - 50 triệu USD", Quantity(4e7, "~", 5e7, "USD")),
        ("từ 40 đến 50", Quantity(40, "=", 50, None)),
        ("40% - 50%", Quantity(40, "=", 50, "percent")),
        ("40% – 50", Quantity(40, "=", 50, "percent")),
        ("40–50 %", Quantity(40, "=", 50, "percent")),
        ("Top 50", Quantity(50, "<=", None, None)),
        ("trên 12 văn bản", Quantity(12, ">", None, "documents")),
        ("5 vạn bản ghi", Quantity(5e4, "=", None, "records")),
        ("-1,5", Quantity(-1.5, "=", None, None)),
        ("80, 68%", Quantity(80.68, "=", None, "percent")),
        ("7 (1)", Quantity(7, "=", None, None)),
        ("7¹", Quantity(7, "=", None, None)),
        ("80% trở lên", Quantity(80, ">=", None, "percent")),
        ("từ 80% trở lên", Quantity(80, ">=", None, "percent")),
        ("5 trở xuống", Quantity(5, "<=", None, None)),
        ("=> 80", Quantity(80, ">=", None, None)),
        ("=< 80", Quantity(80, "<=", None, None)),
        ("> 0,7", Quantity(0.7, ">", None, None)),
        ("40 - 50", Quantity(40, "=", 50, None)),
        ("10-15%", Quantity(10, "=", 15, "percent")),
        ("hơn 800", Quantity(800, ">", None, None)),
        ("gần 170", Quantity(170, "~", None, None)),
        ("trên 90%", Quantity(90, ">", None, "percent")),
        ("500 nghìn tỷ", Quantity(5e14, "=", None, None)),
        ("2 tỉ", Quantity(2e9, "=", None, None)),
        ("2 triệu hồ sơ", Quantity(2e6, "=", None, "dossiers")),
    ],
)
def test_quantities(written, expected):
    assert quantity(written) == expected


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("1.885 triệu", "ambiguous_number"),
        ("1.885 - 2.000", "ambiguous_number"),
        ("từ 80", "not_a_number"),
        ("hơn 80 trở lên", "not_a_number"),
        ("40 - 50 trở lên", "not_a_number"),
        ("3 ty", "misspelt: tỷ"),
        ("3 triêu", "misspelt: triệu"),
        ("1O5", "letters_for_digits: 105"),
        ("8l%", "letters_for_digits: 81%"),
        ("- 5", "not_a_number"),
        ("≠ 5", "not_a_number"),
        ("5 -", "unknown_unit"),
        ("50 - 40", "not_a_number"),
        ("40 triệu - 50 triệu", "not_a_number"),
        ("10/2025", "not_a_number"),
        ("12.5.2025", "not_a_number"),
        ("2025-09-23", "not_a_number"),
        ("COVID-19: 5", "not_a_number"),
        ("5 quả táo", "unknown_unit"),
        ("5 triệu quả táo", "unknown_unit"),
        ("nhiều", "not_a_number"),
        ("9" * 400, "too_large"),
    ],
)
def test_quantities_that_are_not_certain(written, problem):
    assert quantity(written) == Problem(problem)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("tỷ đồng", Unit("VND", 1e9)),
        ("Triệu USD", Unit("USD", 1e6)),
        ("nghìn tỉ đồng", Unit("VND", 1e12)),
        ("%", Unit("percent", 1)),
        ("văn bản", Unit("documents", 1)),
        ("vạn", Problem("unknown_unit")),
        ("quả táo", Problem("unknown_unit")),
        ("", Problem("unknown_unit")),
    ],
)
def test_units(written, expected):
    assert parse_unit(written, MEASURES) == expected


@pytest.mark.parametrize(
    ("written", "mask", "is_number", "code"),
    [
        ("4", "00000", True, "00004"),
        ("00004", "00000", False, "00004"),
        ("123456", "00000", True, "123456"),
        ("4a", "00000", False, "4a"),
        ("1.00012", "0.000000", True, "1.000120"),
        ("1.00012", "0.000000", False, "1.00012"),  # text loses no zeros: it is another code
        ("1.000123", "0.000000", True, "1.000123"),
        ("12.5", "0.000000", True, "12.5"),
    ],
)
def test_codes_get_their_zeros_back(written, mask, is_number, code):
    assert masked(written, mask, is_number=is_number) == code


@given(number=st.integers(0, 999_999), first=st.integers(1, 9))
def test_a_masked_code_survives_a_cell_that_holds_numbers(number, first):
    code = f"{first}.{number:06}"
    if number:  # 1.000000 becomes 1, and nobody can tell
        assert masked(repr(float(code)), "0.000000", is_number=True) == code
    assert masked(str(number), "000000", is_number=True) == f"{number:06}"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("1.000123", SuffixedCode("1.000123", None)),
        ("1.000123.000.00.00.H38", SuffixedCode("1.000123", "000.00.00.H38")),
        ("1.000123.", SuffixedCode("1.000123.", None)),
        ("1.000123H38", SuffixedCode("1.000123H38", None)),
        ("TTHC.000123.H38", SuffixedCode("TTHC.000123.H38", None)),
    ],
)
def test_a_suffix_goes_into_its_own_part(code, expected):
    assert split_suffix(code, "0.000000") == expected


@given(written=st.one_of(st.text(max_size=40), junk), decimal=st.sampled_from((None, ".", ",")))
def test_no_text_breaks_a_parser_and_none_makes_up_a_number(written, decimal):
    found = (
        parse_number(written, decimal),
        parse_count(written),
        parse_quantity(written, decimal, MEASURES),
    )
    if not any(letter in "0123456789" for letter in written):
        assert all(isinstance(one, Problem) for one in found)
    assert isinstance(parse_unit(written, MEASURES), (Unit, Problem))
    assert decimal_mark([written]) in {None, ".", ","}


@given(written=junk)
def test_a_quantity_without_evidence_holds_only_what_both_conventions_agree_on(written):
    alone = quantity(written)
    if isinstance(alone, Quantity):
        assert quantity(written, ".") == quantity(written, ",") == alone


@given(written=junk)
def test_a_number_that_is_read_as_a_count_and_as_a_quantity_is_the_same(written):
    count, measure = parse_count(written), quantity(written, ",")
    if isinstance(count, int) and isinstance(measure, Quantity) and "," not in written:
        assert measure.main == count


@pytest.mark.parametrize("word", SEED_WORDS, ids=lambda word: f"{word['list']}-{word['word_vi']}")
@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC"])
def test_every_word_of_the_seed_is_read_in_any_writing(word, form):
    for written in (word["word_vi"], word["word_vi"].upper(), f" {word['word_vi'].title()}\u00a0"):
        text = unicodedata.normalize(form, written)
        assert VOCABULARY.words[word["list"]][fold(text)][0] == word["code"]
        match word["list"]:
            case "unit":
                assert parse_unit(text, MEASURES) == Unit(word["code"], 1)
                assert quantity(f"5 {text}") == Quantity(5, "=", None, word["code"])
            case "scale":
                assert quantity(f"5 {text}") == Quantity(5 * float(word["code"]), "=", None, None)
            case "operator":
                assert quantity(f"{text} 5") == Quantity(5, word["code"], None, None)


def test_no_two_meanings_of_a_list_look_alike():
    meanings: dict[tuple[str, str], set[str]] = {}
    for word in SEED_WORDS:
        meanings.setdefault((word["list"], fold(word["word_vi"])), set()).add(word["code"])
    assert {key: codes for key, codes in meanings.items() if len(codes) > 1} == {}


def test_each_code_that_a_form_offers_has_one_label():
    offered = [(word["list"], word["code"]) for word in SEED_WORDS if word["is_label"] == "true"]
    assert len(offered) == len(set(offered))


@pytest.mark.parametrize(
    ("texts", "numbers", "totals", "mark"),
    [
        (["1.885", "1149"], [], ["3.034"], ","),
        (["1.885", "2.115"], [], ["4"], "."),
        (["1.885"], [1149.0], ["3034"], ","),
        (["1.885", "94,29"], [], ["1979,29"], ","),
        (["1.885", "1149"], [], ["3.035"], None),
        (["1.885", "?"], [], ["1885"], None),
        (["1.885"], [], [], None),
        (["5", "6"], [], ["11"], None),  # both agree: the total decides nothing
    ],
)
def test_a_total_decides_what_a_column_leaves_open(texts, numbers, totals, mark):
    assert decimal_by_total(texts, numbers, totals) == mark


@pytest.mark.parametrize(
    ("written", "code", "repair"),
    [
        ("NQ71-001", "NQ71-001", None),
        (" nq71 – 001\u00a0", "NQ71-001", "code_form"),
        ("ВKHCN-01", "BKHCN-01", "look_alike"),  # a Cyrillic В
        ("ВСТ", "BCT", "look_alike"),
        ("NQ７1－001", "NQ71-001", "look_alike"),
        ("ÐB01", "ĐB01", "look_alike"),
    ],
)
def test_codes_are_latin(written, code, repair):
    assert clean_code(written) == (code, repair)


@pytest.mark.parametrize(
    ("code", "mask", "problem"),
    [
        ("NQ71-OO1", None, "letters_for_digits: NQ71-001"),
        ("NQ71-0I5", None, "letters_for_digits: NQ71-015"),
        ("DB-O2", None, None),  # two signs may be a code
        ("NQ71-001", None, None),
        ("IOL", None, None),
        ("9.00O120", "0.000000", "letters_for_digits: 9.000120"),
        ("9.00O120.H38", "0.000000", "letters_for_digits: 9.000120.H38"),
        ("9.000120.H3O", "0.000000", None),
        ("OO256", "00000", "letters_for_digits: 00256"),
    ],
)
def test_letters_among_digits_leave_a_code_in_doubt(code, mask, problem):
    assert doubt(code, mask) == (problem and Problem(problem))
