"""What the SQL makes of failures: findings with a life, results, scores that cannot be gamed."""

from datetime import date

import pytest
from quality_tables import RULES
from scored import (
    AGENCY_OF,
    D1,
    D2,
    D3,
    DATASETS,
    DONE,
    EXPIRED,
    GOING,
    GOING_WRONG,
    HELD_BACK,
    IDLE,
    LATE,
    LIVELY,
    REOPENED,
    SILENT,
    TASKS,
    build,
    finding_id,
)

from pipelines.warehouse import connect

CHANGES = [
    (sheet.form, name, base)
    for sheet in (TASKS, DATASETS)
    for name, base, _ in sheet.variants()
    if not name.startswith("fault")
]
FAULTS = [(sheet.form, name) for sheet in (TASKS, DATASETS) for name in sheet.faults]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with connect(build(tmp_path_factory.mktemp("scores")), read_only=True) as connection:
        yield connection


def scores(world, agency, day=D2, subject="tasks"):
    found = world.execute(
        "select dimension, score from quality.scores"
        " where agency_code = ? and as_of_date = ? and subject = ?",
        [agency, day, subject],
    )
    return dict(found.fetchall())


def test_every_variant_has_an_agency():
    for sheet in (TASKS, DATASETS):
        assert len(AGENCY_OF[sheet.form]) == len(list(sheet.variants())) + 1


@pytest.mark.parametrize("subject", ["tasks", "datasets"])
def test_a_clean_report_scores_in_full(world, subject):
    dimensions = ("correct", "sufficient", "clean", "living", "all")
    clean = AGENCY_OF[subject]["clean"]
    assert scores(world, clean, subject=subject) == dict.fromkeys(dimensions, 100.0)


@pytest.mark.parametrize(("form", "name", "base"), CHANGES)
def test_blanking_filling_and_deleting_never_raise_a_score(world, form, name, base):
    of = AGENCY_OF[form]
    before, after = (scores(world, of[one], subject=form) for one in (base, name))
    assert all(after[dimension] <= before[dimension] for dimension in before)
    assert after["all"] < before["all"] or before["all"] < 100


@pytest.mark.parametrize(("form", "name"), FAULTS)
def test_mending_never_lowers_a_score_and_raises_one(world, form, name):
    of = AGENCY_OF[form]
    faulty, mended = (scores(world, of[one], subject=form) for one in (f"fault {name}", "clean"))
    assert all(mended[dimension] >= faulty[dimension] for dimension in faulty)
    assert mended["all"] > faulty["all"]


def test_a_new_task_that_nobody_reports_never_raises_a_score(world):
    for agency in AGENCY_OF["tasks"].values():
        before, after = scores(world, agency, date(2025, 9, 24)), scores(world, agency, D3)
        assert all(after[dimension] < before[dimension] or not before[dimension]
                   for dimension in before)  # fmt: skip


def test_an_agency_is_scored_by_the_mean_of_its_subjects(world):
    """Each subject weighs the same here; one that nothing is expected of is left out."""
    for agency in (*AGENCY_OF["tasks"].values(), SILENT):
        subjects = [scores(world, agency, subject=one) for one in ("tasks", "datasets")]
        for dimension, score in scores(world, agency, subject="all").items():
            mean = sum(one[dimension] for one in subjects) / 2
            assert score == pytest.approx(mean, abs=1e-6)
    assert scores(world, HELD_BACK, D1, "all") == scores(world, HELD_BACK, D1)


def test_what_is_unified_and_shared_is_measured_and_no_part_of_a_score(world):
    found = world.execute(
        "select status, failed_count from quality.rule_results"
        " where rule_id = 'DST-SHA-001' and agency_code = ? and as_of_date = ?",
        [AGENCY_OF["datasets"]["clean"], D2],
    )
    assert found.fetchall() == [("FAIL", 1)]
    scored = "select distinct dimension from quality.scores order by all"
    dimensions = [dimension for (dimension,) in world.execute(scored).fetchall()]
    assert dimensions == ["all", "clean", "correct", "living", "sufficient"]


def test_who_sends_nothing_scores_nothing(world):
    found = world.execute(
        "select distinct state, score, band from quality.scores"
        " where agency_code = ? and as_of_date = ? and subject in ('tasks', 'datasets', 'all')",
        [SILENT, D2],
    )
    assert found.fetchall() == [("NOT_SUBMITTED", 0.0, "RED")]


def test_an_old_report_is_stale_once_the_next_was_due(world):
    before, after = scores(world, HELD_BACK, date(2025, 9, 22)), scores(world, HELD_BACK)
    assert before["living"] == 100.0
    assert after["living"] < 100.0
    assert after["correct"] == 100.0


