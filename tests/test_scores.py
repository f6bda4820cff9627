"""What the SQL makes of failures: findings with a life, results, and scores that cannot be gamed.

One country in which every agency has the same tasks. Most agencies sent the same report but for one
change each, so that the effect of each change on the scores can be read off.
"""

import csv
import hashlib
from datetime import date, datetime

import pytest
from scenario import Scenario, run_dbt

from pipelines.quality.engine import measure
from pipelines.settings import PROJECT_ROOT
from pipelines.warehouse import connect

D1, D2, D3 = date(2025, 7, 20), date(2025, 9, 23), date(2025, 9, 25)
LATER = date(2025, 12, 31)
DONE, GOING, IDLE, LATE, REGULAR = (f"NQ71-{n:03d}" for n in range(1, 6))

REGISTERED = {
    "title": "Nhiệm vụ",
    "lead_agency": ["G-ALL"],
    "lead_agency_raw": "Các bộ, ngành, địa phương",
    "assigned_on": date(2025, 5, 1),
    "deadline": LATER,
    "deadline_kind": "fixed",
    "deliverable": "Báo cáo",
    "legal_basis": "Nghị quyết 71/NQ-CP",
}
SENT = {
    **{key: value for key, value in REGISTERED.items() if key != "legal_basis"},
    "started_on": date(2025, 5, 2),
    "completed_on": None,
    "evidence": None,
    "responsible_person": "Nguyễn Văn A",
    "obstacles": None,
    "proposal": None,
}
ROWS = {
    DONE: {"status": "DONE", "percent_complete": 100.0, "completed_on": date(2025, 7, 1),
           "evidence": "123/BC"},
    GOING: {"status": "IN_PROGRESS", "percent_complete": 40.0},
    IDLE: {"status": "NOT_STARTED", "percent_complete": 0.0, "started_on": None},
    LATE: {"status": "IN_PROGRESS", "percent_complete": 40.0, "deadline": date(2025, 7, 10),
           "obstacles": "Thiếu kinh phí"},
    REGULAR: {"status": "REGULAR", "percent_complete": None, "started_on": None,
              "deadline": None, "deadline_kind": "regular"},
}  # fmt: skip
REQUIRED = {
    DONE: (
        "title", "lead_agency", "assigned_on", "deadline", "status", "percent_complete",
        "started_on", "completed_on", "deliverable", "evidence", "responsible_person",
    ),
    GOING: ("status", "percent_complete", "started_on", "responsible_person"),
    LATE: ("obstacles", "status", "deadline"),
    IDLE: ("status", "percent_complete"),
}  # fmt: skip
FAULTS = {
    "percent out of range": (GOING, "percent_complete", 150.0),
    "completed before assigned": (DONE, "completed_on", date(2024, 7, 1)),
    "another lead": (GOING, "lead_agency", ["BCA"]),
    "reopened": (DONE, "status", "IN_PROGRESS"),
    "unreadable status": (GOING, "status", None),
}


def report(**changes):
    """Rows of a report; `changes` by task code, None for a row that is left out."""
    made = []
    for code, row in ROWS.items():
        change = changes.get(code, {})
        if change is not None:
            made.append({"task_code": code, "task_code_raw": code, **SENT, **row, **change})
    return made


def blank(column, state="blank"):
    raw = None if state == "blank" else "không"
    return {column: None, f"{column}_state": state, f"{column}_raw": raw}


def fault(name):
    code, column, value = FAULTS[name]
    state = "unreadable" if name.startswith("unreadable") else "present"
    return code, {column: value, f"{column}_state": state, f"{column}_raw": "?"}


def variants():
    """What one agency each sends: name of the base, and the report that is a change of it."""
    for code, columns in REQUIRED.items():
        for column in columns:
            yield f"blank {code} {column}", "clean", report(**{code: blank(column)})
    for column in ("title", "status", "evidence", "obstacles"):
        code = LATE if column == "obstacles" else DONE
        yield f"fill {column}", "clean", report(**{code: blank(column, "filler")})
    yield "fill with zero", "clean", report(**{GOING: {"percent_complete": 0.0}})
    for code in ROWS:
        yield f"delete {code}", "clean", report(**{code: None})
    for name in FAULTS:
        code, change = fault(name)
        yield f"fault {name}", "clean", report(**{code: change})
        yield f"blank {name}", f"fault {name}", report(**{code: blank(FAULTS[name][1])})
        yield f"delete {name}", f"fault {name}", report(**{code: None})


