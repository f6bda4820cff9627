"""Agencies through time: mergers of 2025, codes and names that changed meaning, Đồng Nai a city."""

import csv
from datetime import date

import pytest
from scenario import run_dbt

from pipelines import warehouse
from pipelines.proof.recompute_inputs import load_lists
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.workbook.parsing.names import load_names

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
NAMES = load_names(SEEDS)
BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)
LAST_AS_PROVINCE, FIRST_AS_CITY = date(2026, 4, 29), date(2026, 4, 30)

# New code: the codes before 2025-07-01 (Resolution 202/2025/QH15).
MERGED = {
    "01": "01", "04": "04", "08": "02 08", "11": "11", "12": "12", "14": "14", "15": "10 15",
    "19": "06 19", "20": "20", "22": "22", "24": "24 27", "25": "17 25 26", "31": "30 31",
    "33": "33 34", "37": "35 36 37", "38": "38", "40": "40", "42": "42", "44": "44 45",
    "46": "46", "48": "48 49", "51": "51 62", "52": "52 64", "56": "56 58", "66": "54 66",
    "68": "60 67 68", "75": "70 75", "79": "74 77 79", "80": "72 80", "82": "82 87",
    "86": "83 84 86", "91": "89 91", "92": "92 93 94", "96": "95 96",
}  # fmt: skip

# Code: what it meant before 2025-07-01, what it means since.
CODES = {
    "15": ("Yên Bái", "Lào Cai"),
    "24": ("Bắc Giang", "Bắc Ninh"),
    "44": ("Quảng Bình", "Quảng Trị"),
    "52": ("Bình Định", "Gia Lai"),
    "80": ("Long An", "Tây Ninh"),
    "82": ("Tiền Giang", "Đồng Tháp"),
    "91": ("Kiên Giang", "An Giang"),
}

# Name: its code before 2025-07-01, and since.
RECODED = {
    "Lào Cai": ("T10", "P15"),
    "Bắc Ninh": ("T27", "P24"),
    "Quảng Trị": ("T45", "P44"),
    "Gia Lai": ("T64", "P52"),
    "Tây Ninh": ("T72", "P80"),
    "Đồng Tháp": ("T87", "P82"),
    "An Giang": ("T89", "P91"),
}

MINISTRIES = {
    "BTTTT": "BKHCN",
    "BKHDT": "BTC",
    "BLDTBXH": "BNV",
    "BNNPTNT": "BNNMT",
    "BTNMT": "BNNMT",
    "BGTVT": "BXD",
    "UBDT": "BDTTG",
    "BHXH": "BTC",
}


def read(name):
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


AGENCIES = read("agencies")


def in_force(rows, day):
    return [
        row
        for row in rows
        if row["valid_from"] <= str(day) and (not row["valid_to"] or str(day) <= row["valid_to"])
    ]


def provinces(day):
    return [row for row in in_force(AGENCIES, day) if row["kind"] == "province"]


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    root = tmp_path_factory.mktemp("agencies")
    settings = Settings(data_root=root, real_input=root)
    warehouse.load_raw(settings, "none")
    models = ("agencies", "int_agency_resolutions", "dim_agencies")
    run_dbt(settings, AFTER, "--select", *models, "--indirect-selection", "cautious")
    with warehouse.connect(settings.warehouse, read_only=True) as connection:
        yield connection


def resolved(facts, code, day):
    found = facts.execute(
        "select resolved_code from intermediate.int_agency_resolutions"
        " where agency_code = $code and $day between valid_from and valid_to",
        {"code": code, "day": day},
    ).fetchall()
    assert len(found) == 1
    return found[0][0]


def test_63_provinces_become_34():
    assert len(provinces(BEFORE)) == 63
    assert {row["agency_code"]: row["successor_code"] for row in provinces(BEFORE)} == {
        f"T{old}": f"P{new}" for new, merged in MERGED.items() for old in merged.split()
    }
    assert [row["agency_code"] for row in provinces(AFTER)] == [f"P{new}" for new in MERGED]


