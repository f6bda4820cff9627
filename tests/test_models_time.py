"""Figures of agencies that merged: those of the old add up to the new, and nothing counts twice."""

from datetime import date, timedelta

import pytest
from scenario import Scenario

OLD_REPORT, MERGED, REPORT = date(2025, 6, 25), date(2025, 7, 1), date(2025, 10, 25)
MONTHS = [
    (date(2024, 12, 15), date(2025, 1, 14)),
    *((date(2025, month, 15), date(2025, month + 1, 14)) for month in range(1, 10)),
]
BOTH_REPORTED = MONTHS[3]
"""Lào Cai and Yên Bái reported it, and so did the province that they became."""


def procedure(code, *agencies):
    return {
        "procedure_code": code,
        "procedure_name": f"Thủ tục {code}",
        "agency_code": list(agencies),
        "service_level": "full",
        "is_essential": False,
    }


def dossiers(month, received, fully_online):
    start, end = month
    counts = {
        "dossiers_online": fully_online,
        "dossiers_fully_online": fully_online,
        "dossiers_resolved": received,
        "resolved_on_time": received,
        "results_digitised": received,
    }
    zeros = ("resolved_late", "dossiers_pending", "dossiers_via_vneid", "dossiers_reusing_data")
    return {
        "procedure_code": "1.000001",
        "service_level": "full",
        "period_start": start,
        "period_end": end,
        "dossiers_received": received,
        **counts,
        **dict.fromkeys(zeros, 0),
    }


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    world = Scenario(tmp_path_factory.mktemp("time"))
    world.send(
        "BCD", "register_services", OLD_REPORT, procedure("1.000001", "T10", "T15", "P01", "P15")
    )
    # Until the merger: 100 and 300 dossiers a month, 10 and 60 of them fully online.
    world.send("T10", "services", OLD_REPORT, *(dossiers(month, 100, 10) for month in MONTHS[:4]))
    world.send("T15", "services", OLD_REPORT, *(dossiers(month, 300, 60) for month in MONTHS[:4]))
    world.send("P15", "services", REPORT, *(dossiers(month, 1000, 500) for month in MONTHS[3:]))
    world.send("P01", "services", REPORT, *(dossiers(month, 2000, 400) for month in MONTHS))
    with world.build(REPORT) as connection:
        yield connection


def share(facts, agency, day):
    found = facts.execute(
        "select numerator, denominator, value from marts.fct_measures"
        " where measure = 'online_dossier_share' and agency_code = $agency"
        " and as_of_date = $day",
        {"agency": agency, "day": day},
    ).fetchall()
    assert len(found) <= 1
    return found[0] if found else None


def test_until_the_merger_each_old_province_answers_for_itself(facts):
    day = MERGED - timedelta(days=1)
    assert share(facts, "T10", day)[:2] == (40, 400)
    assert share(facts, "T15", day)[:2] == (240, 1200)
    assert share(facts, "P15", day) is None


def test_from_the_merger_on_they_add_up_to_the_new_one(facts):
    assert share(facts, "P15", MERGED)[:2] == (280, 1600)
    assert share(facts, "T10", MERGED) is share(facts, "T15", MERGED) is None
    assert share(facts, "provinces", MERGED)[:2] == (280, 1600)


def test_what_the_successor_reports_itself_counts_once(facts):
    # Three months of the old provinces, seven of the new one.
    fully_online, received = 3 * (10 + 60) + 7 * 500, 3 * (100 + 300) + 7 * 1000
    assert share(facts, "P15", REPORT) == (fully_online, received, fully_online / received)
    assert share(facts, "provinces", REPORT)[:2] == (fully_online + 4000, received + 20000)
    assert share(facts, "all", REPORT)[:2] == share(facts, "provinces", REPORT)[:2]


def test_every_row_is_kept_under_the_code_that_reported_it(facts):
    found = facts.sql(
        "select agency_code, current_agency_code, count(*), count_if(is_counted)"
        " from marts.fct_services group by all order by all"
    ).fetchall()
    assert found == [
        ("P01", "P01", 10, 10),
        ("P15", "P15", 7, 7),
        ("T10", "P15", 4, 3),
        ("T15", "P15", 4, 3),
    ]
    twice = facts.execute(
        "select distinct agency_code from marts.fct_services"
        " where not is_counted and period_end = $until order by all",
        {"until": BOTH_REPORTED[1]},
    ).fetchall()
    assert twice == [("T10",), ("T15",)]


def test_provinces_are_compared_once(facts):
    found = facts.execute(
        "select distinct measures.agency_code from marts.fct_measures as measures"
        " where measure = 'online_dossier_share' and as_of_date = $day order by all",
        {"day": REPORT},
    ).fetchall()
    assert found == [("P01",), ("P15",), ("all",), ("provinces",)]
