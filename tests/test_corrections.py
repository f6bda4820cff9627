"""What a correction does: withdrawals, changes of the register, and what was known before them."""

from datetime import UTC, date, datetime

import chain
import pytest
from conftest import copy_project
from scenario import Scenario, run_dbt
from test_abolished import send
from test_models import task, word

from pipelines import warehouse
from pipelines.intake.archive import Decision, append_decision
from pipelines.proof.recompute import count_tasks
from pipelines.proof.recompute_inputs import (
    Lists,
    Submission,
    accepted,
    load_lists,
    without_withdrawn,
)
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.verify import verify

D1, D2, DAY = date(2025, 8, 30), date(2025, 9, 1), date(2025, 9, 2)
FIRST, MOVED = date(2025, 8, 1), date(2025, 12, 1)
ROWS = [word(f"KL-{number}", "IN_PROGRESS") for number in range(100, 110)]


def hour(number):
    return datetime(2025, 8, 30, number)


REGULAR = {"deadline": None, "deadline_kind": "regular", "deadline_precision": None}
REGISTERS = [
    (D1, hour(1), [
        task("NQ71-001", "BKHCN", FIRST),
        task("NQ71-002", "BTC", FIRST),
        task("NQ71-003", "BCA", FIRST),
        task("NQ71-004", "BKHCN") | REGULAR,
    ]),
    # The same day once more: the first was wrong about NQ71-002 and NQ71-003.
    (D2, datetime(2025, 9, 1, 1), [task("NQ71-001", "BKHCN", MOVED), task("NQ71-002", "BCA", FIRST),
                                   task("NQ71-003", "BCA", FIRST)]),
    (D2, datetime(2025, 9, 1, 5), [task("NQ71-001", "BKHCN", MOVED), task("NQ71-002", "BNV", FIRST),
                                   task("NQ71-004", "BKHCN", FIRST)]),
]  # fmt: skip
REPORTS = [
    ("BKHCN", [word("NQ71-001", "IN_PROGRESS"), word("NQ71-004", "IN_PROGRESS")]),
    ("BTC", [word("NQ71-002", "DONE", date(2025, 7, 15))]),
    ("BNV", [word("NQ71-002", "IN_PROGRESS")]),
    ("BCA", [word("NQ71-003", "IN_PROGRESS")]),
]

# Agency: what it sent hour by hour (cells, rows), what was decided on which of them at which hour,
# and how each stands. One line, one case.
WITHDRAWALS = {
    "the version before stands again": (
        "BQP", ["a10", "b10"], [(2, "withdraw", 5)], ["ACCEPTED", "WITHDRAWN"]),
    "an older version changes nothing": (
        "BCT", ["a10", "b10"], [(1, "withdraw", 5)], ["WITHDRAWN", "ACCEPTED"]),
    "kept after all": (
        "BNG", ["a10", "b10"], [(2, "withdraw", 5), (2, "keep", 6)], ["SUPERSEDED", "ACCEPTED"]),
    "taken back once more": (
        "BTP", ["a10", "b10"], [(2, "withdraw", 5), (2, "keep", 6), (2, "withdraw", 7)],
        ["ACCEPTED", "WITHDRAWN"]),
    "the same cells go with it": (
        "BXD", ["a10", "b10", "b10"], [(2, "withdraw", 5)], ["ACCEPTED", "WITHDRAWN", "WITHDRAWN"]),
    "unless they are kept": (
        "BYT", ["a10", "b10", "b10"], [(2, "withdraw", 5), (3, "keep", 5)],
        ["SUPERSEDED", "WITHDRAWN", "ACCEPTED"]),
    "sent again afterwards": (
        "BDTTG", ["a10", "b10", "b10"], [(2, "withdraw", 2)],
        ["SUPERSEDED", "WITHDRAWN", "ACCEPTED"]),
    "a copy goes alone": (
        "BNNMT", ["a10", "a10"], [(2, "withdraw", 5)], ["ACCEPTED", "WITHDRAWN"]),
    "what was said before by others stands": (
        "TTCP", ["a10", "b10", "a10"], [(3, "withdraw", 5)],
        ["SUPERSEDED", "ACCEPTED", "WITHDRAWN"]),
    "what was held against it is compared with what is left": (
        "BVHTTDL", ["a10", "b3"], [(1, "withdraw", 5)], ["WITHDRAWN", "ACCEPTED"]),
    "the only one": ("BGDDT", ["a10"], [(1, "withdraw", 5)], ["WITHDRAWN"]),
}  # fmt: skip


