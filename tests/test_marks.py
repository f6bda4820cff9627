"""What reading did to a cell, and why it could not read one: closed lists with sentences."""

import csv
import re
import unicodedata
from datetime import date, datetime

import pytest

from pipelines.settings import PROJECT_ROOT
from pipelines.workbook.cells import Cell
from pipelines.workbook.parsing.encodings import decoded
from pipelines.workbook.parsing.vocabulary import load_vocabulary
from pipelines.workbook.sheet import Sheet
from pipelines.workbook.template import Column, load_templates
from pipelines.workbook.values import parse_column

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
MACRO = (PROJECT_ROOT / "dbt_project" / "macros" / "marked_cells.sql").read_text(encoding="utf-8")
VOCABULARY = load_vocabulary(SEEDS)
ON = date(2025, 9, 23)


def seed(name, column):
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return {line[column] for line in csv.DictReader(stream)}


def text(written):
    return Cell(written, "text", written)


def number(value):
    return Cell(f"{value:.12g}", "number", float(value))


def column(kind, mask=None):
    words = "status" if kind == "word" else None
    return Column(name="it", header="Cột", type=kind, words=words, mask=mask)


EXAMPLES = [
    ("agencies", [text("Bộ KH&CN")], "agency_alias"),
    ("agencies", [text("bộ tài chính")], "name_form"),
    ("text", [text("Cộng  hòa")], "blanks"),
    ("text", [text("Hà Nội\u200b")], "blanks"),
    ("text", [text(unicodedata.normalize("NFD", "Cộng hòa"))], "composed"),
    ("text", [text("Bộ Сông an")], "look_alike"),
    ("code", [text("nq71-001")], "code_form"),
    ("code", [text("ВKHCN")], "look_alike"),
    ("date", [text("5.9.2025")], "date_form"),
    ("date", [number(45905)], "excel_serial"),
    ("date", [text("2025-09-05T14:30:00")], "time_dropped"),
    ("date", [Cell("2025-09-05 12:00:00", "date", datetime(2025, 9, 5, 12))], "time_dropped"),
    ("deadline", [text("Tháng 9/2025")], "month_to_last_day"),
    ("deadline", [text("Qúy III/2025")], "quarter_to_last_day"),
    ("deadline", [text("2025")], "year_to_last_day"),
    ("deadline", [text("2025 - 2026")], "range_to_last_day"),
    ("deadline", [text("2025 và những năm tiếp theo")], "open_range_to_stated_year"),
    ("count", [text("07")], "number_text"),
    ("percent", [text("80, 68%")], "percent_sign"),
    ("percent", [number(0.5)], "fraction_to_percent"),
    ("word", [text("hoàn thành")], "word_form"),
    ("date", [text("1/31/2025")], "us_date"),
    ("date", [text("30/02/2025")], "impossible_date"),
    ("date", [text("5/9/25")], "two_digit_year"),
    ("date", [text("5/9/0205")], "year_out_of_range"),
    ("date", [text("9/2025")], "not_a_day"),
    ("date", [text("sớm")], "not_a_date"),
    ("date", [number(46023), number(46024), number(46025)], "serial_month"),
    ("date", [text("2/3/2025"), text("1/31/2025")], "ambiguous_date"),
    ("deadline", [text("trước tháng 10/2025")], "ambiguous_deadline"),
    ("deadline", [text("Thường xuyên, 2025")], "conflicting_deadline"),
    ("deadline", [text("nám 2024")], "misspelt: năm"),
    ("quantity", [text("3 ty")], "misspelt: tỷ"),
    ("quantity", [text("1.885")], "ambiguous_number"),
    ("number", [text("1.885"), text("99.4"), text("1149")], "ambiguous_number"),
    ("quantity", [text("5 quả táo")], "unknown_unit"),
    ("quantity", [text("9" * 400)], "too_large"),
    ("count", [text("1O")], "letters_for_digits: 10"),
    ("count", [text("vài")], "not_a_number"),
    ("count", [number(1.885)], "not_whole"),
    ("count", [text("-5")], "negative_count"),
    ("percent", [number(1)], "ambiguous_percent"),
    ("code", [text("NQ71-OO1")], "letters_for_digits: NQ71-001"),
    ("agencies", [text("Tổ công tác số 9")], "unknown_agency: Tổ công tác số 9"),
    ("word", [text("sắp xong")], "unknown_word"),
    ("text", [Cell("#REF!", "error", None)], "error_cell #REF!"),
    ("count", [Cell("=A1", "formula_without_value", None)], "formula_without_value"),
    ("text", [Cell("tèt", "text", None)], "legacy_encoding"),
]


