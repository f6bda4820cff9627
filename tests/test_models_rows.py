"""What the SQL makes of the other forms: services, datasets, indicators, commune criteria."""

from datetime import date, timedelta

import pytest
from scenario import Scenario

JULY, SEPTEMBER = date(2025, 7, 20), date(2025, 9, 23)
SERVICES, OCTOBER = date(2025, 10, 25), date(2025, 10, 28)
OPEN = date(9999, 12, 31)
MONTHS = [
    (date(2024, 12, 15), date(2025, 1, 14)),
    *((date(2025, month, 15), date(2025, month + 1, 14)) for month in range(1, 12)),
]


def procedure(code, *agencies, level="full", essential=False):
    return {
        "procedure_code": code,
        "procedure_name": f"Thủ tục {code}",
        "agency_code": list(agencies),
        "service_level": level,
        "is_essential": essential,
    }


def dossiers(code, month, received, fully_online, level="full", **differs):
    start, end = MONTHS[month - 1]
    row = {
        "procedure_code": code,
        "service_level": level,
        "period_start": start,
        "period_end": end,
        "dossiers_received": received,
        "dossiers_online": received,
        "dossiers_fully_online": fully_online,
        "dossiers_resolved": received,
        "resolved_on_time": received,
        "resolved_late": 0,
        "dossiers_pending": month,
        "results_digitised": received,
        "dossiers_via_vneid": 0,
        "dossiers_reusing_data": 0,
    }
    return {**row, **differs}


def owned(code, agency, source="Danh mục A", **differs):
    row = {
        "dataset_code": code,
        "dataset_name": f"CSDL {code}",
        "agency_code": [agency],
        "list_source": source,
        "update_cycle_days": 30,
        "records_expected": 1000,
    }
    return {**row, **differs}


def held(code, **differs):
    row = {
        "dataset_code": code,
        "records_expected": 900,
        "records_held": 800,
        "records_verified": 600,
        "records_duplicate": 40,
        "last_updated_on": date(2025, 9, 3),
        "update_cycle_days": 10,
        "is_connected": True,
        "consumer_count": 3,
        "self_score_correct": 100.0,
        "self_score_sufficient": 80.0,
        "self_score_clean": 90.0,
        "self_score_living": 100.0,
    }
    return {**row, **differs}


def followed(code, agency, **differs):
    row = {
        "indicator_code": code,
        "indicator_name": f"Chỉ tiêu {code}",
        "unit": "percent",
        "unit_raw": "%",
        "unit_scale": 1.0,
        "agency_code": [agency],
        "direction": "up",
        "measure_kind": "stock",
        "target": None,
        "target_on": None,
    }
    return {**row, **differs}


def measured(code, value, on, **differs):
    row = {
        "indicator_code": code,
        "value": value,
        "value_operator": "=",
        "unit": "percent",
        "unit_scale": 1.0,
        "measured_on": on,
        "source": "Báo cáo",
    }
    return {**row, **differs}


def commune(code, province):
    return {"commune_code": code, "commune_name": f"Xã {code}", "agency_code": [province]}


def criterion(number):
    return {"criterion_code": f"TC{number:02d}", "criterion_name": f"Tiêu chí {number}"}


def checked(code, number, is_met):
    return {
        "commune_code": code,
        "criterion_code": f"TC{number:02d}",
        "is_met": is_met,
        "checked_on": date(2025, 9, 1),
    }


