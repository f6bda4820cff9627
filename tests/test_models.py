"""What the SQL makes of reports: status, versions, registers, groups, successors, windows."""

from datetime import date, datetime

import pytest
from scenario import Scenario

D1, D2 = date(2025, 7, 20), date(2025, 9, 23)


def task(code, lead, deadline=date(2025, 9, 1), **differs):
    row = {
        "programme_code": code.split("-")[0],
        "task_code": code,
        "title": f"Nhiệm vụ {code}",
        "lead_agency": [lead] if isinstance(lead, str) else lead,
        "coordinating_agencies": None,
        "assigned_on": date(2025, 5, 1),
        "deadline": deadline,
        "deadline_kind": "fixed",
        "deadline_precision": "day",
    }
    return {**row, **differs}


def word(code, status, completed_on=None, **differs):
    return {"task_code": code, "status": status, "completed_on": completed_on, **differs}


# The status of each task on 2025-09-23, by what its lead reported: one line, one case.
STATUS_CASES = [
    ("done on the deadline", {}, word("", "DONE", date(2025, 9, 1)), "DONE_ON_TIME"),
    ("done a day late", {}, word("", "DONE", date(2025, 9, 2)), "DONE_LATE"),
    ("done without a date", {}, word("", "DONE"), "DONE_UNKNOWN_DATE"),
    ("a date without the word", {}, word("", "IN_PROGRESS", date(2025, 8, 1)), "DONE_ON_TIME"),
    ("done in the future", {}, word("", "DONE", date(2025, 9, 24)), "IN_PROGRESS_LATE"),
    ("under way, late", {}, word("", "IN_PROGRESS"), "IN_PROGRESS_LATE"),
    ("under way on the last day", {"deadline": D2}, word("", "IN_PROGRESS"), "IN_PROGRESS_ON_TIME"),
    ("not begun, late", {}, word("", "NOT_STARTED"), "NOT_STARTED_LATE"),
    ("not begun", {"deadline": D2}, word("", "NOT_STARTED"), "NOT_STARTED_ON_TIME"),
    ("begun by its date", {}, word("", None, started_on=D1), "IN_PROGRESS_LATE"),
    ("begun by its percent", {}, word("", None, percent_complete=5.0), "IN_PROGRESS_LATE"),
    ("regular", {"deadline": None, "deadline_kind": "regular"}, word("", "REGULAR"), "REGULAR"),
    ("annual", {"deadline": None, "deadline_kind": "annual"}, word("", "IN_PROGRESS"), "REGULAR"),
    (
        "conditional",
        {"deadline": None, "deadline_kind": "conditional"},
        word("", "IN_PROGRESS"),
        "NO_DEADLINE",
    ),
    (
        "no deadline, done",
        {"deadline": None, "deadline_kind": "none"},
        word("", "DONE", date(2025, 9, 9)),
        "DONE_ON_TIME",
    ),
    (
        "unreadable deadline",
        {"deadline": None, "deadline_kind": None, "deadline_state": "unreadable"},
        word("", "IN_PROGRESS"),
        "UNKNOWN",
    ),
    ("never reported", {}, None, "UNKNOWN"),
]
CODES = [f"NQ71-{number:03d}" for number in range(len(STATUS_CASES))]


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    world = Scenario(tmp_path_factory.mktemp("scenario"))
    status_tasks = [
        task(code, "BKHCN", **{"deadline": date(2025, 9, 1), **differs})
        for code, (_, differs, _, _) in zip(CODES, STATUS_CASES, strict=True)
    ]
    collective = [
        task("KL-001", ["BCA", "BTC"]),
        task("KL-002", ["BCA", "BTC"]),
        task("KL-003", ["G-CITIES"]),
        task("KL-004", ["BTTTT"], coordinating_agencies=["G-CENTRAL"]),
        task("KL-005", ["BCA"], deadline=date(2025, 8, 1)),
    ]
    withdrawn = task("KH02-009", "BCA")
    world.register(D1, *status_tasks, *collective, withdrawn)
    moved = task("KL-005", ["BCA"], deadline=date(2025, 12, 1))
    world.register(D2, *status_tasks, *collective[:-1], moved, task("KH02-010", "BCA"))

    world.report(
        "BKHCN",
        D2,
        *[
            {**said, "task_code": code}
            for code, (_, _, said, _) in zip(CODES, STATUS_CASES, strict=True)
            if said
        ],
        word("KL-004", "IN_PROGRESS"),
    )
    world.report(
        "BCA", D1, *[word(f"KL-00{n}", "IN_PROGRESS") for n in (1, 2, 5)], word(None, "DONE")
    )
    world.report(
        "BCA",
        D2,
        word("KL-001", "DONE", date(2025, 8, 20)),
        word("KL-002", "DONE", date(2025, 8, 20)),
        word("KL-005", "IN_PROGRESS"),
        word("KL-005", "DONE", date(2025, 8, 20)),
        word("KL-999", "DONE", date(2025, 8, 20)),
    )
    world.report(
        "BTC",
        D2,
        word("KL-001", "DONE", date(2025, 8, 25)),
        word("KL-002", "IN_PROGRESS"),
    )
    for city in ("P01", "P31", "P46", "P48", "P79"):
        world.report(city, D2, word("KL-003", "DONE", date(2025, 8, 20)))

    # Versions: ten rows, then six (held), then eight (compared with the ten that stand).
    rows = [word(f"KL-{number}", "IN_PROGRESS") for number in range(100, 110)]
    for hour, count in ((1, 10), (2, 6), (3, 8)):
        world.report("BQP", D2, *rows[:count], received=datetime(2025, 9, 23, hour))
    # Saved again, held, saved again, corrected, and corrected back.
    sent = [("a", 10), ("a", 10), ("b", 6), ("a", 10), ("c", 10), ("a", 10)]
    for hour, (cells, count) in enumerate(sent, start=1):
        at = datetime(2025, 9, 23, hour)
        world.report("BCT", D2, *rows[:count], received=at, content_hash=cells)
    world.report("BNG", D2, *rows, claimed_agency_raw="Bộ Tài chính", claimed_agency_code="BTC")
    accepted = world.report("BYT", D2, *rows, claimed_agency_raw="?", claimed_agency_code=None)
    world.decide(accepted, "accept")
    refused = world.report("BTP", D2, *rows)
    world.decide(refused, "refuse")
    world.report("BNNMT", D2, *rows, claimed_agency_raw="Bộ TN&MT", claimed_agency_code="BTNMT")
    # On another channel than the committee's, with a cover that names nobody else.
    forged = task("KL-777", "BCT"), task("KL-001", "BCT", deadline=date(2030, 1, 1))
    world.decide(world.send("BVHTTDL", "register_tasks", D2, *forged), "accept")
    with world.build(D2) as connection:
        yield connection