def test_an_identifier_fault_makes_the_band_red(world):
    found = world.execute(
        "select dimension, score, band from quality.scores where agency_code = ?"
        " and as_of_date = ? and subject = 'tasks' and dimension in ('clean', 'sufficient')",
        [LIVELY, D1],
    )
    bands = {dimension: (score, band) for dimension, score, band in found.fetchall()}
    assert bands["clean"][1] == "RED"
    assert bands["sufficient"] == (100.0, "GREEN")


@pytest.mark.parametrize(
    ("code", "column", "rule_id", "state", "closed_on"),
    [
        (DONE, "percent_complete", "TSK-COR-001", "FIXED", D2),
        (GOING, "percent_complete", "TSK-COR-001", "WITHDRAWN", D2),
        (IDLE, "percent_complete", "TSK-COR-001", "WITHDRAWN", D2),
        (LATE, "percent_complete", "TSK-COR-001", "EXCEPTED", date(2025, 9, 24)),
        (DONE, "task_code", "TSK-CLN-010", "FIXED", D2),
        ("NQ71-900", "task_code", "TSK-CLN-011", "WITHDRAWN", D2),
    ],
)
def test_a_finding_ends_as_what_became_of_its_cell(
    world, code, column, rule_id, *, state, closed_on
):
    found = world.execute(
        "select episode, opened_on, closed_on, state from quality.findings where finding_id = ?",
        [finding_id(rule_id, LIVELY, code, column)],
    )
    assert found.fetchall() == [(1, D1, closed_on, state)]


@pytest.mark.parametrize("finding", [EXPIRED, REOPENED])
def test_a_finding_counts_again_when_its_exception_is_over(world, finding):
    found = world.execute(
        "select episode, opened_on, closed_on, state from quality.findings where finding_id = ?"
        " order by episode",
        [finding],
    )
    first_day_excepted = date(2025, 9, 24)
    assert found.fetchall() == [
        (1, D2, first_day_excepted, "EXCEPTED"),
        (2, D3, None, "OPEN"),
    ]


def test_it_costs_nothing_on_the_days_of_its_exception_alone(world):
    found = world.execute(
        "select as_of_date, failed_count from quality.rule_results"
        " where agency_code = ? and rule_id = 'TSK-COR-001' and as_of_date >= ? order by all",
        [GOING_WRONG, D2],
    )
    assert found.fetchall() == [(D2, 1), (date(2025, 9, 24), 0), (D3, 1)]


def test_exceptions_are_published_with_their_reason(world):
    found = world.execute(
        "select finding_id, rule_id, agency_code, record_key, reason, decided_on, expires_on,"
        " followed_on, state from quality.exceptions where reason != '' order by decided_on, reason"
    )
    second, last = date(2025, 9, 24), date(2025, 12, 31)
    excepted = AGENCY_OF["tasks"]["fault reopened"]
    assert found.fetchall() == [
        (REOPENED, "TSK-LIV-002", excepted, DONE, "Chờ", second, last, D3, "ENDED"),
        (EXPIRED, "TSK-COR-001", GOING_WRONG, GOING, "Hệ thống mới", second, second, None,
         "EXPIRED"),
        ("no-such-finding", None, None, None, "?", D3, None, None, "STANDING"),
    ]  # fmt: skip
    names = world.execute("select column_name from duckdb_columns() where table_name = ?",
                          ["exceptions"]).fetchall()  # fmt: skip
    assert ("decided_by",) not in names


def test_a_deleted_row_is_a_finding_of_its_own(world):
    found = world.execute(
        "select rule_id, opened_on, state from quality.findings"
        " where agency_code = ? and record_key = ? and opened_on = ? order by rule_id",
        [LIVELY, IDLE, D2],
    )
    assert found.fetchall() == [("TSK-LIV-004", D2, "OPEN"), ("TSK-SUF-010", D2, "OPEN")]


def test_a_row_without_a_code_is_a_finding(world):
    found = world.execute(
        "select state, row_number from quality.findings"
        " where agency_code = ? and rule_id = 'TSK-CLN-012'",
        [LIVELY],
    )
    assert found.fetchall() == [("WITHDRAWN", 12)]


def test_failed_and_missing_never_count_a_row_twice(world):
    found = world.execute(
        "select failed_count, missing_count from quality.rule_results where agency_code = ?"
        " and rule_id = 'TSK-SUF-010' and as_of_date = ?",
        [LIVELY, D2],
    )
    assert found.fetchall() == [(1, 0)]


def test_the_register_is_measured_too(world):
    found = world.execute(
        "select rule_id, status, applicable_count from quality.rule_results"
        " where agency_code = 'BCD' and as_of_date = ? order by rule_id",
        [D1],
    )
    rules = [rule.rule_id for rule in RULES if rule.form == "register_tasks"]
    # One task of this world has no deadline.
    expected = [(rule, "FAIL" if rule == "REG-SUF-003" else "PASS", 5) for rule in sorted(rules)]
    assert found.fetchall() == expected