def register(world, on):
    """The same register twice: nothing of it changes but who reports."""
    world.send(
        "BCD",
        "register_services",
        on,
        procedure("1.000001", "BTC", essential=True),
        procedure("1.000002", "BTC", level="partial", essential=True),
        procedure("1.000003", "BTC", level="none", essential=True),
        procedure("1.000001", "P01", essential=True),
        procedure("1.000009", "T02"),
        procedure("1.000009", "P08"),
    )
    world.send(
        "BCD",
        "register_datasets",
        on,
        owned("DB01", "BTC"),
        owned("DB01", "BTC", "Danh mục B", update_cycle_days=60),
        owned("DB02", "BCA", records_expected=None, update_cycle_days=None),
    )
    world.send("BCD", "register_communes", on, commune("00004", "P01"), commune("00008", "P01"))
    world.send("BCD", "register_criteria", on, criterion(1), criterion(2))
    world.send(
        "BCD",
        "register_indicators",
        on,
        followed("COVERAGE", "BKHCN", target=90.0, target_on=date(2025, 12, 31)),
        followed("ORDERS", "BTC", unit="VND", unit_scale=1e9, unit_raw="tỷ đồng"),
        followed("SILENT", "BTC", unit=None),
        followed("GOAL", "BTC", unit="USD", target=170.0, unit_scale=1e9,
                 target_on=date(2025, 12, 31), target_operator="~"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    """One world for all: built once, looked at by every test."""
    world = Scenario(tmp_path_factory.mktemp("rows"))
    register(world, SEPTEMBER)
    register(world, OCTOBER)
    world.send("BTC", "datasets", SEPTEMBER, held("DB01"))
    world.send("BTC", "datasets", OCTOBER, held("DB01", records_held=1200, is_connected=False))
    world.send(
        "BKHCN",
        "indicators",
        SEPTEMBER,
        measured("COVERAGE", 26.0, date(2025, 8, 31)),
        measured("COVERAGE", 20.0, date(2025, 6, 30)),
    )
    world.send("BKHCN", "indicators", OCTOBER, measured("COVERAGE", 39.5, date(2025, 9, 30)))
    world.send(
        "P01",
        "commune_criteria",
        SEPTEMBER,
        checked("00004", 1, True),
        checked("00004", 2, True),
        checked("00008", 1, False),
    )
    with world.build(OCTOBER) as connection:
        yield connection


def rows(connection, query):
    return connection.sql(query).fetchall()


def expected(connection, form, columns="agency_code, record_key, valid_from, valid_to"):
    return rows(
        connection,
        f"select {columns} from intermediate.int_expected_rows where form = '{form}' order by all",
    )


def test_services_are_expected_month_by_month_from_the_slot_on(facts):
    found = expected(facts, "services", "agency_code, record_key, valid_from")
    of_one = [key for agency, key, since in found if agency == "P01" and since == SERVICES]
    assert of_one == [f"1.000001/{start}/{end}" for start, end in MONTHS[:10]]
    assert {since for _, _, since in found} == {SERVICES, OCTOBER}
    # Procedures that are not online are expected too, those of an abolished province once.
    assert len([key for agency, key, since in found if agency == "BTC" and since == SERVICES]) == 30
    assert len([key for agency, key, since in found if agency == "P08" and since == SERVICES]) == 10


def test_a_dataset_of_two_lists_is_expected_once(facts):
    until = OCTOBER - timedelta(days=1)
    assert expected(facts, "datasets") == [
        ("BCA", "DB02", SEPTEMBER, until),
        ("BCA", "DB02", OCTOBER, OCTOBER),
        ("BTC", "DB01", SEPTEMBER, until),
        ("BTC", "DB01", OCTOBER, OCTOBER),
    ]
    excused = expected(facts, "datasets", "distinct agency_code, list_sort(excused_columns)")
    assert dict(excused) == {"BCA": ["records_expected", "update_cycle_days"], "BTC": []}


def test_an_indicator_is_expected_by_its_newest_measurement(facts):
    until = OCTOBER - timedelta(days=1)
    found = expected(facts, "indicators")
    assert [row for row in found if row[0] == "BKHCN"] == [
        ("BKHCN", "COVERAGE/2025-08-31", SEPTEMBER, until),
        ("BKHCN", "COVERAGE/2025-09-30", OCTOBER, OCTOBER),
    ]
    assert {key for agency, key, *_ in found if agency == "BTC"} == {"GOAL", "ORDERS", "SILENT"}


def test_every_criterion_is_expected_of_every_commune(facts):
    found = expected(facts, "commune_criteria", "agency_code, record_key, valid_from")
    assert {(agency, key) for agency, key, _ in found} == {
        ("P01", f"{commune}/TC{number:02d}") for commune in ("00004", "00008") for number in (1, 2)
    }


def test_reports_are_due_from_those_of_whom_rows_are_expected(facts):
    found = rows(
        facts,
        "select form, agency_code, reporting_date from intermediate.int_expected_submissions"
        " where form != 'tasks' order by all",
    )
    assert found == [
        ("commune_criteria", "P01", SEPTEMBER),
        ("datasets", "BCA", SEPTEMBER),
        ("datasets", "BCA", OCTOBER),
        ("datasets", "BTC", SEPTEMBER),
        ("datasets", "BTC", OCTOBER),
        ("indicators", "BKHCN", SEPTEMBER),
        ("indicators", "BKHCN", OCTOBER),
        ("indicators", "BTC", SEPTEMBER),
        ("indicators", "BTC", OCTOBER),
        ("services", "BTC", SERVICES),
        ("services", "P01", SERVICES),
        ("services", "P08", SERVICES),
    ]
