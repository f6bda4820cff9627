"""The other published lists - procedures, indicators, units - read by templates alone."""

from collections import Counter
from datetime import date

import pytest

from pipelines.settings import Settings
from pipelines.workbook.desk import Desk, Sent
from pipelines.workbook.record import record_keys
from pipelines.workbook.submission import read_file

SETTINGS = Settings.from_environment()
FOLDER = SETTINGS.real_input
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no real input at {FOLDER}")

# File: its form, records, kept rows (the others have no key that can be read).
FILES = {
    "procedures/procedures.csv": ("register_services", 2849, 2846),
    "nq57_tasks/nq03_indicators.csv": ("register_indicators", 57, 57),
    "admin_units/communes_2025-07-01.csv": ("register_communes", 3321, 3321),
    "admin_units/crosswalk_province_63_to_34.csv": ("register_province_changes", 63, 63),
    "admin_units/crosswalk_commune_old_to_new.csv": ("register_commune_changes", 10604, 10604),
}


@pytest.fixture(scope="module")
def readings():
    desk = Desk.set_up(SETTINGS.seeds, SETTINGS.templates)
    return {
        name: read_file(Sent(FOLDER / name, "BCD", name.rpartition("/")[2]), desk) for name in FILES
    }


def form_of(readings, form):
    return next(found for one in readings.values() for found in one.forms if found.form == form)


def column(readings, form, name):
    return next(cells for one, cells in form_of(readings, form).columns if one.name == name)


def unreadable(readings):
    return [
        (form.form, number, one.name, cell.raw, cell.problem)
        for reading in readings.values()
        for form in reading.forms
        for one, cells in form.columns
        for number, cell in zip(form.row_numbers, cells, strict=True)
        if cell.state == "unreadable"
    ]


@pytest.mark.parametrize("name", FILES)
def test_every_record_is_kept_rejected_or_structure(readings, name):
    expected, records, kept = FILES[name]
    reading = readings[name]
    (form,) = reading.forms
    keys = record_keys(form)
    with_key = [key for key in keys if key is not None]
    print(f"\n{name}: {records} = {len(with_key)} kept + {keys.count(None)} without a key")

    assert (reading.status, form.form) == ("READ", expected)
    assert len(form.row_numbers) + len(form.structure) == len(form.row_numbers) == records
    assert len(set(with_key)) == len(with_key) == kept
    assert not form.missing_columns


def test_what_is_not_certain_is_listed_and_nothing_else(readings):
    found = unreadable(readings)
    print("\nunreadable:", *found, sep="\n  ")
    indicators = "register_indicators"

    assert [(form, number, name, problem) for form, number, name, _, problem in found] == [
        *(
            ("register_services", n, "agency_code", "unknown_agency: Tòa án nhân dân")
            for n in (2, 3, 4)
        ),
        *((indicators, n, "target", "not_a_number") for n in (2, 3, 4, 5, 6)),
        *((indicators, n, "target", "unknown_unit") for n in (7, 30)),
        (indicators, 36, "target", "not_a_number"),
    ]


def test_procedures_keep_their_codes_and_agencies(readings):
    codes = [cell.value.main for cell in column(readings, "register_services", "procedure_code")]
    agencies = Counter(cell.value for cell in column(readings, "register_services", "agency_code"))
    assert len(set(codes)) == 2849
    assert agencies == {
        ("BTC",): 706,
        ("BNNMT",): 537,
        ("BXD",): 525,
        ("BCA",): 339,
        ("BTP",): 271,
        ("NHNN",): 261,
        ("BQP",): 207,
        (): 3,
    }


def test_indicators_11_1_and_11_10_are_two(readings):
    codes = [cell.value for cell in column(readings, "register_indicators", "indicator_code")]
    assert len(set(codes)) == 57
    assert {"NQ03-11", "NQ03-11.1", "NQ03-11.10"} <= set(codes)


def test_targets_are_quantities_and_horizons_the_last_day_of_a_year(readings):
    codes = [cell.value for cell in column(readings, "register_indicators", "indicator_code")]
    targets = dict(zip(codes, column(readings, "register_indicators", "target"), strict=True))
    read = {
        code: (cell.value.operator, cell.value.main, cell.value.upper_bound, cell.value.unit)
        for code, cell in targets.items()
        if cell.value is not None
    }
    assert len(read) == 48
    assert {code: read[f"NQ03-{code}"] for code in ("11.1", "14", "19", "23.1", "23.2", "41")} == {
        "11.1": (">=", 80, None, None),
        "14": (">", 0.7, None, None),
        "19": ("=", 40, 50, None),
        "23.1": ("=", 100, None, "percent"),
        "23.2": ("=", 9, None, None),
        "41": ("=", 20, 50, "percent"),
    }
    days = Counter(cell.value.day for cell in column(readings, "register_indicators", "target_on"))
    assert days == {date(2030, 12, 31): 51, date(2045, 12, 31): 6}


def test_every_unit_is_known(readings):
    units = Counter(
        cell.value and cell.value.main for cell in column(readings, "register_indicators", "unit")
    )
    print("\nunits:", dict(units))
    assert units[None] == 2
    assert units["percent_of_gdp"] == 3
    assert units["percent_per_year"] == 2


def test_codes_keep_their_zeros_and_take_their_letter(readings):
    old = [c.value for c in column(readings, "register_province_changes", "old_agency_code")]
    new = [c.value for c in column(readings, "register_province_changes", "new_agency_code")]
    assert (old[0], new[1]) == (("T01",), ("P08",))
    assert (len(set(old)), len(set(new))) == (63, 34)
    communes = column(readings, "register_communes", "agency_code")
    assert {cell.value for cell in communes} == set(new)
    assert {
        cell.value for cell in column(readings, "register_commune_changes", "agency_code")
    } == set(new)


def test_old_communes_went_to_new_ones_whole_or_in_part(readings):
    kinds = Counter(c.value for c in column(readings, "register_commune_changes", "merge_type"))
    new = {c.value for c in column(readings, "register_commune_changes", "new_commune_code")}
    communes = {c.value for c in column(readings, "register_communes", "commune_code")}
    assert kinds == {"full": 9592, "partial": 1012}
    assert new == communes
