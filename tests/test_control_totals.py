"""Stated totals against what they must be: rows of a sheet, the period before, sums of agencies."""

from datetime import date
from pathlib import Path

import chain
import pytest
from golden import workbook_of
from scenario import Scenario
from test_models_time import MONTHS, dossiers, procedure

from pipelines import warehouse
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.workbook.template import load_template

DAY, BEFORE = date(2025, 10, 25), date(2025, 9, 23)
YEAR_START = MONTHS[0][0]
DATASET = {"dataset_name": "CSDL", "records_expected": 1000, "records_verified": 0}


def held(code, count, expected=1000):
    return {"dataset_code": code, **DATASET, "records_expected": expected,
            "records_held": count, "records_held_raw": str(count)}  # fmt: skip


def period(month, received, pending, resolved=None, code="1.000001"):
    row = dossiers(month, received, 0)
    settled = received if resolved is None else resolved
    counts = {
        "dossiers_resolved": settled,
        "dossiers_pending": pending,
        "dossiers_pending_raw": str(pending),
        "dossiers_received_raw": str(received),
    }
    return {**row, **counts, "procedure_code": code}


def measured(on, value, code="CT-01", unit="VND"):
    return {"indicator_code": code, "value": float(value), "value_operator": "=", "unit": unit,
            "value_raw": str(value), "measured_on": on}  # fmt: skip


def indicator(code, kind):
    return {"indicator_code": code, "indicator_name": code, "unit": "VND", "agency_code": ["BTC"],
            "measure_kind": kind}  # fmt: skip


def total_of(world, submission, value, rows, first=5):
    """A total row below (or above) the rows that it covers."""
    last = first + rows - 1
    world._add(
        "control_totals", submission_id=submission, form="datasets", sheet_name="Biểu",
        row_number=last + 1, column_name="records_held", value=value,
        value_raw=None if value is None else f"{value:g}",
        first_row=first, last_row=last, earliest_row=5,
    )  # fmt: skip


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    world = Scenario(tmp_path_factory.mktemp("totals"))
    agencies = ("BTC", "BCA", "BQP", "BNG", "BYT", "P01", "P04")
    world.send("BCD", "register_services", date(2025, 7, 1), procedure("1.000001", *agencies))
    world.send("BCD", "register_indicators", date(2025, 7, 1), indicator("CT-01", "flow"),
               indicator("CT-02", "stock"))  # fmt: skip
    # Totals: right, wrong, of a part, and of rows of which one is blank.
    for agency, counts, value in (
        ("BTC", (700, 500), 1200.0), ("BCA", (700, 500), 1199.0), ("BQP", (700, None), 900.0),
        ("BNG", (700, None), 600.0), ("BYT", (700, 500), None),
    ):  # fmt: skip
        rows = [held(f"DB-{n}", count) for n, count in enumerate(counts)]
        key = world.send(agency, "datasets", BEFORE, *rows)
        total_of(world, key, value, len(rows))
    sections = [held(f"DB-{n}", 100) for n in range(4)]
    key = world.send("BXD", "datasets", BEFORE, *sections)
    total_of(world, key, 400.0, rows=2, first=7)
    # Records held fell in one of two; the other one grew.
    world.send("BTC", "datasets", DAY, held("DB-0", 650), held("DB-1", 501), held("DB-9", 1))
    # What was left: carried on, not carried on, blank before.
    world.send("P01", "services", DAY, period(MONTHS[0], 100, 20, 80),
               period(MONTHS[1], 100, 30, 90), period(MONTHS[2], 100, 25, 100),
               period(MONTHS[3], 100, None), period(MONTHS[4], 100, 5, 95))  # fmt: skip
    # Counts from the same day on: one of three is less than the shorter one before it.
    world.send("P04", "services", DAY, *(
        period((YEAR_START, MONTHS[n][1]), received, 0)
        for n, received in ((0, 100), (1, 300), (2, 290))
    ))  # fmt: skip
    # A flow fell within its year and in the next; a stock may fall.
    world.send("BTC", "indicators", BEFORE, measured(date(2024, 12, 31), 900),
               measured(date(2025, 3, 31), 100), measured(date(2025, 6, 30), 90),
               measured(date(2025, 8, 31), 130), measured(date(2025, 3, 31), 50, "CT-02"),
               measured(date(2025, 6, 30), 40, "CT-02"))  # fmt: skip
    with world.build(DAY) as connection:
        yield connection


def controls(facts, kind, **where):
    conditions = "".join(f" and {name} = ${name}" for name in where)
    return facts.execute(
        "select verdict, stated_value, computed_value, reason from marts.control_totals"
        f" where kind = $kind{conditions} order by row_number nulls last, reason",
        {"kind": kind, **where},
    ).fetchall()


