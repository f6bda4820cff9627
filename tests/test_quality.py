"""Great Expectations on DuckDB: verdicts, every failing row, and its known traps."""

import json
import subprocess
import sys
from datetime import date

import duckdb
import pytest
from quality_tables import EXPECTATIONS, RULES, create_tables, insert, make_register, make_warehouse

from pipelines.quality.batches import plan
from pipelines.quality.engine import measure
from pipelines.quality.measured import MASK, MeasureError, Outcome, store
from pipelines.quality.register import load_suites
from pipelines.warehouse import connect

DAY = date(2025, 9, 23)
CELL_RULES = [rule for rule in RULES if not rule.is_query]
QUERY_RULES = [rule for rule in RULES if rule.is_query]

PERCENT = {
    "type": "expect_column_values_to_be_between",
    "kwargs": {"column": "percent_complete", "min_value": 0, "max_value": 100},
}
ALL_DAYS = """
    select as_of_date, agency_code, submission_id, 'tasks' as form, sheet_name, row_number,
        task_code as record_key, 'status' as column_name, status_raw as value_found,
        cast(null as varchar) as value_expected, cast(null as varchar) as related_cells
    from intermediate.int_task_agency_days"""


def rows(warehouse, query):
    with connect(warehouse, read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    """Every example of the rules about single rows, judged together."""
    path = tmp_path_factory.mktemp("examples") / "warehouse.duckdb"
    suites = load_suites(EXPECTATIONS)
    with connect(path) as connection:
        create_tables(connection)
        for rule in CELL_RULES:
            for kind in ("passing", "failing"):
                row = json.loads(getattr(rule, f"{kind}_example"))
                insert(
                    connection,
                    suites[rule.definition].rows.partition(".")[2],
                    {**row, "submission_id": f"{rule.rule_id} {kind}"},
                )
    summary = measure(path, EXPECTATIONS, DAY)
    return path, summary


@pytest.mark.parametrize("rule", CELL_RULES, ids=lambda rule: rule.rule_id)
def test_a_rule_about_rows_is_seen_to_pass_and_to_fail(examples, rule):
    path, _ = examples
    found = rows(
        path,
        "select submission_id, column_name from measured.failing_rows"
        f" where rule_id = '{rule.rule_id}'",
    )
    assert (f"{rule.rule_id} failing", rule.column_names[0]) in found
    assert f"{rule.rule_id} passing" not in {submission for submission, _ in found}


@pytest.mark.parametrize("rule", QUERY_RULES, ids=lambda rule: rule.rule_id)
def test_a_rule_about_reports_is_seen_to_pass_and_to_fail(rule):
    query = rule.query(EXPECTATIONS)
    counts = {}
    for kind in ("passing", "failing"):
        with duckdb.connect() as connection:
            create_tables(connection)
            for table, found in json.loads(getattr(rule, f"{kind}_example")).items():
                insert(connection, table, *found)
            names = "form, agency_code, coalesce(column_name, $first)"
            counts[kind] = connection.execute(
                f"select distinct {names} from ({query}\n)", {"first": rule.column_names[0]}
            ).fetchall()
    assert counts["passing"] == []
    [(form, agency, column)] = counts["failing"]
    assert (form, column) == (rule.form, rule.column_names[0])
    assert (agency == "BCD") == (rule.responsible == "committee")


def test_counts_of_every_rule_are_the_rows_that_were_stored(examples):
    path, summary = examples
    assert [outcome.rule_id for outcome in summary.outcomes] == sorted(r.rule_id for r in RULES)
    assert summary.errors == ()
    stored = dict(rows(path, "select rule_id, count(*) from measured.failing_rows group by all"))
    assert all(stored.get(o.rule_id, 0) == o.unexpected_count for o in summary.outcomes)
    assert rows(path, "select count(*) from raw.rules") == [(len(RULES),)]


def test_measuring_twice_leaves_the_same(examples):
    path, _ = examples
    everything = "select * from {} order by all"
    tables = ("raw.rules", "measured.failing_rows", "measured.rule_outcomes")
    before = [rows(path, everything.format(table)) for table in tables]
    measure(path, EXPECTATIONS, DAY)
    assert [rows(path, everything.format(table)) for table in tables] == before


def test_every_failing_row_is_kept_and_no_lock_remains(tmp_path):
    reported = [
        {"submission_id": "s1", "record_key": f"NQ71-{n}", "percent_complete": 101 + n}
        for n in range(450)
    ]
    days = [{"as_of_date": DAY, "task_code": f"NQ71-{n}"} for n in range(450)]
    path = make_warehouse(
        tmp_path / "w.duckdb", int_reported_tasks=reported, int_task_agency_days=days
    )
    folder, _ = make_register(tmp_path / "rules", PERCENT, ALL_DAYS)
    first, second = measure(path, folder, DAY).outcomes
    assert (first.evaluated_count, first.unexpected_count) == (450, 450)
    assert (second.evaluated_count, second.unexpected_count) == (450, 450)
    assert rows(path, "select count(distinct record_key) from measured.failing_rows") == [(450,)]
    # Another process may write at once.
    code = f"import duckdb; duckdb.connect({str(path)!r}).execute('create table free (i int)')"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_conditions_on_rows_and_blank_partners_are_kept_in_the_failing_rows(tmp_path):
    in_progress = {
        "type": "comparison",
        "column": {"name": "status"},
        "operator": "==",
        "parameter": "IN_PROGRESS",
    }
    zero = {
        "type": "expect_column_values_to_be_between",
        "kwargs": {
            "column": "percent_complete",
            "min_value": 0,
            "strict_min": True,
            "row_condition": in_progress,
        },
    }
    pair = {
        "type": "expect_column_pair_values_a_to_be_greater_than_b",
        "kwargs": {
            "column_A": "completed_on",
            "column_B": "started_on",
            "ignore_row_if": "either_value_is_missing",
        },
    }
    regex = {
        "type": "expect_column_values_to_match_regex",
        "kwargs": {"column": "title", "regex": "^[0-9]+%$"},
    }
    path = make_warehouse(
        tmp_path / "w.duckdb",
        int_reported_tasks=[
            {"submission_id": "s1", **row}
            for row in (
                {"record_key": "A", "status": "IN_PROGRESS", "percent_complete": 0, "title": "40%"},
                {"record_key": "B", "status": "DONE", "percent_complete": 0, "completed_on": DAY},
                {"record_key": "C", "status": None, "percent_complete": 0, "started_on": DAY},
                {"record_key": "D", "completed_on": DAY, "started_on": "2025-12-01", "title": "x"},
            )
        ],
    )
    folder, _ = make_register(tmp_path / "rules", zero, pair, regex)
    outcomes = measure(path, folder, DAY).outcomes
    found = rows(path, "select rule_id, record_key from measured.failing_rows order by all")
    assert found == [("TSK-COR-001", "A"), ("TSK-COR-002", "D"), ("TSK-COR-003", "D")]
    assert [outcome.evaluated_count for outcome in outcomes] == [1, 1, 2]


def test_a_broken_rule_is_an_error_and_the_others_are_judged(tmp_path):
    no_column = {
        "type": "expect_column_values_to_be_between",
        "kwargs": {"column": "no_such_column", "min_value": 0},
    }
    path = make_warehouse(
        tmp_path / "w.duckdb",
        int_reported_tasks=[{"submission_id": "s1", "record_key": "A", "percent_complete": 150}],
        int_task_agency_days=[{"as_of_date": DAY}],
    )
    folder, _ = make_register(
        tmp_path / "rules", no_column, PERCENT, "select from", "select 1 as as_of_date"
    )
    outcomes = {outcome.rule_id[-1]: outcome for outcome in measure(path, folder, DAY).outcomes}
    assert "no_such_column" in outcomes["1"].error
    assert (outcomes["2"].error, outcomes["2"].unexpected_count) == (None, 1)
    assert outcomes["3"].error
    assert "does not return agency_code" in outcomes["4"].error
    stored = rows(path, "select rule_id, is_success from measured.rule_outcomes order by rule_id")
    assert [success for _, success in stored] == [False, False, False, False]
    assert rows(path, "select distinct rule_id from measured.failing_rows") == [("TSK-COR-002",)]


def test_an_empty_table_is_nothing_evaluated(tmp_path):
    path = make_warehouse(tmp_path / "w.duckdb")
    folder, _ = make_register(tmp_path / "rules", PERCENT, ALL_DAYS)
    outcomes = measure(path, folder, DAY).outcomes
    assert [(o.evaluated_count, o.unexpected_count, o.error) for o in outcomes] == [
        (0, 0, None)
    ] * 2


def test_an_unknown_expectation_raises_although_it_is_only_logged(tmp_path):
    path = make_warehouse(tmp_path / "w.duckdb")
    unknown = {"type": "expect_column_values_to_be_lovely", "kwargs": {"column": "status"}}
    folder, _ = make_register(tmp_path / "rules", PERCENT, unknown)
    with pytest.raises(MeasureError, match=r"TSK-COR-002: expect_column_values_to_be_lovely"):
        measure(path, folder, DAY)


def test_personal_text_never_leaves_its_cell(examples):
    path, _ = examples
    with connect(path) as connection:
        insert(
            connection,
            "int_reported_tasks",
            {
                "submission_id": "s9",
                "task_code": "NQ71-009",
                "responsible_person_raw": "không rõ: Nguyễn Văn A",
                "responsible_person_state": "filler",
            },
        )
    measure(path, EXPECTATIONS, DAY)
    found = "select value_found from measured.failing_rows where submission_id = 's9'"
    assert rows(path, found) == [(MASK,)]
    everything = "select count(*) from measured.failing_rows as f where f::varchar like '%Nguyễn%'"
    assert rows(path, everything) == [(0,)]


def test_rows_that_do_not_add_up_leave_what_was_there(examples):
    path, _ = examples
    before = rows(path, "select * from measured.failing_rows order by all")
    planned = plan(path, EXPECTATIONS, RULES)
    wrong = Outcome("TSK-LIV-002", "1", 1, 7, None, "{}", ALL_DAYS)
    with pytest.raises(MeasureError, match=r"7 failing rows were counted, 0 were collected"):
        store(path, RULES, planned, [wrong])
    assert rows(path, "select * from measured.failing_rows order by all") == before
