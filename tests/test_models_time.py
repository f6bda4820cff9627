"""Figures of agencies that merged: those of the old add up to the new, and nothing counts twice."""

from datetime import date, timedelta

import pytest
from scenario import Scenario

from pipelines.settings import PROJECT_ROOT

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


TURN = date(2026, 1, 14)
YEAR = [*MONTHS, *((date(2025, month, 15), date(2025, month + 1, 14)) for month in (10, 11))]
NEXT_YEAR = (date(2025, 12, 15), TURN)
CUMULATED = (YEAR[0][0], YEAR[9][1])
NOVEMBER = date(2025, 11, 25)


@pytest.fixture(scope="module")
def year(tmp_path_factory):
    """The end of a year and the beginning of the next; a row over ten months, and what follows."""
    world = Scenario(tmp_path_factory.mktemp("year"))
    senders = ("BTC", "P01", "P08", "P15", "P04")
    world.send("BCD", "register_services", OLD_REPORT, procedure("1.000001", *senders))
    shares = [30, 34, 37, 42, 44, 51, 52, 58, 60, 66, 69, 74]
    told = (dossiers(month, 100, share) for month, share in zip(YEAR, shares, strict=True))
    world.send("BTC", "services", date(2025, 12, 18), *told)
    world.send("BTC", "services", TURN, dossiers(NEXT_YEAR, 50, 45))
    for sender in ("P01", "P08", "P15"):
        world.send(sender, "services", REPORT, dossiers(CUMULATED, 1000, 400))
    # The month that the ten ended with once more, the ten corrected, and one month more.
    world.send("P01", "services", NOVEMBER, dossiers(YEAR[9], 90, 90))
    world.send("P08", "services", NOVEMBER, dossiers(CUMULATED, 800, 500))
    world.send("P15", "services", NOVEMBER, dossiers((YEAR[0][0], YEAR[10][1]), 1100, 500))
    # Ten months one by one, the last of them in half.
    world.send("P04", "services", REPORT, *(dossiers(month, 100, 40) for month in YEAR[:9]),
               dossiers((YEAR[9][0], date(2025, 9, 30)), 60, 20))  # fmt: skip
    with world.build(TURN) as connection:
        yield connection


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        (date(2025, 12, 17), None),
        (date(2025, 12, 20), (617, 1200)),
        (date(2026, 1, 13), (617, 1200)),
        (TURN, (45, 50)),
    ],
)
def test_a_year_counts_until_the_first_month_of_the_next_has_ended(year, day, counts):
    found = share(year, "BTC", day)
    assert (found and found[:2]) == counts


def outlook(facts, agency, day):
    found = facts.execute(
        "select year_end, periods, remaining_periods, received_to_date,"
        " expected_received_remaining, needed_share, is_reachable, projected_share,"
        " backtest_count"
        " from marts.fct_service_outlook where agency_code = $agency and as_of_date = $day",
        {"agency": agency, "day": day},
    ).fetchall()
    assert len(found) <= 1
    return found[0] if found else None


END, NEXT_END = date(2025, 12, 14), date(2026, 12, 14)


def test_a_year_that_has_ended_is_decided(year):
    found = outlook(year, "BTC", date(2025, 12, 20))
    assert found[:7] == (END, 12, 0, 1200, 0, None, False)
    assert found[7] == pytest.approx(617 / 1200, abs=1e-6)
    # 0.8 of 50 + 550, of which 45 are done, in 550.
    assert outlook(year, "BTC", TURN) == (NEXT_END, 1, 11, 50, 550, 0.790909, True, None, 0)


def test_a_row_over_ten_months_is_ten_months(year):
    # 0.8 of 1200, of which 400 are done, in 200.
    assert outlook(year, "P01", REPORT) == (END, 10, 2, 1000, 200, 2.8, False, None, 0)
    # Eleven months have passed; nothing can be done in a year that has ended.
    assert outlook(year, "P15", NOVEMBER)[:5] == (END, 11, 1, 1100, 100)
    assert outlook(year, "P15", date(2025, 12, 15))[:5] == (END, 11, 0, 1100, 0)


def test_a_trend_is_of_rows_of_one_month(year):
    # Nine whole months in which 960 came, of which a line through nine shares of 0.4.
    found = outlook(year, "P04", REPORT)
    assert found[:6] == (END, 9, 3, 960, 320, pytest.approx((0.8 * 1280 - 380) / 320))
    assert found[7] == pytest.approx((380 + 0.4 * 320) / 1280, abs=1e-6)
    # One row of ten months among those of all provinces.
    assert outlook(year, "provinces", REPORT)[7:] == (None, 0)


@pytest.mark.parametrize(
    ("agency", "counts"), [("P01", (400, 1000)), ("P08", (500, 800)), ("P15", (500, 1100))]
)
def test_a_row_gives_way_only_to_a_newer_one_about_all_its_days(year, agency, counts):
    assert share(year, agency, NOVEMBER - timedelta(days=1))[:2] == (400, 1000)
    assert share(year, agency, NOVEMBER)[:2] == counts


def test_what_a_longer_period_keeps_from_counting_is_found(year):
    query = (PROJECT_ROOT / "expectations" / "sql" / "service_periods_overlap.sql").read_text()
    found = year.execute(
        "select distinct agency_code, record_key, column_name, related_cells from (" + query + ")"
    ).fetchall()
    assert found == [
        (
            "P01",
            "1.000001/2025-09-15/2025-10-14",
            "period_end",
            "P01 25/10/2025 Biểu!5: 15/12/2024 - 14/10/2025",
        )
    ]


def test_the_mart_shows_the_row_that_counts(year):
    found = year.execute(
        "select dossiers_received, is_counted from marts.fct_services"
        " where agency_code = 'P01' order by all"
    ).fetchall()
    assert found == [(1000, True)]
