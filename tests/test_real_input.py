"""The task list of the action programme as published, before and after the mergers of 2025."""

from collections import Counter

import pytest

from pipelines.settings import Settings
from pipelines.workbook.desk import Desk, Sent
from pipelines.workbook.submission import read_file

SETTINGS = Settings.from_environment()
FOLDER = SETTINGS.real_input / "nq57_tasks"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no real input at {FOLDER}")

ORIGINAL = ("nq03_tasks_original_agencies.csv", "2025-01-09", 143, 3)
MERGED = ("nq03_tasks_after_2025-03_merger.csv", "2025-04-01", 140, 0)


@pytest.fixture(scope="module", params=[ORIGINAL, MERGED], ids=["original", "merged"])
def case(request):
    name, reporting_date, records, continuations = request.param
    desk = Desk.set_up(SETTINGS.seeds, SETTINGS.templates)
    reading = read_file(Sent(FOLDER / name, "BCD", name), desk)
    return reading, reporting_date, records, continuations


def column(reading, name):
    (form,) = reading.forms
    return next(cells for found, cells in form.columns if found.name == name)


def test_every_row_is_accounted_for(case):
    reading, reporting_date, records, continuations = case
    (form,) = reading.forms

    assert (reading.status, str(reading.reporting_date)) == ("READ", reporting_date)
    assert len(form.row_numbers) == 140
    assert [row.row_class for row in form.structure] == ["continuation"] * continuations
    assert len(form.row_numbers) + len(form.structure) == records
    codes = [cell.value for cell in column(reading, "task_code")]
    assert codes == [f"NQ03-{number:03d}" for number in range(1, 141)]
    assert {cell.value for cell in column(reading, "programme_code")} == {"NQ03"}


def test_a_continuation_goes_on_with_the_row_above(case):
    reading, _, _, continuations = case
    title = column(reading, "title")[107].value

    assert "(4) Xây dựng sàn giao dịch bất động sản" in title
    assert "(11) Mô hình điểm tại các tỉnh, thành phố có đảo" in title
    assert ("\n" in title) == bool(continuations)


def test_every_deadline_has_a_date_a_kind_or_a_finding(case):
    reading = case[0]
    deadlines = column(reading, "deadline")
    kinds = Counter((cell.value.kind, cell.value.precision) for cell in deadlines)
    print("deadlines", dict(kinds))

    assert not [cell for cell in deadlines if cell.problem]
    assert [cell.value.kind for cell in deadlines if cell.state == "blank"] == ["none"]
    assert kinds == {
        ("fixed", "year"): 74,
        ("fixed", "month"): 48,
        ("fixed", "quarter"): 1,
        ("regular", None): 13,
        ("annual", None): 3,
        ("none", None): 1,
    }


def test_every_owner_is_known_or_a_finding(case):
    reading, _, _, continuations = case
    owners = {name: column(reading, name) for name in ("lead_agency", "coordinating_agencies")}
    for name, cells in owners.items():
        print(name, dict(Counter(cell.state for cell in cells)))
    unknown = [cell.problem for cells in owners.values() for cell in cells if cell.problem]

    assert all(cell.value for cell in owners["lead_agency"])
    assert unknown == (
        # A name cut off in the source, and half a name that slipped into the next column.
        ["unknown_agency: Bộ", "unknown_agency: nghiệp; phát triển nông thôn"]
        if continuations
        else []
    )
    assert all(cell.value for cell in owners["coordinating_agencies"] if cell.state == "present")


def test_abolished_ministries_keep_their_own_code(case):
    reading, _, _, continuations = case
    leads = Counter(code for cell in column(reading, "lead_agency") for code in cell.value)

    assert (leads["BTTTT"] > 0) == bool(continuations)
    assert leads["BGTVT"] > 0
    assert leads["G-ALL"] == 17
