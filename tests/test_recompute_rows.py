"""The second way to the figures of row forms: what stands, for whom, and what it adds up to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.proof.declared import Declared, declare, year_that_counts
from pipelines.proof.recompute_inputs import Lists, Submission, load_declared, load_lists
from pipelines.proof.recompute_rows import RowFigure, indicator_figures, row_figures, standing_rows
from pipelines.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
DAY = date(2025, 10, 28)
OCTOBER = date(2025, 10, 25)
SEPTEMBER = date(2025, 9, 25)
FEBRUARY = date(2025, 2, 25)
"""Ministries that were merged in March still reported then."""


def measure(name: str, form: str, numerator: str, **known: str) -> dict[str, str]:
    blank = {
        "slice": "",
        "numerator_slice": "",
        "denominator": "",
        "span": "standing",
        "programme_scope": "",
    }
    return {
        "measure": name, "unit": "", "form": form, "numerator": numerator, **blank, **known
    }  # fmt: skip


FORMS = [
    dict(zip(("form", "sender", "time", "mart", "subject", "registered_key"), row, strict=True))
    for row in (
        ("services", "agency", "accumulating", "marts.s", "services", "procedure_code"),
        ("datasets", "agency", "snapshot", "marts.d", "datasets", "dataset_code"),
        ("indicators", "agency", "accumulating", "marts.i", "indicators", "indicator_code"),
        ("criteria", "agency", "snapshot", "marts.c", "criteria", "commune_code/criterion_code"),
        ("courses", "agency", "snapshot", "marts.t", "courses", ""),
        ("register_services", "committee", "snapshot", "marts.rs", "services", ""),
        ("register_datasets", "committee", "snapshot", "marts.rd", "datasets", ""),
        ("register_indicators", "committee", "snapshot", "marts.ri", "indicators", ""),
        ("register_communes", "committee", "snapshot", "marts.rc", "criteria", ""),
        ("register_criteria", "committee", "snapshot", "marts.rt", "criteria", ""),
    )
]
YEAR = {"span": "year"}
MEASURES = [
    measure("tasks_assigned", "tasks", ""),
    measure("outlook", "services", ""),
    measure("received", "services", "dossiers_received", **YEAR),
    measure("share", "services", "dossiers_online", denominator="dossiers_received", **YEAR),
    measure("full_received", "services", "dossiers_received", slice="full", **YEAR),
    measure("pending", "services", "dossiers_pending", span="latest"),
    measure("procedures", "services", "distinct procedure_code", **YEAR),
    measure("connected", "datasets", "is_connected", denominator="rows"),
    measure("held", "datasets", "rows", slice="connected"),
    measure("met", "criteria", "is_met", denominator="rows"),
    measure("courses", "courses", "rows"),
    measure("essential", "register_services", "distinct procedure_code", slice="essential"),
    measure("online", "register_services", "rows", slice="online"),
    measure("full_share", "register_services", "rows", numerator_slice="full", denominator="rows"),
]
SLICES = [
    dict(zip(("form", "slice", "column_name", "codes"), row, strict=True))
    for row in (
        ("services", "full", "service_level", "full|partial"),
        ("datasets", "connected", "is_connected", "true"),
        ("register_services", "essential", "is_essential", "true"),
        ("register_services", "full", "service_level", "full"),
        ("register_services", "online", "is_essential", "true"),
        ("register_services", "online", "service_level", "full|partial"),
    )
]
ALIASES = [{"measure": "share_ministries", "of_measure": "share", "agency_code": "central"}]


@pytest.fixture(scope="module")
def lists() -> Lists:
    return load_lists(SEEDS)


@pytest.fixture(scope="module")
def declared() -> Declared:
    return declare(MEASURES, SLICES, FORMS, ALIASES)


def submission(
    agency: str, form: str, on: date, *rows: dict[str, Any], hour: int = 3
) -> Submission:
    return Submission(
        submission_id=f"{agency}-{form}-{on}-{hour}",
        agency_code=agency,
        form=form,
        reporting_date=on,
        received_at=datetime.combine(on, datetime.min.time()) + timedelta(hours=hour),
        claimed_agency_raw=None,
        claimed_agency_code=None,
        rows=[{"row_number": number, **row} for number, row in enumerate(rows, start=5)],
    )


def service(code: str = "1.000001", end: date = date(2025, 10, 14), **known: Any) -> dict[str, Any]:
    start = known.get("period_start") or end
    return {
        "record_key": f"{code}/{start}/{end}",
        "procedure_code": code,
        "period_start": start,
        "period_end": end,
        "service_level": "full",
        "dossiers_received": 10,
        "dossiers_online": 4,
        "dossiers_pending": 1,
        **known,
    }


def services(agency: str, *rows: dict[str, Any], on: date = OCTOBER, hour: int = 3) -> Submission:
    return submission(agency, "services", on, *rows, hour=hour)


def registered(code: str, agency: str | None, **known: Any) -> dict[str, Any]:
    return {
        "record_key": f"{code}/{agency}",
        "procedure_code": code,
        "agency_code": (agency,) if agency else None,
        "is_essential": True,
        "service_level": "full",
        **known,
    }


def dataset(code: str, connected: bool | None) -> dict[str, Any]:
    return {"record_key": code, "dataset_code": code, "is_connected": connected}


Found = dict[tuple[str, str], RowFigure]


@pytest.fixture
def found_on(lists: Lists, declared: Declared) -> Any:
    def found(*submissions: Submission, day: date = DAY) -> Found:
        figures = row_figures(submissions, declared, lists, day)
        return {(measure, agency): figure for (measure, _, agency, _), figure in figures.items()}

    return found


class TestStanding:
    def test_what_accumulates_keeps_what_a_newer_report_leaves_out(self, found_on: Any) -> None:
        before = services("BTC", service("1.000001"), service("1.000002"), on=SEPTEMBER)
        after = services("BTC", service("1.000002", dossiers_received=7))
        assert found_on(before, after)["received", "all"].value == 17
        earlier = found_on(before, after, day=OCTOBER - timedelta(days=1))
        assert earlier["received", "all"].value == 20

    def test_a_snapshot_replaces_all(self, found_on: Any) -> None:
        before = submission("BTC", "datasets", SEPTEMBER, dataset("A", True), dataset("B", True))
        after = submission("BTC", "datasets", OCTOBER, dataset("A", False))
        assert found_on(before, after)["connected", "all"].value == 0
        assert found_on(before, after, day=SEPTEMBER)["connected", "all"].value == 1

    def test_of_two_reports_of_a_date_the_newer_counts(self, found_on: Any) -> None:
        first = services("BTC", service(dossiers_received=1), hour=3)
        second = services("BTC", service(dossiers_received=2), hour=4)
        assert found_on(second, first)["received", "all"].value == 2

    def test_a_later_report_does_not_count_yet(self, found_on: Any) -> None:
        assert found_on(services("BTC", service()), day=OCTOBER - timedelta(days=1)) == {}

    def test_rows_without_a_key_and_second_rows_are_left_out(self, found_on: Any) -> None:
        rows = service(), service(dossiers_received=99), service(record_key=None)
        assert found_on(services("BTC", *rows))["received", "all"].value == 10

    def test_a_new_report_of_a_key_that_says_nothing_silences_it(self, found_on: Any) -> None:
        before = services("BTC", service(), on=SEPTEMBER)
        after = services("BTC", service(dossiers_received=None))
        assert found_on(before, after)["received", "all"].value is None


class TestAgencies:
    def test_a_row_counts_for_its_agency_its_group_and_the_nation(self, found_on: Any) -> None:
        found = found_on(services("BTC", service()), services("P01", service(dossiers_received=5)))
        values = {agency: figure.value for (name, agency), figure in found.items()
                  if name == "received"}  # fmt: skip
        assert values == {"all": 15, "central": 10, "BTC": 10, "provinces": 5, "P01": 5}

    def test_a_successor_answers_for_its_predecessor(self, found_on: Any) -> None:
        found = found_on(
            services("BKHDT", service(), on=FEBRUARY), services("BTC", service("1.000002"))
        )
        assert found["received", "BTC"].value == 20
        assert ("received", "BKHDT") not in found

    def test_a_predecessor_falls_silent_where_the_successor_speaks(self, found_on: Any) -> None:
        of_both = services("BKHDT", service(), service("1.000002"), on=FEBRUARY)
        assert found_on(of_both, services("BTC", service()))["received", "BTC"].value == 20

    def test_predecessors_add_up(self, found_on: Any) -> None:
        found = found_on(
            services("BTNMT", service(), on=FEBRUARY), services("BNNPTNT", service(), on=FEBRUARY)
        )
        assert found["received", "BNNMT"].value == found["received", "all"].value == 20

    def test_it_stays_silent_once_the_successor_has_spoken(self, found_on: Any) -> None:
        before = submission("BTC", "datasets", SEPTEMBER, dataset("A", True))
        after = submission("BTC", "datasets", OCTOBER, dataset("B", True))
        old = submission("BKHDT", "datasets", FEBRUARY, dataset("A", True), dataset("C", True))
        assert found_on(before, after, old)["held", "BTC"].value == 2

    def test_a_register_names_agencies_itself(self, found_on: Any) -> None:
        rows = [
            registered("1.000001", "BTC"),
            registered("1.000001", "P01"),
            registered("1.000002", "P01", is_essential=False),
            registered("1.000003", None),
        ]
        found = found_on(submission("BCD", "register_services", OCTOBER, *rows))
        values = {
            agency: figure.value for (name, agency), figure in found.items() if name == "essential"
        }
        assert values == {"all": 2, "BTC": 1, "central": 1, "P01": 1, "provinces": 1}


class TestRegistered:
    """What the register does not give to the agency that reports it does not count."""

    def register(self, *rows: dict[str, Any], on: date = SEPTEMBER) -> Submission:
        return submission("BCD", "register_services", on, *rows)

    def test_an_agency_counts_with_its_own_procedures(self, found_on: Any) -> None:
        register = self.register(registered("1.000001", "BTC"), registered("1.000002", "P01"))
        rows = service("1.000001"), service("1.000002"), service("1.000003")
        found = found_on(register, services("BTC", *rows), services("BCA", *rows))
        assert found["received", "BTC"].value == found["received", "all"].value == 10
        assert ("received", "BCA") not in found

    def test_what_is_given_to_a_predecessor_is_the_successors(self, found_on: Any) -> None:
        register = self.register(registered("1.000001", "BKHDT"))
        old = services("BKHDT", service(end=date(2025, 1, 14)), on=FEBRUARY)
        found = found_on(register, old, services("BTC", service()))
        assert found["received", "BTC"].value == 20

    def test_the_register_of_the_day_decides(self, found_on: Any) -> None:
        before = self.register(registered("1.000001", "BTC"), registered("1.000002", "BTC"))
        after = self.register(registered("1.000002", "BTC"), on=DAY)
        report = services("BTC", service("1.000001", dossiers_received=1), service("1.000002"))
        assert found_on(before, after, report, day=OCTOBER)["received", "all"].value == 11
        assert found_on(before, after, report)["received", "all"].value == 10

    def test_until_a_register_lists_anything_all_rows_count(self, found_on: Any) -> None:
        register = self.register(registered("1.000002", "BTC"), on=DAY)
        report = services("BTC", service("1.000001"))
        assert found_on(register, report, day=OCTOBER)["received", "all"].value == 10
        assert ("received", "all") not in found_on(register, report)
        # A register that has become empty does not forget that it listed something.
        empty = self.register(on=OCTOBER)
        earlier = self.register(registered("1.000001", "BTC"))
        assert found_on(earlier, report)["received", "all"].value == 10
        assert ("received", "all") not in found_on(earlier, replace(empty, answer="accept"), report)

    def test_a_form_that_no_register_knows_counts_every_row(self, found_on: Any) -> None:
        report = submission("BTC", "courses", OCTOBER, {"record_key": "TH-01", "code": "TH-01"})
        found = found_on(self.register(registered("1.000001", "BTC")), report)
        assert found["courses", "BTC"].value == 1

    def test_every_code_of_a_row_is_known(self, found_on: Any) -> None:
        def checked(commune: str, criterion: str, is_met: bool | None) -> dict[str, Any]:
            return {
                "record_key": f"{commune}/{criterion}", "commune_code": commune,
                "criterion_code": criterion, "is_met": is_met,
            }  # fmt: skip

        communes = [
            {"record_key": code, "commune_code": code, "agency_code": (province,)}
            for code, province in (("00004", "P01"), ("00008", "P04"))
        ]
        criteria = [{"record_key": code, "criterion_code": code} for code in ("TC01", "TC02")]
        report = submission(
            "P01",
            "criteria",
            OCTOBER,
            checked("00004", "TC01", True),
            checked("00004", "TC02", None),
            checked("00004", "TC03", False),
            checked("00008", "TC01", False),
            checked("99999", "TC01", False),
        )
        found = found_on(
            submission("BCD", "register_communes", SEPTEMBER, *communes),
            submission("BCD", "register_criteria", SEPTEMBER, *criteria),
            report,
        )
        for code in ("all", "P01", "provinces"):
            assert (found["met", code].numerator, found["met", code].denominator) == (1, 1)


class TestPeriods:
    """Periods of a procedure that overlap: only one of them counts."""

    YEAR = date(2024, 12, 15)
    MONTH = date(2025, 9, 15)

    def received(self, found_on: Any, *sent: Submission) -> float | None:
        return found_on(*sent)["received", "all"].value

    def test_within_a_report_the_longer_one(self, found_on: Any) -> None:
        rows = [
            service(period_start=self.YEAR, dossiers_received=100),
            service(period_start=self.MONTH, dossiers_received=7),
            service(end=date(2025, 9, 14), dossiers_received=5),
            service("1.000002", period_start=self.YEAR, dossiers_received=1),
        ]
        assert self.received(found_on, services("BTC", *rows)) == 101

    def test_a_newer_report_of_one_month_takes_nothing_away(self, found_on: Any) -> None:
        year = services(
            "BTC", service(period_start=self.YEAR, dossiers_received=1000), on=date(2025, 10, 20)
        )
        month = services("BTC", service(period_start=self.MONTH, dossiers_received=90))
        assert self.received(found_on, year, month) == 1000

    def test_the_same_period_is_corrected(self, found_on: Any) -> None:
        before = services(
            "BTC", service(period_start=self.YEAR, dossiers_received=1000), on=date(2025, 10, 20)
        )
        after = services("BTC", service(period_start=self.YEAR, dossiers_received=90))
        assert self.received(found_on, before, after) == 90

    def test_of_periods_that_overlap_in_part_the_longer_one(self, found_on: Any) -> None:
        rows = [
            service(end=date(2025, 9, 30), period_start=self.YEAR, dossiers_received=100),
            service(period_start=self.MONTH, dossiers_received=7),
        ]
        assert self.received(found_on, services("BTC", *rows)) == 100

    def test_of_equally_long_ones_the_one_reported_last(self, found_on: Any) -> None:
        later = date(2025, 9, 20)
        new = services("BTC", service(period_start=self.MONTH, dossiers_received=7))
        old = services(
            "BTC",
            service(end=date(2025, 10, 19), period_start=later, dossiers_received=5),
            on=date(2025, 10, 20),
        )
        assert self.received(found_on, old, new) == 7

    def test_a_newer_report_that_covers_the_period(self, found_on: Any) -> None:
        month = services("BTC", service(period_start=self.MONTH), on=date(2025, 10, 20))
        year = services("BTC", service(period_start=self.YEAR, dossiers_received=100))
        assert self.received(found_on, month, year) == 100

    def test_the_successors(self, found_on: Any) -> None:
        old = services("BKHDT", service(period_start=self.MONTH))
        new = services("BTC", service(period_start=self.YEAR, dossiers_received=100))
        assert self.received(found_on, old, new) == 100

    def test_the_predecessors_where_it_is_longer(self, found_on: Any) -> None:
        until, before = date(2025, 2, 14), date(2025, 2, 20)
        whole = service(end=until, period_start=self.YEAR, dossiers_received=100)
        month = service(end=until, period_start=date(2025, 1, 15))
        told = services("BKHDT", whole, on=before), services("BTC", month)
        assert self.received(found_on, *told) == 100


class TestMeasures:
    @pytest.mark.parametrize(
        ("day", "year"),
        [
            (DAY, 2025),
            (date(2025, 12, 20), 2025),
            (date(2026, 1, 13), 2025),
            (date(2026, 1, 14), 2026),
            (date(2025, 1, 1), 2024),
        ],
    )
    def test_the_administrative_year(self, day: date, year: int) -> None:
        assert year_that_counts(day) == (date(year - 1, 12, 15), date(year, 12, 14))

    @pytest.mark.parametrize(
        ("day", "received"),
        [
            (date(2025, 12, 20), 120),
            (date(2026, 1, 13), 120),
            # A month that began on 15 December counts from its end on, and alone.
            (date(2026, 1, 14), 3),
        ],
    )
    def test_the_last_month_of_a_year_counts(self, found_on: Any, day: date, received: int) -> None:
        ends = [date(2025, month, 14) for month in range(1, 13)]
        whole = services("BTC", *(service(end=end) for end in ends), on=date(2025, 12, 18))
        next_one = service(
            end=date(2026, 1, 14), period_start=date(2025, 12, 15), dossiers_received=3
        )
        early = service("1.000002", end=date(2025, 12, 31), dossiers_received=0)
        told = whole, services("BTC", early, next_one, on=date(2026, 1, 1))
        assert found_on(*told, day=day)["received", "all"].value == received

    def test_a_year_takes_the_periods_that_ended_in_it(self, found_on: Any) -> None:
        ends = [date(2024, 12, 14), date(2024, 12, 15), date(2025, 1, 14), OCTOBER, DAY]
        rows = [service(end=end) for end in [*ends, DAY + timedelta(days=1)]]
        assert found_on(services("BTC", *rows))["received", "all"].value == 40

    def test_the_latest_period_is_each_codes_own(self, found_on: Any) -> None:
        september = date(2025, 9, 14)
        found = found_on(
            services("BTC", service(end=september, dossiers_pending=5)),
            services("BCA", service(), service(end=september)),
        )
        assert found["pending", "BTC"].value == 5
        assert found["pending", "BCA"].value == found["pending", "central"].value == 1

    def test_a_slice_takes_its_codes(self, found_on: Any) -> None:
        levels = ["full", "partial", "none", None]
        rows = [service(f"1.00000{n}", service_level=level) for n, level in enumerate(levels)]
        found = found_on(services("BTC", *rows))
        assert found["full_received", "all"].value == 20
        assert found["procedures", "all"].value == 4

    def test_every_condition_of_a_slice_holds(self, found_on: Any) -> None:
        rows = [
            registered("1.000001", "BTC"),
            registered("1.000002", "BTC", is_essential=False),
            registered("1.000003", "BTC", service_level="none"),
        ]
        found = found_on(submission("BCD", "register_services", OCTOBER, *rows))
        assert found["online", "all"].value == 1
        share = found["full_share", "all"]
        assert (share.numerator, share.denominator) == (2, 3)
        assert share.columns == ("service_level",)

    def test_no_row_in_the_slice_of_the_numerator_is_none_of_them(self, found_on: Any) -> None:
        row = registered("1.000001", "BTC", service_level="none")
        assert (
            found_on(submission("BCD", "register_services", OCTOBER, row))[
                "full_share", "all"
            ].value
            == 0
        )

    def test_what_no_row_says_has_no_figure(self, found_on: Any) -> None:
        found = found_on(services("BTC", service(service_level="none")))
        assert ("full_received", "all") not in found

    def test_shares_add_before_they_divide(self, found_on: Any) -> None:
        rows = [
            service("1.000001", dossiers_received=90, dossiers_online=9),
            service("1.000002", dossiers_received=10, dossiers_online=None),
            service("1.000003", dossiers_received=None, dossiers_online=1),
        ]
        share = found_on(services("BTC", *rows))["share", "all"]
        # Only what says both goes into a share.
        assert (share.numerator, share.denominator, share.value) == (9, 90, 0.1)
        assert share.rows_by_file == {"BTC-services-2025-10-25-3": 1}
        assert found_on(services("BTC", *rows))["received", "all"].value == 100

    def test_a_share_of_which_no_row_says_both_has_no_value(self, found_on: Any) -> None:
        share = found_on(services("BTC", service(dossiers_online=None)))["share", "all"]
        assert (share.numerator, share.denominator, share.value) == (None, None, None)

    def test_a_share_of_nothing_is_none(self, found_on: Any) -> None:
        none = services("BTC", service(dossiers_received=0, dossiers_online=0))
        assert found_on(none)["share", "all"].value is None

    def test_yes_counts_one_and_no_none(self, found_on: Any) -> None:
        rows = dataset("A", True), dataset("B", False), dataset("C", None)
        found = found_on(submission("BTC", "datasets", OCTOBER, *rows))
        connected = found["connected", "all"]
        assert (connected.numerator, connected.denominator) == (1, 2)
        assert found["held", "all"].value == 1

    def test_columns_behind_a_figure(self, found_on: Any) -> None:
        found = found_on(
            services("BTC", service()), submission("BTC", "datasets", OCTOBER, dataset("A", True))
        )
        assert found["full_received", "all"].columns == (
            "period_end", "service_level", "dossiers_received",
        )  # fmt: skip
        assert found["connected", "all"].columns == ("is_connected",)
        assert found["received", "all"].rows_by_file == {"BTC-services-2025-10-25-3": 1}

    def test_rows_that_are_counted_are_told_apart_by_codes(self, declared: Declared) -> None:
        counted = declare([measure("datasets", "datasets", "rows")]).measures["datasets"]
        assert counted.sources(("dataset_code", "dataset_name")) == ("dataset_code",)

    def test_what_is_declared(self, declared: Declared) -> None:
        assert "tasks_assigned" not in declared.measures
        assert declared.undeclared == {"outlook"}
        assert declared.alias("share_ministries", "all") == ("share", "central")
        assert declared.alias("share", "all") == ("share", "all")
        assert declared.only("share").measures.keys() == {"share"}

    def test_the_seeds_can_be_read(self) -> None:
        assert "services" in load_declared(SEEDS).accumulating


counts = st.integers(0, 1000) | st.none()
reports = st.lists(
    st.tuples(
        st.sampled_from(["BTC", "BKHDT", "BCA", "P01", "P04"]),
        st.integers(0, 3),
        st.integers(0, 4),
        st.sampled_from([SEPTEMBER, OCTOBER]),
        counts,
    ),
    max_size=30,
)


@given(reports)
def test_agencies_add_up_to_the_nation(said: list[tuple[str, int, int, date, int | None]]) -> None:
    lists, declared = load_lists(SEEDS), declare(MEASURES, SLICES, FORMS)
    by_report: dict[tuple[str, date], list[dict[str, Any]]] = {}
    for agency, code, month, on, count in said:
        row = service(f"1.00000{code}", date(2025, 5 + month, 14), dossiers_received=count)
        by_report.setdefault((agency, on), []).append(row)
    submissions = [services(agency, *rows, on=on) for (agency, on), rows in by_report.items()]
    found = {
        agency: figure.value or 0
        for (name, _, agency, _), figure in row_figures(submissions, declared, lists, DAY).items()
        if name == "received"
    }
    groups = {"all", "central", "provinces"}
    nation = found.get("all", 0)
    assert sum(value for agency, value in found.items() if agency not in groups) == nation
    assert found.get("central", 0) + found.get("provinces", 0) == nation


class TestIndicators:
    def indicator(self, value: float | None, **known: Any) -> dict[str, Any]:
        return {
            "record_key": f"REVENUE/{SEPTEMBER}", "indicator_code": "REVENUE",
            "measured_on": SEPTEMBER, "value": value, "value_unit": None, "unit_scale": 1e9,
            "unit": "VND", **known,
        }  # fmt: skip

    def report(self, value: float | None, on: date = OCTOBER, by: str = "BTC", **known: Any) -> Any:
        return submission(by, "indicators", on, self.indicator(value, **known))

    def register(self, target: float | None, on: date = SEPTEMBER, **known: Any) -> Submission:
        row = {
            "record_key": "REVENUE", "indicator_code": "REVENUE", "agency_code": ("BTC",),
            "target": target, "target_unit": None, "target_on": on, "unit_scale": None, **known,
        }  # fmt: skip
        return submission("BCD", "register_indicators", SEPTEMBER, row)

    @pytest.fixture
    def value(self, lists: Lists, declared: Declared) -> Any:
        def of(*sent: Submission, agency: str = "all") -> float | None:
            found = indicator_figures(sent, declared, lists, DAY)
            figure = found.get(("revenue", SEPTEMBER, agency))
            return figure.value if figure else None

        return of

    def test_the_scale_is_the_units_or_the_cells_own(self, value: Any) -> None:
        register = self.register(None)
        assert value(register, self.report(3.0)) == 3e9
        assert value(register, self.report(3e6, value_unit="VND")) == 3e6
        assert value(register, self.report(3.0), agency="BTC") == 3e9

    def test_the_newest_word_counts(self, value: Any) -> None:
        newer, older = self.report(4.0), self.report(3.0, on=SEPTEMBER)
        assert value(self.register(None), newer, older) == 4e9

    def test_who_is_not_in_charge_does_not_speak(self, value: Any) -> None:
        assert value(self.register(None), self.report(3.0, by="BCA")) is None
        assert value(self.report(3.0)) is None

    def test_a_target_stands_in_for_what_was_not_measured(self, value: Any) -> None:
        register = self.register(7.0)
        assert value(register) == 7
        assert value(register, self.report(3.0)) == 3e9
        assert value(register, self.report(None)) == 7
        assert value(self.register(7.0, on=OCTOBER)) is None

    def test_a_register_that_drops_it_does_not_unsay_it(self, value: Any) -> None:
        later = submission("BCD", "register_indicators", OCTOBER)
        assert value(self.register(7.0), later) == 7


def test_versions_hold_for_every_form(lists: Lists, declared: Declared) -> None:
    """A version that lost a third of its rows waits for a person."""
    rows = [service(f"1.0000{number:02d}") for number in range(10)]
    full = services("BTC", *rows, hour=3)
    fallen = services("BTC", *rows[:6], hour=4)

    def counted(*sent: Submission) -> int:
        return len(standing_rows(sent, declared, lists, "services", DAY))

    assert counted(full, fallen) == 10
    assert counted(full, replace(fallen, answer="accept")) == 6
