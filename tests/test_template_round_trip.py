"""The form of every agency, filled in as asked, goes through the whole job without a finding."""

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import chain
import pytest
from openpyxl import load_workbook

from pipelines import warehouse
from pipelines.published import write_blank
from pipelines.sample.draft import record_rows
from pipelines.sample.records import REPORTING_DATES
from pipelines.sample.row_truth import RowTruth
from pipelines.sample.truth import make_truth
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.workbook.forms import form_words
from pipelines.workbook.template import load_template

DAY = REPORTING_DATES[-1]
TEMPLATE = load_template(PROJECT_ROOT / "pipelines" / "templates" / "nq57-01.yml")
FORMS = {name: form for name, form in TEMPLATE.forms.items() if form.layout == "table"}

Cells = dict[str, Any]


def _kept_well(cells: Cells) -> Cells:
    """What rules ask of a dataset itself, not of the report on it."""
    held = min(cells["records_held"], cells["records_expected"])
    return {
        "records_held": held,
        "records_verified": held,
        "last_updated_on": DAY,
        "is_connected": "Có",
        "consumer_count": 3,
    }


class Careful:
    """What focal points say who know everything and have nothing to hide."""

    def __init__(self, settings: Settings) -> None:
        self.tasks, self.rows = make_truth(), RowTruth(settings.seeds)
        self.words = form_words(TEMPLATE, settings.seeds)

    def says(self, agency: str, name: str) -> list[Cells]:
        """Rows of a form: of each key the newest word."""
        match name:
            case "tasks":
                return self._of_tasks(agency)
            case "datasets":
                return [cells | _kept_well(cells) for cells in self._of_rows(agency, name)]
            case "indicators":
                return self._of_rows(agency, name) + self._first_figures(agency)
        return self._of_rows(agency, name)

    def _of_rows(self, agency: str, name: str) -> list[Cells]:
        form = FORMS[name]
        newest = {
            row.record_key: row.cells
            for on in sorted(self.rows.dates)
            for row in record_rows(form, self.rows.rows(name, on, agency), self.words)
        }
        return list(newest.values())

    def _first_figures(self, agency: str) -> list[Cells]:
        """Of indicators that the sample never measures."""
        measured = {cells["indicator_code"] for cells in self._of_rows(agency, "indicators")}
        return [
            {
                "indicator_code": record["indicator_code"],
                "value": 120,
                "measured_on": DAY,
                "source": "Báo cáo chuyên ngành (giả định)",
            }
            for record in self.rows.rows("register_indicators", DAY)
            if record["agency_code"] == agency and record["indicator_code"] not in measured
        ]

    def _of_tasks(self, agency: str) -> list[Cells]:
        newest = {
            code: report
            for (sender, _, code), report in sorted(
                self.tasks.reports.items(), key=lambda item: item[0][1]
            )
            if sender == agency
        }
        return [
            {
                "task_code": code,
                "status": self.words["status"][report.status],
                "percent_complete": report.percent,
                "started_on": report.started_on,
                "completed_on": report.completed_on,
                "deliverable": "Báo cáo kết quả",
                "evidence": report.evidence,
                "responsible_person": report.responsible_person,
                "obstacles": report.obstacles or "Chờ ý kiến của cơ quan liên quan",
            }
            for code, report in newest.items()
        ]


def fill(path, says) -> Counter[str]:
    """The cover, then every cell that the register left open; gives the rows by form."""
    book = load_workbook(path)
    for row in book["Thông tin"].iter_rows():
        if row[0].value == "Ngày báo cáo":
            row[1].value = DAY
    rows = Counter(
        {
            name: _fill_sheet(book[form.sheet], form, says(name))
            for name, form in FORMS.items()
            if form.sheet in book.sheetnames
        }
    )
    book.save(path)
    return rows


def _fill_sheet(sheet, form, said: Sequence[Cells]) -> int:
    """In the row that the form has for it, or below when that row says another period already."""
    places = {column.name: number for number, column in enumerate(form.columns, start=1)}
    known = [name for name in form.key if form.column(name).is_register]
    waiting: dict[tuple[object, ...], list[Cells]] = {}
    for cells in said:
        waiting.setdefault(tuple(cells[name] for name in known), []).append(cells)
    last = 1
    while sheet.cell(last + 1, places[known[0]]).value is not None:
        last += 1
    for number in range(2, last + 1):
        key = tuple(sheet.cell(number, places[name]).value for name in known)
        first, *others = waiting.pop(key)
        _write(sheet, number, places, first)
        for cells in others:
            last += 1
            _write(sheet, last, places, cells)
    assert not waiting, f"not in the form: {sorted(waiting)[:3]}"
    return last - 1


def _write(sheet, number: int, places: Mapping[str, int], cells: Cells) -> None:
    for name, value in cells.items():
        if sheet.cell(number, places[name]).value is None:
            sheet.cell(number, places[name]).value = value


@pytest.fixture(scope="module")
def filled(full_world, tmp_path_factory):
    """Blank forms from the published register, filled in by all 56 agencies, and one run."""
    settings = Settings(
        data_root=tmp_path_factory.mktemp("filled") / "data", real_input=full_world.database
    )
    careful = Careful(settings)
    register = settings.inbox / "BCD" / f"register_{DAY}.xlsx"
    register.parent.mkdir(parents=True)
    shutil.copy2(full_world.settings.inbox / "BCD" / register.name, register)
    rows: Counter[str] = Counter()
    for agency in careful.tasks.agencies:
        path = settings.inbox / agency / "form.xlsx"
        path.parent.mkdir()
        write_blank(full_world.settings, agency, path)
        rows += fill(path, lambda name, agency=agency: careful.says(agency, name))
    chain.run(settings, DAY)
    with warehouse.connect(settings.published / "nq57.duckdb", read_only=True) as connection:
        yield connection, rows


def test_all_agencies_are_accepted_with_all_their_rows(filled):
    connection, rows = filled
    found = connection.execute(
        "select form, sum(rows_kept), sum(rows_rejected) from marts.fct_submissions"
        " where status = 'ACCEPTED' and agency_code <> 'BCD' and rows_received > 0 group by form"
    ).fetchall()
    assert sorted(found) == sorted((form, count, 0) for form, count in rows.items())
    agencies = "select count(distinct agency_code) from marts.fct_submissions where form = 'tasks'"
    assert connection.execute(f"{agencies} and status = 'ACCEPTED'").fetchone() == (56,)


def test_nothing_is_found_in_a_form_filled_in_as_asked(filled):
    connection, _ = filled
    found = connection.execute(
        "select rule_id, agency_code, record_key, column_name, value_found, related_cells"
        " from quality.findings where agency_code <> 'BCD' limit 10"
    ).fetchall()
    assert found == []