def one(connection, query):
    return connection.sql(query).fetchone()


def task_on(connection, day, code, columns="status"):
    return one(
        connection,
        f"""
        select {columns} from marts.fct_tasks
        where as_of_date = '{day}' and task_code = '{code}'
        """,
    )


def measure_of(connection, measure, scope, agency="all", day=D2):
    return one(
        connection,
        f"""
        select numerator from marts.fct_measures
        where as_of_date = '{day}' and measure = '{measure}' and programme_scope = '{scope}'
            and agency_code = '{agency}'
        """,
    )[0]


@pytest.mark.parametrize(
    ("code", "case", "expected"),
    [(code, case[0], case[3]) for code, case in zip(CODES, STATUS_CASES, strict=True)],
)
def test_status(facts, code, case, expected):
    assert task_on(facts, D2, code) == (expected,), case


def test_word_that_contradicts_dates_is_flagged(facts):
    conflicts = facts.sql(
        f"""
        select task_code from marts.fct_tasks
        where as_of_date = '{D2}' and has_status_conflict and programme_code = 'NQ71'
        """
    ).fetchall()
    assert sorted(code for (code,) in conflicts) == [CODES[3], CODES[4]]


def test_task_of_several_leads_is_done_when_all_are_and_at_the_latest(facts):
    said = "status, completed_on"
    assert task_on(facts, D2, "KL-001", said) == ("DONE_ON_TIME", date(2025, 8, 25))
    assert task_on(facts, D2, "KL-002", said) == ("IN_PROGRESS_LATE", None)
    # Five of six cities are done; Cần Thơ has not spoken.
    assert task_on(facts, D2, "KL-003", said) == ("IN_PROGRESS_LATE", None)


def test_days_before_a_report_know_nothing_of_it(facts):
    assert task_on(facts, D1, "KL-001") == ("IN_PROGRESS_ON_TIME",)
    assert one(facts, "select count(distinct as_of_date) from marts.fct_tasks") == (66,)


def test_register_of_the_day_rules(facts):
    deadlines = "deadline, deadline_original"
    first, moved = date(2025, 8, 1), date(2025, 12, 1)
    assert task_on(facts, date(2025, 9, 22), "KL-005", deadlines) == (first, first)
    assert task_on(facts, D2, "KL-005", deadlines) == (moved, first)


def test_task_that_the_register_leaves_out_is_withdrawn(facts):
    assert one(
        facts, "select count(*), max(as_of_date) from marts.fct_tasks where task_code = 'KH02-009'"
    ) == (65, date(2025, 9, 22))
    assert one(facts, "select withdrawn_on from marts.dim_tasks where task_code = 'KH02-009'") == (
        D2,
    )


