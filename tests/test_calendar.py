"""The reporting calendar: slots of dated rules, and what became of each slot."""

import csv
from contextlib import closing
from datetime import date, datetime, timedelta

import chain
import duckdb
import pytest
from quality_tables import EXPECTATIONS, make_warehouse
from scenario import Scenario
from test_models import task, word
from test_models_rows import OPEN, dossiers, held, owned, procedure

from pipelines import warehouse
from pipelines.report import reports
from pipelines.settings import PROJECT_ROOT

FIRST, LAST = date(2025, 1, 1), date(2026, 5, 1)
RULE = {
    "kind": "monthly",
    "day_of_month": 25,
    "due_time": "23:59:59",
    "on_day_off": "next_working_day",
    "days_before": 11,
    "valid_from": FIRST,
}
"""Until the 25th of each month, for reports of the 14th on."""
RULES = {
    # Every rule is of a form of its own, so that their slots do not meet.
    "tasks": [RULE],
    "services": [RULE | {"on_day_off": "none"}],
    "datasets": [
        RULE | {"valid_to": "2025-06-30"},
        RULE | {"day_of_month": 20, "due_time": "17:00:00", "valid_from": "2025-07-01"},
    ],
    "indicators": [RULE | {"day_of_month": 31, "days_before": 0}],
    "commune_criteria": [
        {**RULE, "kind": "once", "day_of_month": None, "reporting_date": day, "valid_to": LAST}
        for day in ("2025-05-02", "2025-04-26", "2025-07-05", "2024-12-31")
    ],
}


SHAPE = (
    "form varchar, kind varchar, reporting_date date, day_of_month integer, due_time time,"
    " on_day_off varchar, days_before integer, valid_from date, valid_to date, basis_vi varchar,"
    " basis_en varchar"
)


def build(world: Scenario, rules, as_of: date, *selection: str):
    """Load a scenario with a calendar of its own, build some models, run the gates named."""
    world.load()
    warehouse.write_run(world.settings.warehouse, as_of, "rules")
    with closing(duckdb.connect(str(world.settings.warehouse))) as connection:
        connection.execute("create schema if not exists seeds")
        connection.execute(f"create table seeds.reporting_calendar ({SHAPE})")
        for form, given in rules.items():
            for rule in given:
                row = {"form": form, **rule}
                connection.execute(
                    f"insert into seeds.reporting_calendar ({', '.join(row)})"
                    f" values ({', '.join('?' * len(row))})",
                    list(row.values()),
                )
    kept = ("--exclude", "reporting_calendar", "--indirect-selection=empty")
    chain.dbt(world.settings, "--select", *selection, *kept, gates=True)
    return duckdb.connect(str(world.settings.warehouse), read_only=True)


SLOTS = (
    "public_holidays",
    "int_working_days",
    "int_slots",
    "unique_combination_int_slots_form__reporting_date",
)


@pytest.fixture(scope="module")
def slots(tmp_path_factory):
    world = Scenario(tmp_path_factory.mktemp("slots"))
    with closing(build(world, RULES, LAST, *SLOTS)) as connection:
        yield connection


def ask(connection, query):
    return connection.execute(query).fetchall()


def due(connection, form, day):
    found = ask(
        connection,
        f"select due_at from intermediate.int_slots where form = '{form}'"
        f" and reporting_date = '{day}'",
    )
    return found[0][0] if found else None


def end_of(day):
    """The last second of a day in Hanoi, on the clock of Greenwich."""
    return datetime.combine(day, datetime.min.time()) + timedelta(hours=16, minutes=59, seconds=59)


