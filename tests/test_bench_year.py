"""The simulated year of `make bench`, at a size that a test can wait for, and without a run."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from history.runs import nodes
from history.world import AD_HOC, FIRST, Year
from history.write import file_name, receive, write_year
from openpyxl import load_workbook
from year import judge

from pipelines.intake.channel_list import load_channels
from pipelines.settings import Settings

DAYS, PROCEDURES = 33, 5
"""Two rounds of monthly reports: of 20 July, the first day, and of 20 August, day 32."""


@pytest.fixture(scope="module")
def year() -> Year:
    return Year(Settings.from_environment(), DAYS, PROCEDURES)


@pytest.fixture(scope="module")
def workbooks(year: Year, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_year(year, tmp_path_factory.mktemp("year"))


def rows(workbooks: Path, on: date, agency: str, sheet: str) -> list[tuple[Any, ...]]:
    book = load_workbook(workbooks / file_name(on, agency), read_only=True)
    header, *found = book[sheet].iter_rows(values_only=True)
    assert header[0]
    return found


def test_all_report_every_month_and_few_on_other_days(year, workbooks):
    written = Counter(path.stem[-10:] for path in workbooks.rglob("*.xlsx"))
    assert len(written) == DAYS
    assert written.pop(f"{FIRST}") == 57  # 56 agencies and the register
    assert written.pop("2025-08-25") == 56
    assert set(written.values()) == {AD_HOC}


def test_the_register_holds_every_task_and_every_procedure(year, workbooks):
    tasks = rows(workbooks, FIRST, "BCD", "Danh mục nhiệm vụ")
    assert len({row[1] for row in tasks}) == 749
    services = Counter(row[2] for row in rows(workbooks, FIRST, "BCD", "Danh mục dịch vụ"))
    assert [services[code] for code in year.agencies if code[0] == "P"] == [PROCEDURES] * 34


def test_a_province_reports_its_procedures_month_by_month(workbooks):
    """At first every month of the year so far."""
    for month, first in ((7, 1), (8, 8)):
        found = rows(workbooks, date(2025, month, 25), "P01", "Dịch vụ công")
        assert len({row[0] for row in found}) == PROCEDURES
        assert len(found) == PROCEDURES * (month + 1 - first)
        ends = {date(2025, one, 14) for one in range(first, month + 1)}
        assert {row[4].date() for row in found} == ends


def test_the_same_size_gives_the_same_bytes(year, workbooks, tmp_path):
    again = write_year(Year(year.settings, days=2, procedures=PROCEDURES), tmp_path)
    names = [path.relative_to(again) for path in again.rglob("*.xlsx")]
    assert len(names) == 57 + AD_HOC
    for name in names:
        assert (again / name).read_bytes() == (workbooks / name).read_bytes(), name


def test_a_data_root_receives_no_more_than_the_days_asked_for(year, workbooks, tmp_path):
    settings = receive(year, workbooks, tmp_path, 2)
    assert len(list(settings.inbox.rglob("*.xlsx"))) == 57 + AD_HOC
    assert len(load_channels(settings)) == 57
    receive(year, workbooks, tmp_path, 3)
    latest = max(path.stem[-10:] for path in settings.inbox.rglob("*.xlsx"))
    assert latest == f"{FIRST + timedelta(2)}"


def test_seconds_of_models_are_found_in_the_log(tmp_path):
    log = tmp_path / "daily.log"
    log.write_text(
        "04:14:37 dagster\n"
        "1 of 3 START sql table model marts.fct_tasks ......... [RUN]\n"
        "1 of 3 OK created sql table model marts.fct_tasks .... [OK in 1.25s]\n"
        "2 of 3 OK loaded seed file seeds.words ............... [INSERT 21 in 0.03s]\n"
        "3 of 3 PASS unique_a_very_long_name  [PASS in 0.02s]\n",
        encoding="utf-8",
    )
    assert dict(nodes(log)) == {
        "marts.fct_tasks": 1.25,
        "seeds.words": 0.03,
        "unique_a_very_long_name": 0.02,
    }


@pytest.mark.parametrize(("ratio", "holds"), [(1.3, True), (1.31, False)])
def test_a_floor_that_does_not_hold_is_said(ratio, holds, capsys):
    assert judge("The last day / day 2", ratio, 1.3) is holds
    assert ("DOES NOT HOLD" in capsys.readouterr().out) is not holds