def agencies():
    with (PROJECT_ROOT / "dbt_project" / "seeds" / "agencies.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [row["agency_code"] for row in rows if row["peer_group"] and not row["valid_to"]]


SILENT, HELD_BACK, LIVELY, *OTHERS = agencies()
VARIANTS = list(variants())
AGENCY_OF = {"clean": OTHERS[0], **{v[0]: a for v, a in zip(VARIANTS, OTHERS[1:], strict=False)}}


def finding_id(rule_id, agency, code, column, occurrence=1):
    text = f"{rule_id}|{agency}|tasks|{code}|{column}|{occurrence}"
    return hashlib.md5(text.encode()).hexdigest()[:16]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    scenario = Scenario(tmp_path_factory.mktemp("scores"))
    own = ("deadline", "deadline_kind")
    tasks = [
        {"programme_code": "NQ71", "task_code": code, **REGISTERED}
        | {name: row[name] for name in own if name in row}
        for code, row in ROWS.items()
    ]
    scenario.register(D1, *tasks)
    scenario.register(D3, *tasks, {**tasks[0], "task_code": "NQ71-006"})
    scenario.report(AGENCY_OF["clean"], D1, *report())
    scenario.report(AGENCY_OF["clean"], D2, *report())
    for name, _, rows in VARIANTS:
        scenario.report(AGENCY_OF[name], D1, *report())
        scenario.report(AGENCY_OF[name], D2, *rows)
    scenario.report(HELD_BACK, D1, *report())
    # One agency whose faults live: mended and moved, blanked, deleted, excepted, twice, foreign.
    bad = {"percent_complete": 150.0, "percent_complete_raw": "150"}
    first = report(**{code: bad for code in (DONE, GOING, IDLE, LATE)})
    stranger = {**first[0], "task_code": "NQ71-900", "task_code_raw": "NQ71-900"}
    scenario.report(LIVELY, D1, *first, first[0], stranger, {**first[0], "task_code": None})
    mended = report(**{GOING: blank("percent_complete"), IDLE: None, LATE: bad})
    scenario.report(LIVELY, D2, *reversed(mended))
    scenario.build(D3).close()
    with connect(scenario.settings.warehouse) as connection:
        connection.execute(
            "insert into raw.decisions values (?, 'Ban Chỉ đạo', 'exception', ?, 'accept', '')",
            [datetime(2025, 9, 24, 2), finding_id("TSK-COR-001", LIVELY, LATE, "percent_complete")],
        )
    summary = measure(scenario.settings.warehouse, scenario.settings.expectations, D3)
    assert summary.errors == ()
    run_dbt(scenario.settings, D3, "--select", "tag:after_quality")
    with connect(scenario.settings.warehouse, read_only=True) as connection:
        yield connection


def scores(world, agency, day=D2):
    found = world.execute(
        "select dimension, score from quality.scores where agency_code = ? and as_of_date = ?",
        [agency, day],
    )
    return dict(found.fetchall())


def test_every_variant_has_an_agency():
    assert len(AGENCY_OF) == len(VARIANTS) + 1


def test_a_clean_report_scores_in_full(world):
    dimensions = ("correct", "sufficient", "clean", "living", "all")
    assert scores(world, AGENCY_OF["clean"]) == dict.fromkeys(dimensions, 100.0)


@pytest.mark.parametrize("name", [v[0] for v in VARIANTS if v[0].split()[0] != "fault"])
def test_blanking_filling_and_deleting_never_raise_a_score(world, name):
    base = next(v[1] for v in VARIANTS if v[0] == name)
    before, after = scores(world, AGENCY_OF[base]), scores(world, AGENCY_OF[name])
    assert all(after[dimension] <= before[dimension] for dimension in before)


@pytest.mark.parametrize("name", FAULTS)
def test_mending_never_lowers_a_score_and_raises_one(world, name):
    faulty, mended = scores(world, AGENCY_OF[f"fault {name}"]), scores(world, AGENCY_OF["clean"])
    assert all(mended[dimension] >= faulty[dimension] for dimension in faulty)
    assert mended["all"] > faulty["all"]


def test_a_new_task_that_nobody_reports_never_raises_a_score(world):
    for agency in AGENCY_OF.values():
        before, after = scores(world, agency, date(2025, 9, 24)), scores(world, agency, D3)
        assert all(after[dimension] < before[dimension] or not before[dimension]
                   for dimension in before)  # fmt: skip


def test_who_sends_nothing_scores_nothing(world):
    found = world.execute(
        "select distinct state, score, band from quality.scores"
        " where agency_code = ? and as_of_date = ?",
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
        " and as_of_date = ? and dimension in ('clean', 'sufficient')",
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
    rules = ("REG-CLN-001", "REG-CLN-002", "REG-CLN-003", "REG-SUF-001", "REG-SUF-002")
    # One task of this world has no deadline.
    expected = [*((rule, "PASS", 5) for rule in rules), ("REG-SUF-003", "FAIL", 5)]
    assert found.fetchall() == expected