def test_a_monthly_rule_gives_a_slot_a_month(slots):
    found = [
        day
        for (day,) in ask(
            slots,
            "select reporting_date from intermediate.int_slots"
            " where form = 'services' order by reporting_date",
        )
    ]
    assert len(found) == 16  # January 2025 to April 2026
    assert found == [
        date(2025 + (month - 1) // 12, (month - 1) % 12 + 1, 25) for month in range(1, 17)
    ]
    assert all(due(slots, "services", day) == end_of(day) for day in found)


@pytest.mark.parametrize(
    ("day", "due_on"),
    [
        (date(2025, 11, 25), date(2025, 11, 25)),  # Tuesday
        (date(2025, 10, 25), date(2025, 10, 27)),  # Saturday
        (date(2025, 5, 25), date(2025, 5, 26)),  # Sunday
        (date(2025, 1, 25), date(2025, 2, 3)),  # Tết: off from Saturday 25/1 to Sunday 2/2
        (
            date(2026, 4, 25),
            date(2026, 4, 28),
        ),  # Saturday, Hung Kings on Sunday, a day in its place
        (date(2026, 2, 25), date(2026, 2, 25)),  # after Tết
    ],
)
def test_a_slot_on_a_day_off_is_due_on_the_next_working_day(slots, day, due_on):
    assert due(slots, "tasks", day) == end_of(due_on)


@pytest.mark.parametrize(
    ("day", "due_on"),
    [
        (date(2025, 5, 2), date(2025, 5, 5)),  # a Friday exchanged for a Saturday
        (date(2025, 4, 26), date(2025, 4, 26)),  # that Saturday, which is worked
        (date(2025, 7, 5), date(2025, 7, 7)),  # any other Saturday
    ],
)
def test_days_that_were_exchanged(slots, day, due_on):
    assert due(slots, "commune_criteria", day) == end_of(due_on)


def test_a_rule_gives_slots_while_it_holds(slots):
    found = ask(
        slots,
        "select reporting_date, due_at from intermediate.int_slots where form = 'datasets'"
        " and reporting_date between '2025-05-20' and '2025-08-25' order by all",
    )
    assert found == [
        (date(2025, 5, 25), end_of(date(2025, 5, 26))),
        (date(2025, 6, 25), end_of(date(2025, 6, 25))),
        (date(2025, 7, 20), datetime(2025, 7, 21, 10, 0, 0)),  # Sunday; 17:00 in Hanoi
        (date(2025, 8, 20), datetime(2025, 8, 20, 10, 0, 0)),
    ]
    assert due(slots, "commune_criteria", date(2024, 12, 31)) is None


def test_a_short_month_has_its_last_day(slots):
    found = ask(
        slots,
        "select reporting_date from intermediate.int_slots where form = 'indicators'"
        " and reporting_date < '2025-05-01' order by all",
    )
    assert [day for (day,) in found] == [
        date(2025, 1, 31),
        date(2025, 2, 28),
        date(2025, 3, 31),
        date(2025, 4, 30),
    ]


def test_what_a_slot_takes_and_asks_for(slots):
    columns = "reporting_date, serves_from, serves_to, period_start, period_end"
    found = ask(
        slots,
        f"select {columns} from intermediate.int_slots where form in ('tasks', 'commune_criteria')"
        " and reporting_date in ('2025-01-25', '2025-12-25', '2025-07-05') order by all",
    )
    assert found == [
        (
            date(2025, 1, 25),
            date(2025, 1, 14),
            date(2025, 2, 3),
            date(2024, 12, 15),
            date(2025, 1, 14),
        ),
        (
            date(2025, 7, 5),
            date(2025, 6, 24),
            date(2025, 7, 7),
            date(2025, 5, 15),
            date(2025, 6, 14),
        ),
        (
            date(2025, 12, 25),
            date(2025, 12, 14),
            date(2025, 12, 25),
            date(2025, 11, 15),
            date(2025, 12, 14),
        ),
    ]


@pytest.mark.parametrize(("as_of", "newest"), [(13, date(2025, 10, 25)), (14, date(2025, 11, 25))])
def test_a_slot_opens_with_the_first_report_that_may_serve_it(tmp_path, as_of, newest):
    world, day = Scenario(tmp_path), date(2025, 11, as_of)
    with closing(build(world, {"tasks": [RULE]}, day, *SLOTS)) as connection:
        found = ask(connection, "select max(reporting_date) from intermediate.int_slots")
    assert found == [(newest,)]


def test_every_holiday_is_a_day_off_that_is_no_weekend_or_a_weekend_that_is_worked():
    path = PROJECT_ROOT / "dbt_project" / "seeds" / "public_holidays.csv"
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    weekends = {
        row["day"]: row["kind"] for row in rows if date.fromisoformat(row["day"]).weekday() > 4
    }
    # Hung Kings of 2026 is a Sunday; the others are worked for a day between holidays.
    assert weekends.pop("2026-04-26") == "day_off"
    assert set(weekends.values()) == {"working_day"}
    exchanged = [row for row in rows if "Exchanged" in row["name_en"]]
    assert len(exchanged) == len(weekends) == 3
    assert all(row["name_vi"] and row["name_en"] and row["basis"] for row in rows)


# The slot of January 2026 is a Sunday: due at the last second of Monday the 26th.
DAY, SLOT = date(2026, 2, 20), date(2026, 1, 25)
NOVEMBER, DECEMBER, OPENED = date(2025, 11, 25), date(2025, 12, 25), date(2026, 2, 25)
DUE = datetime(2026, 1, 26, 16, 59, 59)
INSIDE, HERE = date(2026, 1, 20), datetime(2026, 1, 20, 3)
MONTHLY = RULE | {"valid_from": "2025-11-01"}
OTHER = {"claimed_agency_raw": "Bộ Tài chính", "claimed_agency_code": "BTC"}


GRID = ("+submission_rates", "dim_agencies", "assert_expected_reports_add_up")


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    """What agencies sent in January, seen from 20 February: each one case."""
    rules = {form: [MONTHLY] for form in ("tasks", "services", "datasets")}
    world = Scenario(tmp_path_factory.mktemp("grid"))
    send_registers(world)

    def report(agency, on=INSIDE, received=HERE, **reading):
        return world.report(agency, on, word("NQ71-001", "DONE"), received=received, **reading)

    report("BTC", received=DUE.replace(microsecond=999_999))
    report("BCA", received=DUE + timedelta(seconds=1))
    report("BKHCN", on=date(2026, 1, 26), received=DUE)
    report("BXD", on=date(2026, 1, 28), received=datetime(2026, 1, 28, 3))
    report("BNV", **OTHER)
    world.decide(report("BNG", **OTHER), "accept")
    world.decide(report("BCT"), "refuse")
    report("BTP")
    report("BTP", received=DUE + timedelta(days=9))
    report("BYT", received=DUE + timedelta(days=9))
    world.decide(report("BYT", received=HERE), "refuse")
    report("BTC", on=date(2026, 2, 16), received=datetime(2026, 2, 16, 3))
    world.send("P01", "services", INSIDE, dossiers("1.000001", 1, 10, 5), received=HERE)
    world.send("BTC", "datasets", INSIDE, held("DB01"), received=HERE)
    with closing(build(world, rules, DAY, *GRID)) as connection:
        yield connection


def send_registers(world: Scenario) -> None:
    early = date(2025, 11, 1)
    world.register(early, task("NQ71-001", "BTC"))
    world.send("BCD", "register_services", early, procedure("1.000001", "P01", "P04"))
    world.send("BCD", "register_datasets", early, owned("DB01", "BTC"), owned("DB02", "BCA"))


def outcome(connection, agency, form="tasks", slot=SLOT):
    """Status, timeliness and lateness of each row of a slot."""
    return ask(
        connection,
        "select status, timeliness, is_late from marts.fct_submissions"
        f" where agency_code = '{agency}' and form = '{form}' and slot_on = '{slot}'"
        " order by received_at",
    )


@pytest.mark.parametrize(
    ("agency", "rows"),
    [
        ("BTC", [("ACCEPTED", "ON_TIME", False)]),  # within the last second
        ("BCA", [("ACCEPTED", "LATE", True)]),  # midnight in Hanoi
        ("BKHCN", [("ACCEPTED", "ON_TIME", False)]),  # dated as late as the due day
        ("BXD", [("EXPECTED", "MISSING", None)]),  # sent a report of another day
        ("BNV", [("HELD", "MISSING", False)]),
        ("BNG", [("ACCEPTED", "ON_TIME", False)]),  # released: its first sight counts
        ("BCT", [("REFUSED", "MISSING", False)]),
        ("BTP", [("SUPERSEDED", "ON_TIME", False), ("ACCEPTED", "ON_TIME", True)]),
        ("BYT", [("REFUSED", "LATE", False), ("ACCEPTED", "LATE", True)]),
        ("BNNMT", [("EXPECTED", "NEVER_SENT", None)]),
    ],
)
def test_what_became_of_a_slot(grid, agency, rows):
    assert outcome(grid, agency) == rows


def test_a_report_outside_every_slot_is_told(grid):
    found = ask(
        grid,
        "select agency_code, reporting_date, due_at, is_late from marts.fct_submissions"
        " where timeliness = 'UNSCHEDULED'",
    )
    assert found == [("BXD", date(2026, 1, 28), None, None)]
    assert (
        ask(grid, "from marts.fct_submissions where form like 'register%' and timeliness != ''")
        == []
    )


def test_nothing_is_missing_before_it_is_due(grid):
    assert outcome(grid, "BTC", slot=OPENED) == [("ACCEPTED", "ON_TIME", False)]
    assert outcome(grid, "BCA", slot=OPENED) == [("EXPECTED", "NOT_YET_DUE", None)]
    assert outcome(grid, "BNNMT", slot=OPENED) == [("EXPECTED", "NOT_YET_DUE", None)]


def test_the_grid_has_every_slot_of_every_agency(grid):
    found = ask(
        grid,
        "select form, slot_on, count(distinct agency_code) from marts.fct_submissions"
        " where slot_on is not null group by all order by all",
    )
    every = (NOVEMBER, DECEMBER, SLOT, OPENED)
    assert found == [
        *(("datasets", slot, 2) for slot in every),
        *(("services", slot, 2) for slot in every),
        *(("tasks", slot, 56) for slot in every),
    ]


def rates(connection, agency, form="tasks", slot=SLOT):
    return ask(
        connection,
        "select reporting_count, expected_count, received_count, on_time_count, late_count,"
        " missing_count, never_sent_count, not_yet_due_count, received_share, on_time_share"
        f" from marts.submission_rates where agency_code = '{agency}'"
        f" and form = '{form}' and slot_on = '{slot}'",
    )[0]


def test_rates_of_a_slot(grid):
    # BTC, BKHCN, BNG, BTP in time; BCA, BYT late; BXD, BNV, BCT missing.
    assert rates(grid, "all") == (56, 56, 6, 4, 2, 3, 47, 0, 6 / 56, 4 / 56)
    assert rates(grid, "central") == (22, 22, 6, 4, 2, 3, 13, 0, 6 / 22, 4 / 22)
    assert rates(grid, "provinces") == (34, 34, 0, 0, 0, 0, 34, 0, 0, 0)
    assert rates(grid, "BCA") == (1, 1, 1, 0, 1, 0, 0, 0, 1, 0)
    assert rates(grid, "BXD") == (1, 1, 0, 0, 0, 1, 0, 0, 0, 0)


def test_rates_of_a_slot_that_is_open_or_asks_for_nothing(grid):
    assert rates(grid, "all", slot=OPENED) == (56, 56, 1, 1, 0, 0, 0, 55, None, None)
    assert rates(grid, "all", "datasets") == (56, 2, 1, 1, 0, 0, 1, 0, 0.5, 0.5)
    assert rates(grid, "BKHCN", "datasets") == (1, 0, 0, 0, 0, 0, 0, 0, None, None)
    assert ask(
        grid,
        "select expected_share from marts.submission_rates where agency_code = 'central'"
        f" and form = 'datasets' and slot_on = '{SLOT}'",
    ) == [(2 / 22,)]


def test_the_page_tells_the_newest_slot_that_is_due_and_the_open_one(grid):
    known = reports.read(grid)
    tasks = [slot for slot in known["slots"] if slot["form"] == "tasks"]
    assert [(slot["slot_on"], slot["is_due"]) for slot in tasks] == [(OPENED, False), (SLOT, True)]
    assert tasks[1]["missing_count"] == 3
    assert tasks[1]["central_on_time_share"] == 4 / 22
    told = {
        (standing, row["agency_code"])
        for standing, rows in known["submissions"].items()
        for row in rows
        if row["forms"] == ["tasks"] and standing != "NEVER_SENT"
    }
    assert told == {
        ("LATE", "BCA"),
        ("LATE", "BYT"),
        ("MISSING", "BXD"),
        ("HELD", "BNV"),
        ("REFUSED", "BCT"),
        ("REFUSED", "BYT"),
    }


def test_a_period_is_asked_for_from_the_day_on_which_it_is_due(grid):
    found = ask(
        grid,
        "select split_part(record_key, '/', 3) as period_end, min(valid_from), max(valid_to)"
        " from intermediate.int_expected_services"
        " where agency_code = 'P01' and period_end >= '2025-10-14' group by all order by all",
    )
    opens, turn = date(2025, 11, 14), date(2026, 1, 26)
    assert found == [
        # Before the first slot of all there is nothing else that a report may speak of.
        ("2025-10-14", opens, turn - timedelta(days=1)),
        ("2025-11-14", opens, turn - timedelta(days=1)),
        ("2025-12-14", DECEMBER, turn - timedelta(days=1)),
        ("2026-01-14", turn, OPEN),
        # Due after the day of the run.
        ("2026-02-14", OPENED, OPEN),
    ]


@pytest.mark.parametrize(("reported", "rows"), [(14, 0), (13, 1)])
def test_a_report_that_serves_the_last_slot_is_not_stale(tmp_path, reported, rows):
    on = date(2025, 11, reported)
    stands = {"form": "tasks", "agency_code": "BTC", "submission_id": "s1"}
    stands |= {"record_key": "NQ71-001", "valid_from": on, "valid_to": OPEN}
    expected = {"agency_code": "BTC", "form": "tasks", "reporting_date": NOVEMBER}
    expected |= {"serves_from": date(2025, 11, 14), "due_at": end_of(NOVEMBER)}
    path = make_warehouse(
        tmp_path / "rules.duckdb",
        int_days=[{"as_of_date": date(2025, 11, 24)}, {"as_of_date": NOVEMBER}],
        int_expected_submissions=[expected],
        int_submissions=[
            {key: value for key, value in stands.items() if key != "record_key"}
            | {"reporting_date": on, "status": "ACCEPTED"}
        ],
        int_rule_rows=[stands],
        int_standing_rows=[stands | {"reporting_date": on, "row_number": 5}],
    )
    query = (EXPECTATIONS / "sql" / "report_not_renewed.sql").read_text(encoding="utf-8")
    with closing(duckdb.connect(str(path))) as connection:
        found = ask(connection, query.replace("{form}", "tasks"))
    assert [row[0] for row in found] == [NOVEMBER] * rows
