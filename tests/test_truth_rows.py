"""The truth of the forms of rows: exact figures, identities, and facts one per grain."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import truth_rows

from pipelines.sample.row_truth import RowTruth
from pipelines.sample.truth import make_truth
from pipelines.sample.write import load_sample
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.workbook.template import COLUMN_TYPES, load_template

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
TEMPLATES = PROJECT_ROOT / "pipelines" / "templates"
DAYS = {date(2025, 9, 23), date(2025, 10, 28)}
SMALL = ("BCA", "P79")


@pytest.fixture(scope="session")
def rows() -> RowTruth:
    return RowTruth(SEEDS, make_truth().not_sent)


@pytest.fixture(scope="session")
def small() -> RowTruth:
    return load_sample(Settings(Path("unused"), Path("unused")), SMALL).rows


def one(rows: RowTruth, query: str):
    found = rows.connection.execute(query).fetchone()
    assert found
    return found if len(found) > 1 else found[0]


def test_every_form_of_the_templates_has_its_truth(rows: RowTruth):
    forms = load_template(TEMPLATES / "nq57-01.yml").forms
    forms |= load_template(TEMPLATES / "register-01.yml").forms
    tables = {name: form for name, form in forms.items() if form.layout == "table"}
    assert set(rows.forms) == set(tables) - {"tasks", "register_tasks"}
    for name in rows.forms:
        relation = rows.relation(name)
        types = dict(zip(relation.columns, map(str, relation.types), strict=True))
        for column in tables[name].columns:
            kind = COLUMN_TYPES[column.type][0].removesuffix("[]").upper()
            assert types[column.name] == kind, (name, column.name)
        assert set(tables[name].key) <= set(relation.columns)


def test_registers_stand_before_what_is_reported(rows: RowTruth):
    assert rows.dates == DAYS | {date(2025, 10, 25)}
    for form in rows.forms:
        days = {on for (on,) in rows.relation(form).project("reporting_date").fetchall()}
        if form.startswith("register_"):
            assert days == DAYS


@pytest.mark.parametrize(
    ("group", "received", "fully_online", "share"),
    [
        ("G-ALL", 10_000_000, 3_997_728, 39.98),
        ("G-CENTRAL", 6_140_000, 3_343_844, 54.46),
        ("G-PROVINCES", 3_860_000, 653_884, 16.94),
    ],
)
def test_online_shares(rows: RowTruth, group, received, fully_online, share):
    found = one(
        rows,
        "select sum(dossiers_received), sum(dossiers_fully_online) from services where agency_code"
        f" in (select member_code from seeds.agency_group_members where group_code = '{group}')",
    )
    assert found == (received, fully_online)
    assert round(100 * fully_online / received, 2) == share


def test_essential_services(rows: RowTruth):
    essential = "select count(distinct procedure_code) from register_services where is_essential"
    assert one(rows, essential) == 53
    assert one(rows, f"{essential} and service_level in ('full', 'partial')") == 38
    levels = "count(distinct service_level) over (partition by procedure_code, reporting_date)"
    assert one(rows, f"select max(n) from (select {levels} as n from register_services)") == 1


def test_services_of_every_agency(rows: RowTruth):
    counts = dict(
        rows.connection.execute(
            "select agency_code, count(*) from register_services"
            " where reporting_date = '2025-09-23' group by agency_code"
        ).fetchall()
    )
    provinces = {code: n for code, n in counts.items() if code[0] == "P" and code[1:].isdigit()}
    central = [n for code, n in counts.items() if code not in provinces]
    assert (len(provinces), set(provinces.values()), len(central)) == (34, {30}, 22)
    assert min(central) >= 5
    assert 10 <= sum(central) / 22 <= 14
    codes = "regexp_full_match(procedure_code, '9\\.\\d{6}')"
    assert one(rows, f"select bool_and({codes}) from register_services")


def test_every_procedure_is_reported_in_ten_periods(rows: RowTruth):
    assert one(
        rows,
        "select count(*), count(distinct period_end), min(period_start), max(period_end)"
        " from services",
    ) == (
        10 * one(rows, "select count(*) // 2 from register_services"),
        10,
        date(2024, 12, 15),
        date(2025, 10, 14),
    )
    months = "period_end + 1 = period_start + interval 1 month"
    assert one(rows, f"select bool_and({months}) from services")


@pytest.mark.parametrize(
    "rule",
    [
        "least(columns(* exclude (agency_code, reporting_date, procedure_code, period_start,"
        " period_end, procedure_name, service_level))) >= 0",
        "dossiers_fully_online <= dossiers_online and dossiers_online <= dossiers_received",
        "service_level = 'full' or dossiers_fully_online = 0",
        "service_level <> 'none' or dossiers_online = 0",
        "resolved_on_time + resolved_late = dossiers_resolved",
        "results_digitised <= dossiers_resolved",
        "dossiers_via_vneid <= dossiers_online",
        "dossiers_reusing_data <= dossiers_received",
    ],
)
def test_counts_of_services_agree(rows: RowTruth, rule: str):
    assert one(rows, f"select count(*) from services where not ({rule})") == 0


def test_what_is_pending_carries_over(rows: RowTruth):
    assert one(
        rows,
        "select count(*), count(*) filter (dossiers_pending"
        " <> before + dossiers_received - dossiers_resolved) from ("
        " select *, lag(dossiers_pending) over"
        " (partition by agency_code, procedure_code order by period_start) as before"
        " from services) where before is not null",
    ) == (one(rows, "select count(*) // 10 * 9 from services"), 0)


def test_shares_rise_from_period_to_period(rows: RowTruth):
    shares = [
        share
        for (share,) in rows.connection.execute(
            "select sum(dossiers_fully_online) / sum(dossiers_received) from services"
            " group by period_end order by period_end"
        ).fetchall()
    ]
    assert shares == sorted(shares)
    assert shares[-1] - shares[0] > 0.03
    assert one(rows, "select avg((dossiers_received = 0)::integer) from services") < 0.05


def test_lists_of_datasets(rows: RowTruth):
    lists = rows.connection.execute(
        "select list_source, count(distinct dataset_code) from register_datasets group by all"
    ).fetchall()
    assert set(lists) == {
        ("Kế hoạch 02-KH/BCĐTW", 12),
        ("Nghị quyết 214/NQ-CP", 11),
        ("Nghị quyết 71/NQ-CP", 105),
    }
    both = "select list_source, dataset_code from register_datasets"
    assert one(rows, "select count(distinct dataset_code) from register_datasets") == 117
    assert one(rows, f"select count(*) from ({both} group by all having count(*) <> 2)") == 0
    assert one(rows, "select count(distinct agency_code) from register_datasets") == 22


def test_reports_of_datasets_are_plausible(rows: RowTruth):
    assert one(
        rows,
        "select bool_and(records_verified <= records_held and records_duplicate <= records_held"
        " and last_updated_on <= reporting_date and (is_connected or consumer_count = 0)"
        " and least(self_score_correct, self_score_clean, self_score_sufficient,"
        " self_score_living) >= 0 and greatest(self_score_correct, self_score_clean,"
        " self_score_sufficient, self_score_living) <= 100) from datasets",
    )
    for condition, least, most in (
        ("records_held > records_expected", 0.01, 0.1),
        ("reporting_date - last_updated_on > update_cycle_days", 0.1, 0.4),
        ("self_score_correct > 100 * records_verified / records_held", 0.7, 1),
    ):
        share = one(rows, f"select avg(({condition})::integer) from datasets")
        assert least < share < most, condition


FIGURES = """
    with figures as (
        select *, upper(replace(measure, 'indicator:', '')) as indicator_code
        from (select * from seeds.published_figures union all by name from seeds.sample_figures)
        where measure like 'indicator:%'
    )
    select figure_id, figures.operator, figures.value::double, figures.unit,
        told.value * told.unit_scale, told.value_operator, told.unit,
        told.measured_on = figures.as_of_date::date, register.indicator_code is not null,
        register.target * register.unit_scale
    from figures
    left join indicators as told using (indicator_code)
    left join register_indicators as register
        on figures.indicator_code = register.indicator_code
        and register.reporting_date = '2025-10-28'