def test_every_day_has_one_who_answers_and_sql_agrees_with_the_second_implementation(facts):
    lists = load_lists(SEEDS)
    codes = {row["agency_code"] for row in AGENCIES}
    for day in (date(2025, 1, 9), BEFORE, AFTER, LAST_AS_PROVINCE, FIRST_AS_CITY):
        for code in codes:
            assert resolved(facts, code, day) == lists.resolve(code, day), (code, day)


@pytest.mark.parametrize("code", CODES)
def test_a_code_changes_its_meaning(facts, code):
    official = {
        day: {row["official_code"]: row["name_vi"] for row in provinces(day)}
        for day in (BEFORE, AFTER)
    }
    old, new = CODES[code]
    assert (official[BEFORE][code], official[AFTER][code]) == (f"Tỉnh {old}", f"Tỉnh {new}")
    found = facts.execute(
        "select agency_code, name_en from marts.dim_agencies where official_code = $code"
        " and kind = 'province' order by valid_from",
        {"code": code},
    ).fetchall()
    assert found == [(f"T{code}", old), (f"P{code}", new)]


@pytest.mark.parametrize("name", RECODED)
@pytest.mark.parametrize("form", ["{}", "tỉnh {}", "UBND tỉnh {}"])
def test_a_name_changes_its_code(facts, name, form):
    old, new = RECODED[name]
    assert NAMES.find(form.format(name), BEFORE).codes == (old,)
    assert NAMES.find(form.format(name), AFTER).codes == (new,)
    assert (resolved(facts, old, BEFORE), resolved(facts, old, AFTER)) == (old, new)


@pytest.mark.parametrize("code", MINISTRIES)
def test_a_merged_ministry_hands_over(facts, code):
    (row,) = [row for row in AGENCIES if row["agency_code"] == code]
    assert (row["valid_to"], row["successor_code"]) == ("2025-02-28", MINISTRIES[code])
    assert resolved(facts, code, date(2025, 2, 28)) == code
    assert resolved(facts, code, date(2025, 3, 1)) == MINISTRIES[code]


def test_every_ministry_that_ended_has_a_successor():
    ended = [row["agency_code"] for row in AGENCIES if row["valid_to"] == "2025-02-28"]
    assert sorted(ended) == sorted(MINISTRIES)


@pytest.mark.parametrize(
    ("day", "counts"),
    [(AFTER, (28, 6)), (LAST_AS_PROVINCE, (28, 6)), (FIRST_AS_CITY, (27, 7))],
)
def test_dong_nai_becomes_a_city(day, counts):
    names = [row["name_vi"] for row in provinces(day)]
    cities = {row["agency_code"] for row in provinces(day) if row["name_vi"].startswith("Thành")}
    members = in_force(read("agency_group_members"), day)
    assert (sum(name.startswith("Tỉnh") for name in names), len(cities)) == counts
    assert {row["member_code"] for row in members if row["group_code"] == "G-CITIES"} == cities


@pytest.mark.parametrize("name", ["Tỉnh Đồng Nai", "Thành phố Đồng Nai", "Đồng Nai", "P75"])
@pytest.mark.parametrize("day", [AFTER, LAST_AS_PROVINCE, FIRST_AS_CITY, date(2027, 1, 1)])
def test_both_names_of_dong_nai_mean_one_agency(facts, name, day):
    found = NAMES.find(name, day)
    assert (found.codes, found.unknown) == (("P75",), ())
    assert found.is_alias is (name == "Đồng Nai")
    assert resolved(facts, "P75", day) == resolved(facts, "T70", day) == "P75"


def test_one_code_answers_for_itself_without_a_break(facts):
    found = facts.sql(
        "select valid_from, valid_to from intermediate.int_agency_resolutions"
        " where agency_code = 'P75'"
    ).fetchall()
    assert found == [(date(1900, 1, 1), date(9999, 12, 31))]


def test_the_published_crosswalk_agrees(facts):
    path = Settings.from_environment().real_input / "admin_units/crosswalk_province_63_to_34.csv"
    if not path.is_file():
        pytest.skip(f"no {path}")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 63
    for row in rows:
        assert NAMES.find(row["old_name"], BEFORE).codes == (f"T{row['old_code']}",)
        assert NAMES.find(row["new_name"], AFTER).codes == (f"P{row['new_code']}",)
        assert resolved(facts, f"T{row['old_code']}", AFTER) == f"P{row['new_code']}"