@pytest.mark.parametrize(
    ("agency", "expected"),
    [
        ("BTC", ("MATCH", 1200, 1200, "agrees")),
        ("BCA", ("DIFFERS", 1199, 1200, "sheet_total")),
        ("BQP", ("NOT_COMPUTABLE", 900, None, "rows_unreadable")),
        # Less than what is there already: wrong whatever the blank cell says.
        ("BNG", ("DIFFERS", 600, 700, "sheet_total")),
        ("BYT", ("NOT_COMPUTABLE", None, 1200, "total_unreadable")),
        # Not of its own section, but of all rows.
        ("BXD", ("MATCH", 400, 400, "agrees")),
    ],
)
def test_a_total_row_against_its_rows(facts, agency, expected):
    assert controls(facts, "rows", agency_code=agency) == [expected]


def test_dossiers_left_against_the_period_before(facts):
    assert controls(facts, "cumulative", agency_code="P01", compared="carried_over") == [
        ("DIFFERS", 25, 30, "carried_over"),
        ("MATCH", 30, 30, "agrees"),
        ("NOT_COMPUTABLE", 5, None, "blank_before"),
        ("NOT_COMPUTABLE", 20, None, "first_period"),
    ]


def test_counts_from_the_same_day_on_cannot_fall(facts):
    found = controls(facts, "cumulative", agency_code="P04", column_name="dossiers_received")
    assert found == [("DIFFERS", 290, 300, "same_start"), ("MATCH", 300, 100, "agrees")]


def test_records_held_cannot_fall(facts):
    assert controls(facts, "cumulative", agency_code="BTC", column_name="records_held") == [
        ("DIFFERS", 650, 700, "next_report"),
        ("MATCH", 501, 500, "agrees"),
        ("NOT_COMPUTABLE", 1, None, "first_period"),
    ]


def test_an_indicator_that_accumulates_cannot_fall_within_its_year(facts):
    assert controls(facts, "cumulative", agency_code="BTC", column_name="value") == [
        ("DIFFERS", 90, 100, "same_year"),
        ("MATCH", 130, 90, "agrees"),
    ]


def test_a_figure_that_fell_shows_both_cells(facts):
    found = facts.sql(
        "select sheet_name, row_number, record_key, related_cells from marts.control_totals"
        " where verdict = 'DIFFERS' and column_name = 'records_held' and kind = 'cumulative'"
    ).fetchall()
    assert found == [("Biểu", 5, "DB-0", "23/09/2025 Biểu!5: 700")]


@pytest.mark.parametrize(
    ("name", "form", "where"),
    [
        ("total_does_not_add_up", "datasets", "kind = 'rows' and form = 'datasets'"),
        ("pending_dossiers_not_carried_over", "services", "compared = 'carried_over'"),
        ("cumulative_figure_fell", "services", "compared = 'same_start'"),
        ("cumulative_figure_fell", "datasets", "compared = 'next_report'"),
        ("cumulative_figure_fell", "indicators", "compared = 'same_year'"),
    ],
)
def test_what_differs_is_what_the_rule_finds(facts, name, form, where):
    query = (PROJECT_ROOT / "expectations" / "sql" / f"{name}.sql").read_text()
    rule = query.replace("{form}", form)
    place = "submission_id, row_number, column_name"
    found = facts.sql(f"select distinct {place} from ({rule}) order by all").fetchall()
    stated = facts.sql(
        f"select {place} from marts.control_totals where verdict = 'DIFFERS' and {where}"
        " order by all"
    ).fetchall()
    assert found == stated != []


def test_our_national_figures_are_the_sums_of_agencies(facts):
    sums = facts.sql(
        "select agency_code, stated_value, computed_value, verdict from marts.control_totals"
        " where kind = 'agencies' and figure_id is null and measure = 'dossiers_received'"
        " order by all"
    ).fetchall()
    # A year counted from its first day on counts once: the longest period.
    assert [row[3] for row in sums] == ["MATCH", "MATCH"]
    assert {row[0] for row in sums} == {"all", "provinces"}
    shares = "measure = 'online_dossier_share' and figure_id is null"
    verdicts = facts.sql(
        f"select distinct verdict from marts.control_totals where {shares}"
    ).fetchall()
    assert verdicts == [("MATCH",)]