def test_abolished_ministry_is_answered_for_by_its_successor(facts):
    found = facts.sql(
        "select agency_code, role from marts.bridge_task_agencies where task_code = 'KL-004'"
    ).fetchall()
    assert len(found) == 22
    assert [code for code, role in found if role == "lead"] == ["BKHCN"]


def test_group_has_its_members(facts):
    cities = facts.sql(
        "select agency_code from marts.bridge_task_agencies where task_code = 'KL-003' order by all"
    ).fetchall()
    assert [code for (code,) in cities] == ["P01", "P31", "P46", "P48", "P79", "P92"]


def test_versions(facts):
    found = facts.sql(
        """
        select status, reason_code, rows_received from marts.fct_submissions
        where agency_code = 'BQP' and submission_id is not null order by received_at
        """
    ).fetchall()
    assert found == [("SUPERSEDED", None, 10), ("HELD", "rows_fell", 6), ("ACCEPTED", None, 8)]


def test_the_same_cells_again_are_no_new_version(facts):
    found = facts.sql(
        """
        select status, reason_code, rows_received, rows_kept + rows_rejected
        from marts.fct_submissions
        where agency_code = 'BCT' and submission_id is not null order by received_at
        """
    ).fetchall()
    assert found == [
        ("SUPERSEDED", None, 10, 10),
        ("SUPERSEDED", "same_content", 10, 10),
        ("HELD", "rows_fell", 6, None),
        ("SUPERSEDED", "same_content", 10, 10),
        ("SUPERSEDED", None, 10, 10),
        ("ACCEPTED", None, 10, 10),
    ]


@pytest.mark.parametrize(
    ("agency", "status", "reason"),
    [
        ("BNG", "HELD", "other_agency"),
        ("BYT", "ACCEPTED", None),
        ("BTP", "REFUSED", "refused_by_decision"),
        ("BNNMT", "ACCEPTED", None),
        ("BXD", "EXPECTED", None),
    ],
)
def test_identity_and_decisions(facts, agency, status, reason):
    assert one(
        facts,
        f"""
        select status, reason_code from marts.fct_submissions
        where agency_code = '{agency}' and reporting_date = '{D2}'
        """,
    ) == (status, reason)


def test_a_register_comes_from_the_committee_alone(facts):
    """Not even by a decision: two registers would stand beside each other."""
    found = facts.sql(
        "select status, reason_code from marts.fct_submissions where form = 'register_tasks'"
        " and agency_code != 'BCD'"
    ).fetchall()
    assert found == [("REFUSED", "register_of_others")]
    assert task_on(facts, D2, "KL-777") is None
    assert task_on(facts, D2, "KL-001", "deadline") == (date(2025, 9, 1),)


def test_rows_are_kept_or_rejected_with_a_reason(facts):
    rejected = facts.sql(
        "select record_key, rejection_reason from intermediate.int_rejected_rows order by all"
    ).fetchall()
    assert rejected == [("KL-005", "duplicate_key"), (None, "no_key")]
    kept = one(
        facts,
        f"""
        select rows_received, rows_kept, rows_rejected from marts.fct_submissions
        where agency_code = 'BCA' and reporting_date = '{D2}'
        """,
    )
    assert kept == (5, 4, 1)


def test_window_counts_after_its_start_up_to_the_day(facts):
    assert measure_of(facts, "tasks_completed_in_window", "KL") == 1
    assert measure_of(facts, "tasks_assigned_in_window", "KL") == 0


def test_nation_counts_a_task_once_and_each_agency_once(facts):
    assert measure_of(facts, "tasks_assigned", "KL") == 5
    assert measure_of(facts, "tasks_involving_agency", "KL", "BCA") == 4
    assert measure_of(facts, "tasks_involving_agency", "KL", "provinces") == 1


def test_a_sheet_that_nobody_filled_in_leaves_what_stood_before(tmp_path):
    world = Scenario(tmp_path)
    world.register(D1, task("NQ71-001", "BKHCN"))
    world.report("BKHCN", D1, word("NQ71-001", "DONE", date(2025, 7, 1)))
    world.report("BKHCN", D2)
    with world.build(D2) as facts:
        found = facts.sql("select status, reported_on from marts.fct_tasks order by as_of_date")
        sent = facts.sql(
            "select count(*) from marts.fct_submissions where status = 'ACCEPTED'"
            " and reporting_date = '2025-09-23' and agency_code = 'BKHCN'"
        )
        assert found.fetchall()[-1] == ("DONE_ON_TIME", D1)
        assert sent.fetchall() == [(0,)]