def sent_by(case):
    """An agency's submissions of a case: number, cells, rows, hour."""
    _, sent, _, _ = WITHDRAWALS[case]
    for number, what in enumerate(sent, start=1):
        yield number, f"{case}{what[0]}", ROWS[: int(what[1:])], hour(number)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    world = Scenario(tmp_path_factory.mktemp("corrections"))
    for on, received, rows in REGISTERS:
        world.register(on, *rows, received=received)
    for agency, rows in REPORTS:
        world.report(agency, D1, *rows)
    for case, (agency, _, decisions, _) in WITHDRAWALS.items():
        keys = {
            number: world.report(agency, D1, *rows, received=at, content_hash=cells)
            for number, cells, rows, at in sent_by(case)
        }
        for number, answer, at in decisions:
            world.decide(keys[number], answer, "withdrawal", hour(at))
    world.build(DAY).close()
    return world


@pytest.fixture
def facts(world):
    with warehouse.connect(world.settings.warehouse, read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def lists():
    return load_lists(PROJECT_ROOT / "dbt_project" / "seeds")


@pytest.mark.parametrize("case", WITHDRAWALS)
def test_withdrawals(facts, case):
    agency, _, _, expected = WITHDRAWALS[case]
    found = facts.execute(
        "select status, reason_code, reason_vi is not null from marts.fct_submissions"
        " where agency_code = ? and submission_id is not null order by received_at",
        [agency],
    ).fetchall()
    assert [status for status, _, _ in found] == expected
    for status, reason, is_said in found:
        assert (reason == "withdrawn_by_decision") == is_said == (status == "WITHDRAWN")


@pytest.mark.parametrize("case", WITHDRAWALS)
def test_the_proof_knows_withdrawals(lists, case):
    agency, _, decisions, expected = WITHDRAWALS[case]
    submissions = [
        Submission(
            str(number), agency, "tasks", D1, at.replace(tzinfo=UTC), agency, agency,
            rows=rows, content_hash=cells,
        )
        for number, cells, rows, at in sent_by(case)
    ]  # fmt: skip
    answers = [
        {"decided_at": f"{hour(at):%Y-%m-%dT%H:%M:%SZ}", "kind": "withdrawal", "key": str(number),
         "answer": answer}
        for number, answer, at in decisions
    ]  # fmt: skip
    left = without_withdrawn(submissions, answers)
    numbers = [str(number) for number, status in enumerate(expected, 1) if status != "WITHDRAWN"]
    assert [one.submission_id for one in left] == numbers
    standing = [one.submission_id for one in accepted(left, lists, DAY)]
    assert standing == [str(n) for n, status in enumerate(expected, 1) if status == "ACCEPTED"]


def task_on(facts, code, day):
    return facts.execute(
        "select deadline, deadline_original, deadline_kind, status from marts.fct_tasks"
        " where task_code = ? and as_of_date = ?",
        [code, day],
    ).fetchall()


def proved(lists, day, **policies):
    """The status of each task by the second way to the figures."""
    said = [("register_tasks", "BCD", on, at, rows) for on, at, rows in REGISTERS]
    said += [("tasks", agency, D1, hour(3), rows) for agency, rows in REPORTS]
    submissions = [
        Submission(
            str(number), agency, form, on, at, agency, agency,
            rows=[{"row_number": 5, "percent_complete": None, "started_on": None, **row}
                  for row in rows],
        )
        for number, (form, agency, on, at, rows) in enumerate(said)
    ]  # fmt: skip
    under = Lists(**{**vars(lists), "policies": {**lists.policies, **policies}})
    return {one.task.code: one.status for one in count_tasks(submissions, under, day)["all"]}


def statuses(facts, day):
    return dict(
        facts.execute(
            "select task_code, status from marts.fct_tasks where as_of_date = ?", [day]
        ).fetchall()
    )


def test_an_extension_keeps_both_deadlines_and_the_current_one_counts(facts, lists):
    assert task_on(facts, "NQ71-001", D1) == [(FIRST, FIRST, "fixed", "IN_PROGRESS_LATE")]
    assert task_on(facts, "NQ71-001", D2) == [(MOVED, FIRST, "fixed", "IN_PROGRESS_ON_TIME")]
    assert task_on(facts, "NQ71-004", D2) == [(FIRST, None, "fixed", "IN_PROGRESS_LATE")]
    assert statuses(facts, DAY) == proved(lists, DAY)


def test_new_owners_answer_from_their_day_on(facts, lists):
    owners = facts.sql(
        "select agency_code, valid_from, valid_to from marts.bridge_task_agencies"
        " where task_code = 'NQ71-002' order by valid_from"
    ).fetchall()
    assert owners == [("BTC", D1, date(2025, 8, 31)), ("BNV", D2, None)]
    answering = facts.sql(
        "select as_of_date, agency_code, status from marts.fct_task_agencies"
        " where task_code = 'NQ71-002' and as_of_date >= '2025-08-31' order by all"
    ).fetchall()
    assert answering == [
        (date(2025, 8, 31), "BTC", "DONE_ON_TIME"),
        (D2, "BNV", "IN_PROGRESS_LATE"),
        (DAY, "BNV", "IN_PROGRESS_LATE"),
    ]
    assert statuses(facts, D1) == proved(lists, D1)


def test_a_register_corrects_another_of_the_same_date(facts):
    found = facts.sql(
        "select received_at, status from marts.fct_submissions"
        " where form = 'register_tasks' and reporting_date = '2025-09-01' order by all"
    ).fetchall()
    assert [status for _, status in found] == ["SUPERSEDED", "ACCEPTED"]
    owners = "select count(*) from marts.bridge_task_agencies where task_code = 'NQ71-002'"
    assert facts.sql(f"{owners} and agency_code = 'BCA'").fetchall() == [(0,)]


def test_a_task_is_withdrawn_by_the_register_that_leaves_it_out(facts):
    last = facts.sql("select max(as_of_date) from marts.fct_tasks where task_code = 'NQ71-003'")
    assert last.fetchall() == [(date(2025, 8, 31),)]
    withdrawn = "select withdrawn_on from marts.dim_tasks where task_code = 'NQ71-003'"
    assert facts.sql(withdrawn).fetchall() == [(D2,)]


def test_the_policy_decides_which_deadline_counts(world, lists):
    """The last test on this world: it changes the policy in it."""
    with warehouse.connect(world.settings.warehouse) as connection:
        connection.execute(
            "update seeds.policies set value = 'original' where policy = 'deadline_that_counts'"
        )
    selected = ("--select", "int_registered_tasks+", "--exclude", "tag:after_quality")
    run_dbt(world.settings, DAY, *selected)
    with warehouse.connect(world.settings.warehouse, read_only=True) as facts:
        assert task_on(facts, "NQ71-001", D2) == [(FIRST, FIRST, "fixed", "IN_PROGRESS_LATE")]
        assert task_on(facts, "NQ71-004", D2) == [(None, None, "regular", "REGULAR")]
        assert statuses(facts, DAY) == proved(lists, DAY, deadline_that_counts="original")


RELEASED, TAKEN_BACK = (datetime(2026, month, 1, tzinfo=UTC) for month in (2, 3))
SENT = date(2025, 9, 1)
REGISTERED = {
    "programme_code": "NQ71",
    "task_code": "NQ71-001",
    "title": "Nhiệm vụ (giả định)",
    "lead_agency": "Bộ Tài chính",
    "assigned_on": date(2025, 5, 15),
    "deadline": date(2025, 9, 30),
}
DONE = {**REGISTERED, "status": "Đã hoàn thành", "completed_on": date(2025, 8, 1)}


def stands(settings, known_at):
    """How the report stands, and the task by it, as could be known at an instant."""
    chain.load(settings, SENT, known_at)
    chain.dbt(settings, "--select", "+fct_submissions", "+fct_tasks")
    with warehouse.connect(settings.warehouse, read_only=True) as connection:
        return connection.execute(
            "select submissions.status, tasks.status from marts.fct_submissions as submissions"
            " cross join marts.fct_tasks as tasks where submissions.agency_code = 'BTC'"
            " and submissions.submission_id is not null and tasks.as_of_date = ?",
            [SENT],
        ).fetchall()


def test_a_decision_counts_from_its_own_instant_on(tmp_path):
    project = copy_project(tmp_path / "project")
    settings = Settings(tmp_path / "data", real_input=tmp_path, project_root=project)
    send(settings, "BCD", "register-01", date(2025, 8, 1), register_tasks=[REGISTERED])
    send(settings, "BTC", "nq57-01", SENT, tasks=[DONE])
    # The cover says another agency: it waits.
    book = settings.inbox / "BTC" / f"BTC_{SENT}.xlsx"
    book.unlink()
    send(settings, "BNV", "nq57-01", SENT, tasks=[DONE])
    (settings.inbox / "BNV" / f"BNV_{SENT}.xlsx").rename(book)
    chain.intake(settings)
    key = next(one.submission_id for one in chain.read_receipts(settings.archive)
               if one.agency_code == "BTC")  # fmt: skip
    for at, kind, answer in (
        (RELEASED, "held_submission", "accept"),
        (TAKEN_BACK, "withdrawal", "withdraw"),
    ):
        append_decision(settings.archive, Decision(at, "An", kind, key, answer, "x"))
    before = datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)
    assert stands(settings, before) == [("HELD", "UNKNOWN")]
    assert stands(settings, RELEASED) == [("ACCEPTED", "DONE_ON_TIME")]
    assert stands(settings, TAKEN_BACK) == [("WITHDRAWN", "UNKNOWN")]
    chain.rest(settings, SENT)
    assert verify(settings).holds