@pytest.mark.parametrize(("kind", "cells", "mark"), EXAMPLES)
def test_a_cell_bears_its_mark_and_the_mark_is_listed(kind, cells, mark):
    found = parse_column(column(kind), cells, VOCABULARY, ON)[0]

    assert (found.problem or found.repair) == mark
    assert (found.value is None or found.value == ()) == (found.problem is not None)
    listed = seed("problem_codes" if found.problem else "repair_codes", "code")
    assert re.match("[a-z_0-9]+", mark)[0] in listed


def test_zeros_are_given_back_by_name():
    found = parse_column(column("code", mask="00000"), [number(256)], VOCABULARY, ON)[0]

    assert (found.value, found.repair) == ("00256", "zeros_given_back")


def test_several_repairs_of_a_cell_are_all_named():
    found = parse_column(column("text"), [text(" Bộ  Сông an")], VOCABULARY, ON)[0]

    assert (found.value, found.repair) == ("Bộ Công an", "blanks; look_alike")


@pytest.mark.parametrize(
    ("kind", "written", "value", "repair"),
    [
        ("agencies", "Bé Tµi chÝnh", ("BTC",), "tcvn3"),
        ("agencies", "Boä Taøi chính", ("BTC",), "vni"),
        ("text", "hép møt tÕt", "hộp mứt tết", "tcvn3"),
        ("word", "§· hoµn thµnh", "DONE", "tcvn3"),
    ],
)
def test_a_legacy_text_is_read_as_converted_and_kept_as_written(kind, written, value, repair):
    (row,) = decoded(Sheet("Sheet1", ((text(written),),))).sheet.rows
    found = parse_column(column(kind), row, VOCABULARY, ON)[0]

    assert (found.raw, found.value, found.repair) == (written, value, repair)


def test_the_total_of_a_column_arbitrates_and_that_is_told():
    cells = [text("1.885"), number(1149), text("1.885")]
    open_ones = parse_column(column("number"), cells, VOCABULARY, ON)
    settled = parse_column(column("number"), cells, VOCABULARY, ON, [text("4.919")])

    assert [one.problem for one in open_ones] == ["ambiguous_number", None, "ambiguous_number"]
    assert [one.value for one in settled] == [1885, 1149, 1885]
    assert [one.repair for one in settled] == ["decimal_by_total", None, "decimal_by_total"]
    wrong = parse_column(column("number"), cells, VOCABULARY, ON, [text("4.920")])
    assert wrong == open_ones


def test_zero_blank_dash_and_no_are_told_apart():
    cells = [text("0"), None, text("-"), text("Không")]
    states = {
        kind: [one.state for one in parse_column(column(kind), cells, VOCABULARY, ON)]
        for kind in ("count", "boolean")
    }

    assert states["count"] == ["present", "blank", "filler", "filler"]
    assert states["boolean"] == ["present", "blank", "filler", "present"]


def test_every_form_is_asked_for_its_marks_and_personal_text_is_masked():
    names = set(re.findall(r'"([a-z_]+)"', MACRO.partition("set personal")[0]))
    personal = set(re.findall(r'set personal = \["([a-z_", ]+)"\]', MACRO)[0].split('", "'))
    templates = load_templates((PROJECT_ROOT / "pipelines" / "templates",))
    tables = [form for one in templates for form in one.forms.values() if form.layout == "table"]

    assert names == seed("forms", "form")
    assert personal == {c.name for form in tables for c in form.columns if c.is_personal}