"""


def test_indicators_reconcile_with_what_was_printed(rows: RowTruth):
    verdicts = {}
    for (
        figure_id,
        operator,
        value,
        unit,
        found,
        said,
        own_unit,
        on_time,
        known,
        target,
    ) in rows.connection.execute(FIGURES).fetchall():
        if not known:
            verdicts[figure_id] = "not registered"
        elif found is None:
            verdicts[figure_id] = "target" if target == value else "no report"
        elif not on_time:
            verdicts[figure_id] = "another day"
        else:
            assert unit == own_unit
            agrees = {
                "=": found == value and said == "=",
                ">": (said == "=" and found > value) or (said == ">" and found == value),
                "<=": said == "=" and found < value,
                "~": abs(found - value) <= 0.05 * value,
            }[operator]
            verdicts[figure_id] = "agrees" if agrees else "differs"
    assert len(verdicts) == 55
    others = {figure: verdict for figure, verdict in verdicts.items() if verdict != "agrees"}
    assert others == {
        "F063": "target",
        "S001": "differs",
        "S002": "differs",
        "S003": "differs",
        "S004": "another day",
        "S005": "not registered",
    }


def test_indicators_are_reported_when_they_are_known(rows: RowTruth):
    assert one(rows, "select count(distinct indicator_code) from register_indicators") == 54
    assert one(
        rows,
        "select count(distinct (indicator_code, measured_on)),"
        " count(*) filter (measured_on > reporting_date), count(distinct value_operator)"
        " from indicators",
    ) == (53, 0, 3)


def test_communes_and_criteria(rows: RowTruth):
    assert one(rows, "select count(distinct commune_code) from register_communes") == 3321
    assert one(rows, "select count(distinct criterion_code) from register_criteria") == 16
    assert one(
        rows,
        "select count(*), count(distinct commune_code || criterion_code),"
        " count(distinct agency_code), bool_and(checked_on <= reporting_date),"
        " count(distinct criterion_code) filter (value is not null) from commune_criteria",
    ) == (3321 * 16, 3321 * 16, 34, True, 2)
    assert 0.7 < one(rows, "select avg(is_met::integer) from commune_criteria") < 0.9


def test_who_did_not_send_says_nothing(rows: RowTruth):
    for agency, on in make_truth().not_sent:
        assert not rows.speaks(on, agency)


def test_a_small_world_has_rows_of_its_agencies_only(small: RowTruth, rows: RowTruth):
    for form in small.forms:
        if form != "register_criteria":
            agencies = {code for (code,) in small.relation(form).project("agency_code").fetchall()}
            assert agencies <= set(SMALL)
    for agency in SMALL:
        day = date(2025, 10, 25)
        assert small.rows("services", day, agency) == rows.rows("services", day, agency)
    assert len(small.rows("register_criteria", date(2025, 9, 23))) == 16


def test_it_is_always_the_same(rows: RowTruth):
    again = RowTruth(SEEDS, make_truth().not_sent)
    for form in rows.forms:
        assert again.relation(form).fetchall() == rows.relation(form).fetchall()


@pytest.mark.parametrize("table", truth_rows.FACTS)
def test_facts_have_one_row_per_grain_and_say_where_they_come_from(rows: RowTruth, table: str):
    facts = truth_rows.expected(rows, table)
    assert facts
    assert len({fact.key for fact in facts}) == len(facts)
    assert len({fact.told_in for fact in facts}) == len(facts)
    form, sender, on, _ = facts[0].told_in
    assert rows.rows(form, on, None if sender == "BCD" else sender)