def test_printed_figures_of_agencies_add_up_or_not(facts, tmp_path):
    """Every member's figure is printed: made up here, for nobody prints 56 of them."""
    ((path,),) = facts.sql("select path from duckdb_databases() where not internal").fetchall()
    models = Path(path).parent / "dbt" / "compiled" / "nq57" / "models" / "intermediate"
    query = (models / "int_national_sums.sql").read_text()
    with warehouse.connect(tmp_path / "warehouse.duckdb") as connection:
        connection.execute(f"attach '{path}' as made (read_only)")
        connection.execute("create schema intermediate; create schema marts; create schema seeds")
        connection.execute("create schema raw")
        connection.execute("create table raw.run as from made.raw.run")
        for table in ("seeds.agencies", "seeds.measures", "intermediate.int_figure_measures",
                      "marts.fct_measures"):  # fmt: skip
            connection.execute(f"create table {table} as from made.{table}")
        connection.execute(
            "create table intermediate.int_figures as select * replace ('X1' as figure_id,"
            " 'dossiers_received' as computed_measure, 'provinces' as computed_agency_code,"
            " 3400 as value, 'dossiers' as unit, date '2025-10-25' as as_of_date,"
            " '' as programme_scope, null as window_start, 1 as rounding_unit, '=' as operator,"
            " null as indicator_code) from made.intermediate.int_figures limit 1"
        )
        each = (
            "insert into intermediate.int_figures select figures.* replace ("
            "'Y' || agencies.agency_code as figure_id,"
            " agencies.agency_code as computed_agency_code, 100 as value)"
            " from intermediate.int_figures as figures cross join (select agency_code from"
            " seeds.agencies where peer_group = 'provinces' and valid_to is null order by all {})"
            " as agencies where figure_id = 'X1'"
        )
        said = f"select reason, total, is_match from ({query}) where figure_id = 'X1'"
        said += " and compared = 'published'"
        assert connection.sql(said).fetchall() == [("no_agency_printed", None, None)]
        connection.execute(each.format("limit 33"))
        assert connection.sql(said).fetchall()[0][0] == "agencies_missing"
        connection.execute("delete from intermediate.int_figures where figure_id != 'X1'")
        connection.execute(each.format(""))
        assert connection.sql(said).fetchall() == [(None, 3400, True)]
        connection.execute(
            "update intermediate.int_figures set value = 3401 where figure_id = 'X1'"
        )
        assert connection.sql(said).fetchall() == [(None, 3400, False)]


def header(form, template="nq57-01"):
    layout = load_template(PROJECT_ROOT / "pipelines" / "templates" / f"{template}.yml")
    return [column.header for column in layout.forms[form].columns]


def records_that_fell_and_a_total_that_does_not_add_up(folder):
    """Two reports of one dataset sheet: the second holds fewer records, and its total is wrong."""
    names = header("datasets")
    for on, first, second in (
        ("23/09/2025", 700, 500),
        ("25/10/2025", 650, 501),
    ):
        rows = [[code, "CSDL (giả định)", 1000, count, 0, 0, on, 30, "Có", 5, *[90] * 4]
                for code, count in (("DB-0", first), ("DB-1", second))]  # fmt: skip
        rows.append(["Tổng cộng", None, None, 1200])
        cover = (("Mã cơ quan", "BTC"), ("Ngày báo cáo", on), ("Phiên bản mẫu", "1"))
        sheets = {"Cơ sở dữ liệu": [names, *rows]}
        workbook_of(folder / f"{on.replace('/', '-')}.xlsx", sheets, cover)


def dossiers_that_were_lost(path):
    """Left of one month 20, of the next 25 though ten more came than were settled."""
    months = (("15/07/2025", "14/08/2025", 100, 80, 20), ("15/08/2025", "14/09/2025", 100, 90, 25))
    rows = [
        ["1.000001", "Thủ tục (giả định)", "Toàn trình", start, end, received, 50, 50, settled,
         settled, 0, left, 0, 0, 0]
        for start, end, received, settled, left in months
    ]  # fmt: skip
    cover = (("Mã cơ quan", "BCA"), ("Ngày báo cáo", "25/10/2025"), ("Phiên bản mẫu", "1"))
    return workbook_of(path, {"Dịch vụ công": [header("services"), *rows]}, cover)


def test_wrong_totals_of_workbooks_are_found_at_their_cells(tmp_path):
    settings = Settings(tmp_path / "data", real_input=tmp_path)
    for agency in ("BTC", "BCA"):
        (settings.inbox / agency).mkdir(parents=True)
    records_that_fell_and_a_total_that_does_not_add_up(settings.inbox / "BTC")
    dossiers_that_were_lost(settings.inbox / "BCA" / "BCA.xlsx")
    chain.intake(settings)
    chain.load(settings, DAY)
    chain.dbt(settings, "--select", "+control_totals")
    with warehouse.connect(settings.warehouse, read_only=True) as connection:
        found = connection.sql(
            "select kind, compared, agency_code, sheet_name, cell, stated_value, computed_value,"
            " related_cells from marts.control_totals where verdict = 'DIFFERS' order by all"
        ).fetchall()
    assert found == [
        ("cumulative", "carried_over", "BCA", "Dịch vụ công", "L3", 25, 30,
         "14/08/2025 Dịch vụ công!2: 20"),
        ("cumulative", "next_report", "BTC", "Cơ sở dữ liệu", "D2", 650, 700,
         "23/09/2025 Cơ sở dữ liệu!2: 700"),
        ("rows", "sheet_total", "BTC", "Cơ sở dữ liệu", "D4", 1200, 1151, "records_held: 2-3"),
    ]  # fmt: skip
