"""Totals as control totals, sections, shifted rows, and no row that vanishes."""

import random
from datetime import date

import pytest
from test_locate import sheet

from pipelines.settings import PROJECT_ROOT
from pipelines.workbook.layout.rows import read_rows
from pipelines.workbook.layout.shifted import judge_shifted
from pipelines.workbook.layout.totals import read_totals
from pipelines.workbook.locate import Layout, lay_out
from pipelines.workbook.parsing.vocabulary import load_vocabulary
from pipelines.workbook.template import load_template
from pipelines.workbook.values import parse_column

TEMPLATE = load_template(PROJECT_ROOT / "pipelines" / "templates" / "nq57-01.yml")
VOCABULARY = load_vocabulary(PROJECT_ROOT / "dbt_project" / "seeds")
ON = date(2025, 9, 23)
FORM = TEMPLATE.forms["datasets"]
HEADER = [column.header for column in FORM.columns]


def row(code, held="500", *, name="Cơ sở dữ liệu", expected="600"):
    return [code, name, expected, held, "400", "3", "20/9/2025", "30", "Có", "5", *["90"] * 4]


def total(text, held, *, place=0):
    cells = [None] * 4
    cells[place], cells[3] = text, held
    return cells


def table(*rows):
    layout = lay_out(TEMPLATE, [sheet(HEADER, *rows, name="Cơ sở dữ liệu")])
    assert isinstance(layout, Layout)
    return layout.tables[0]


def parse(column, cells):
    return parse_column(column, cells, VOCABULARY, ON)


def totals(*rows):
    found = read_rows(table(*rows), {})
    return [
        (one.row_number, one.column_name, one.value, one.first_row, one.last_row, one.earliest_row)
        for one in read_totals(FORM, found.totals, parse)
    ]


@pytest.mark.parametrize("text", ["Tổng", "Tổng cộng:", "TỔNG SỐ", "Cộng", "TOÀN QUỐC", "Cả nước"])
def test_a_total_row_is_no_data_and_controls_the_rows_above(text):
    assert totals(row("DB001"), row("DB002"), total(text, "1.000")) == [
        (4, "records_held", 1000, 2, 3, 2)
    ]


def test_a_total_after_a_serial_number_and_at_the_top():
    assert totals(total("TOÀN QUỐC", "1000"), row("DB001"), row("DB002")) == [
        (2, "records_held", 1000, 3, 4, 3)
    ]


def test_sub_totals_cover_their_section_and_the_last_total_may_cover_all():
    found = totals(
        ["I", "Bộ, ngành"],
        row("DB001"),
        total("Cộng", "500"),
        ["II", "Địa phương"],
        row("DB002"),
        total("Cộng", "500"),
        total("Tổng cộng", "1000"),
    )
    assert [one[0] for one in found] == [4, 7, 8]
    assert [one[3:] for one in found] == [(3, 3, 3), (6, 6, 6), (3, 6, 3)]


def test_a_section_row_with_numbers_covers_the_rows_below_it():
    found = read_rows(
        table(
            ["I", "Bộ, ngành", None, "500"],
            row("DB001"),
            ["IV", "Địa phương", None, "1000"],
            row("DB002"),
            row("DB003"),
        ),
        {},
    )
    assert [(one.row_number, one.first_row, one.last_row) for one in found.totals] == [
        (2, 3, 3),
        (4, 5, 6),
    ]
    assert found.sections == (
        "I | Bộ, ngành | 500",
        "IV | Địa phương | 1000",
        "IV | Địa phương | 1000",
    )


def test_what_looks_like_a_total_but_has_a_code_is_data():
    found = read_rows(table(row("DB001"), row("DB002", name="Tổng cộng"), total("Cộng", "1")), {})
    assert found.row_numbers == (2, 3)


@pytest.mark.parametrize("text", ["Tỷ lệ chung", "Bình quân", "Tỷ lệ (%)"])
def test_an_average_controls_nothing(text):
    found = read_rows(table(row("DB001"), total(text, "93.8")), {})
    assert [one.row_class for one in found.structure] == ["total"]
    assert found.totals == ()


def test_no_total_is_made_of_days_between_updates():
    cells = total("Tổng", "500")
    assert [one[1] for one in totals(row("DB001"), [*cells, None, None, None, "30"])] == [
        "records_held"
    ]


def _judged(*rows):
    at = table(*rows)
    found = read_rows(at, {})
    parsed = tuple((column, parse(column, found.columns[column.name])) for column in FORM.columns)
    return {column.name: cells for column, cells in judge_shifted(at, found, parsed, parse)}


@pytest.mark.parametrize("start", range(2, 9))
def test_a_row_pushed_aside_has_no_value_from_the_empty_cell_on(start):
    pushed = row("DB002")
    pushed.insert(start, None)
    read = _judged(row("DB001"), pushed, row("DB003"))
    for place, column in enumerate(FORM.columns):
        assert (read[column.name][1].problem == "cells_shifted") == (place >= start), column.name
        assert read[column.name][0].problem != "cells_shifted"
        assert read[column.name][1].value is None or place < start


def test_a_row_that_lost_a_cell_has_no_value_from_there_on():
    short = row("DB002")
    del short[5]
    read = _judged(row("DB001"), short)
    assert {name for name, cells in read.items() if cells[1].problem == "cells_shifted"} >= {
        column.name for column in FORM.columns[5:]
    }


def test_a_blank_cell_and_a_remark_beyond_the_header_shift_nothing():
    remark = row("DB002", held=None)
    read = _judged(row("DB001"), [*remark, "đang rà soát"], row("DB003", held="chưa có số"))
    assert not any(one.problem == "cells_shifted" for cells in read.values() for one in cells)


@pytest.mark.parametrize("seed", range(25))
def test_every_filled_row_below_the_header_comes_out_exactly_once(seed):
    rng = random.Random(seed)
    kinds = [
        lambda n: row(f"DB{n:03d}"),
        lambda n: row(None),
        lambda _: [],
        lambda _: ["I", "Bộ, ngành"],
        lambda n: total("Cộng", str(n)),
        lambda n: total("Tổng số", str(n), place=1),
        lambda n: [str(n)],
        lambda _: ["Ghi chú: số giả định"],
        lambda _: [None, "Người lập biểu", None, "Thủ trưởng đơn vị"],
        lambda _: list(HEADER),
        lambda _: ["STT", "Họ và tên", "Chức vụ"],
        lambda _: ["Đơn vị trực thuộc", "Số cán bộ", "Ghi chú thêm"],
        lambda _: ["(1)", "(2)", "(3)"],
    ]
    rows = [rng.choice(kinds)(number) for number in range(rng.randrange(1, 30))]
    rows = [row("DB000"), *rows]
    at = table(*rows)
    found = read_rows(at, {})
    came_out = [*found.row_numbers, *(one.row_number for one in found.structure)]
    assert sorted(came_out) == [*range(2, at.end_row + 1)]
    assert len(came_out) == len({*came_out})
    filled = [number for number, cells in enumerate(rows, start=2) if any(cells)]
    assert at.end_row >= max(filled) or at.other_sheets
