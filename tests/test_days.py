"""A run builds what its inputs changed, and the result is that of building everything at once."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import chain
import pytest
from scenario import Scenario

from pipelines import warehouse

JULY, MERGED, AUTUMN = date(2025, 6, 20), date(2025, 7, 1), date(2025, 7, 4)
TODAY = date(2025, 7, 8)
MONTHS = [(date(2025, 4, 15), date(2025, 5, 14)), (date(2025, 5, 15), date(2025, 6, 14))]
BUILT = ("marts", "quality", "intermediate")
TRANSIENT = {
    "int_days", "int_touched", "int_task_agency_days", "int_task_days", "int_counted_tasks",
    "int_task_counts", "int_window_counts", "int_row_sums", "int_row_measures",
    "int_rule_agencies", "int_service_periods", "int_service_trends", "int_service_forecasts",
    "int_service_projections",
}  # fmt: skip
"""Tables that hold what the run builds and nothing else."""


def task(code, lead, deadline=date(2025, 7, 2), **other):
    said = {"title": f"Nhiệm vụ {code}", "lead_agency": [lead], "deadline": deadline}
    return {
        "task_code": code, "programme_code": "NQ71", "deadline_kind": "fixed",
        "assigned_on": date(2025, 1, 10), **said, **other,
    }  # fmt: skip


def word(code, status="IN_PROGRESS", percent=40.0, **other):
    return {"task_code": code, "status": status, "status_raw": status,
            "percent_complete": percent, **other}  # fmt: skip


def dossiers(month, received):
    return {
        "procedure_code": "1.000001", "service_level": "full", "period_start": month[0],
        "period_end": month[1], "dossiers_received": received, "dossiers_fully_online": 10,
    }  # fmt: skip


def listed(*agencies):
    return {
        "procedure_code": "1.000001", "procedure_name": "Thủ tục", "agency_code": list(agencies),
        "service_level": "full", "is_essential": False,
    }  # fmt: skip


class World:
    """One data root to which runs are added, and fresh ones that are built at once."""

    def __init__(self, folder):
        self.folder, self.sent = folder, Scenario(folder / "grown")

    def run(self, as_of=TODAY):
        """Which days were built, and whose rows of which form."""
        return self._run(self.sent, as_of)

    def at_once(self, as_of=TODAY):
        fresh = replace(self.sent, folder=self.folder / f"fresh{len(list(self.folder.iterdir()))}")
        self._run(fresh, as_of)
        return self.tables(fresh)

    def tables(self, sent=None):
        found = chain.tables((sent or self.sent).settings.warehouse, *BUILT)
        return {
            name: content
            for name, content in found.items()
            if name.rpartition(".")[2].strip('"') not in TRANSIENT
        }

    def built(self):
        with warehouse.connect(self.sent.settings.warehouse, read_only=True) as connection:
            days = connection.execute("from intermediate.int_days order by all").fetchall()
            touched = connection.execute("from intermediate.int_touched").fetchall()
        return [day for (day,) in days], set(touched)

    def built_days(self):
        """Days that a mart holds."""
        with warehouse.connect(self.sent.settings.warehouse, read_only=True) as connection:
            found = connection.execute("select distinct as_of_date from marts.fct_tasks")
            return [day for (day,) in found.fetchall()]

    def load(self, sent, as_of):
        sent.folder.mkdir(exist_ok=True)
        sent.load()
        warehouse.write_run(sent.settings.warehouse, as_of, "rules")

    def _run(self, sent, as_of):
        self.load(sent, as_of)
        chain.compute(sent.settings, as_of)
        return self.built()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("days"))
    sent = made.sent
    sent.register(JULY, task("NQ71-001", "BKHCN"), task("NQ71-002", "T10"))
    sent.send("BCD", "register_services", JULY, listed("T10", "T15"))
    sent.report("BKHCN", JULY, word("NQ71-001"))
    sent.send("T10", "services", JULY, dossiers(MONTHS[0], 100))
    sent.send("T15", "services", JULY, dossiers(MONTHS[0], 300))
    made.run(AUTUMN)
    return made


def days(first, last=TODAY):
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def test_a_run_fills_the_days_that_were_missed_and_no_other(world):
    built, touched = world.run()
    assert built == days(AUTUMN + timedelta(days=1))
    assert not touched
    assert world.run() == ([], set())


def test_a_report_touches_its_own_day_and_its_sender(world):
    world.sent.report("BKHCN", TODAY, word("NQ71-001", "DONE", 100.0, completed_on=TODAY))
    built, touched = world.run()
    assert built == [TODAY]
    assert ("tasks", "BKHCN") in touched
    assert {form for form, _ in touched} == {"tasks"}


def test_a_correction_touches_the_days_from_its_own_on_and_all_who_share_its_periods(world):
    late = datetime(2025, 7, 8, 4)
    world.sent.send("T10", "services", JULY, dossiers(MONTHS[0], 120), received=late)
    built, touched = world.run()
    assert built == days(JULY)
    # Lào Cai is both provinces since 2025-07-01; a task report has nothing to do with it.
    assert {("services", code) for code in ("T10", "T15", "P15")} - touched == set()
    assert ("tasks", "BKHCN") not in touched


def test_a_register_touches_everything_from_its_day_on(world):
    world.sent.register(
        AUTUMN, task("NQ71-001", "BKHCN", date(2025, 9, 30)), task("NQ71-003", "BTC")
    )
    built, touched = world.run()
    assert built == days(AUTUMN)
    assert {("services", "P15"), ("tasks", "BKHCN")} <= touched
    assert world.tables() == world.at_once()


def test_a_run_that_was_stopped_is_made_good_also_when_its_news_is_taken_back(world):
    before = world.tables()
    kept = {name: list(rows) for name, rows in world.sent.tables.items()}
    world.sent.report("BKHCN", AUTUMN, word("NQ71-001", "NOT_STARTED", 0.0))
    world.load(world.sent, TODAY)
    chain.dbt(world.sent.settings, *chain.FACTS)  # and no measurement, no scores
    world.sent.tables = kept
    built, touched = world.run()
    assert built == days(AUTUMN)
    assert ("tasks", "BKHCN") in touched
    assert world.tables() == before


def test_an_earlier_day_can_be_reported_and_the_later_ones_come_back(world):
    before = world.tables()
    world.run(AUTUMN)
    assert max(world.built_days()) == AUTUMN
    built, _ = world.run()
    assert built == days(AUTUMN + timedelta(days=1))
    assert world.tables() == before


def test_under_other_rules_nothing_stands(world):
    world.sent.load()
    warehouse.write_run(world.sent.settings.warehouse, TODAY, "other rules")
    assert chain.tables(world.sent.settings.warehouse, *BUILT) == {}
    with warehouse.connect(world.sent.settings.warehouse, read_only=True) as connection:
        assert connection.execute(
            "select (select count(*) from raw.built_days), (select count(*) from raw.built_senders)"
        ).fetchall() == [(0, 0)]
