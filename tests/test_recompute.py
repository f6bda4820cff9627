"""The second way to the figures: versions, registers, groups, statuses."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from pipelines.proof.recompute import COUNTS, WINDOW_COUNTS, Counted, count_tasks, figures
from pipelines.proof.recompute_inputs import Lists, Submission, current, load_lists
from pipelines.settings import PROJECT_ROOT
from pipelines.tracing.trace_queries import COUNTED

DAY = date(2025, 9, 23)
JULY = date(2025, 7, 20)


@pytest.fixture(scope="module")
def lists() -> Lists:
    return load_lists(PROJECT_ROOT / "dbt_project" / "seeds")


def submission(agency: str, on: date, *rows: dict[str, Any], **known: Any) -> Submission:
    received = known.pop("received", 3)
    return Submission(
        submission_id=known.pop("id", f"{agency}-{on}-{received}"),
        agency_code=agency,
        form="register_tasks" if agency == "BCD" else "tasks",
        reporting_date=on,
        received_at=datetime.combine(on, datetime.min.time()) + timedelta(hours=received),
        claimed_agency_raw=known.pop("claimed_raw", agency),
        claimed_agency_code=known.pop("claimed", agency),
        rows=[{"row_number": number, **row} for number, row in enumerate(rows, start=5)],
        **known,
    )


def registered(code: str = "NQ71-001", lead: tuple[str, ...] = ("BTC",), **known: Any) -> dict:
    return {
        "task_code": code,
        "programme_code": "NQ71",
        "lead_agency": lead,
        "coordinating_agencies": (),
        "assigned_on": date(2025, 4, 1),
        "deadline": date(2025, 9, 1),
        "deadline_kind": "fixed",
        "deadline_state": "present",
        **known,
    }


def word(code: str = "NQ71-001", **known: Any) -> dict[str, Any]:
    blank = {"status": None, "percent_complete": None, "started_on": None, "completed_on": None}
    return {"task_code": code, **blank, **known}


def nation(lists: Lists, *submissions: Submission, day: date = DAY) -> Counted:
    (one,) = count_tasks(submissions, lists, day)["all"]
    return one


class TestStatus:
    @pytest.mark.parametrize(
        ("said", "status"),
        [
            ({"completed_on": date(2025, 9, 1)}, "DONE_ON_TIME"),
            ({"completed_on": date(2025, 9, 2)}, "DONE_LATE"),
            ({"completed_on": DAY}, "DONE_LATE"),
            ({"completed_on": date(2025, 9, 24)}, "NOT_STARTED_LATE"),
            ({"status": "DONE"}, "DONE_UNKNOWN_DATE"),
            ({"status": "IN_PROGRESS"}, "IN_PROGRESS_LATE"),
            ({"status": "NOT_STARTED"}, "NOT_STARTED_LATE"),
            ({"percent_complete": 1.0}, "IN_PROGRESS_LATE"),
            ({"percent_complete": 0.0}, "NOT_STARTED_LATE"),
            ({"started_on": DAY}, "IN_PROGRESS_LATE"),
            ({"started_on": date(2025, 9, 24)}, "NOT_STARTED_LATE"),
        ],
    )
    def test_of_a_word(self, lists: Lists, said: dict[str, Any], status: str) -> None:
        one = nation(
            lists, submission("BCD", JULY, registered()), submission("BTC", JULY, word(**said))
        )
        assert one.status == status

    @pytest.mark.parametrize(
        ("task", "status"),
        [
            ({"deadline": DAY}, "NOT_STARTED_ON_TIME"),
            ({"deadline": None, "deadline_kind": "regular"}, "REGULAR"),
            ({"deadline": None, "deadline_kind": "annual"}, "REGULAR"),
            ({"deadline": None, "deadline_kind": "conditional"}, "NO_DEADLINE"),
            ({"deadline": None, "deadline_kind": "none", "deadline_state": "blank"}, "NO_DEADLINE"),
            (
                {"deadline": None, "deadline_kind": None, "deadline_state": "unreadable"},
                "UNKNOWN",
            ),
        ],
    )
    def test_of_a_deadline(self, lists: Lists, task: dict[str, Any], status: str) -> None:
        one = nation(
            lists, submission("BCD", JULY, registered(**task)), submission("BTC", JULY, word())
        )
        assert one.status == status

    def test_never_reported(self, lists: Lists) -> None:
        assert nation(lists, submission("BCD", JULY, registered())).status == "UNKNOWN"

    def test_the_first_of_two_rows_counts(self, lists: Lists) -> None:
        rows = word(completed_on=date(2025, 8, 1)), word(status="NOT_STARTED")
        one = nation(lists, submission("BCD", JULY, registered()), submission("BTC", JULY, *rows))
        assert one.status == "DONE_ON_TIME"


class TestLeads:
    def test_all_must_be_done_and_the_last_counts(self, lists: Lists) -> None:
        register = submission("BCD", JULY, registered(lead=("BTC", "BCA")))
        first = submission("BTC", JULY, word(completed_on=date(2025, 8, 1)))
        second = submission("BCA", JULY, word(completed_on=date(2025, 9, 5)))
        assert nation(lists, register, first).status == "IN_PROGRESS_LATE"
        both = nation(lists, register, first, second)
        assert (both.status, both.word.completed_on) == ("DONE_LATE", date(2025, 9, 5))

    def test_one_without_a_date_leaves_none(self, lists: Lists) -> None:
        register = submission("BCD", JULY, registered(lead=("BTC", "BCA")))
        first = submission("BTC", JULY, word(completed_on=date(2025, 8, 1)))
        second = submission("BCA", JULY, word(status="DONE"))
        assert nation(lists, register, first, second).status == "DONE_UNKNOWN_DATE"

    def test_a_group_is_its_members(self, lists: Lists) -> None:
        register = submission("BCD", JULY, registered(lead=("G-CITIES",)))
        counted = count_tasks([register], lists, DAY)
        assert {"P01", "P79", "provinces"} <= counted.keys()
        assert "central" not in counted
        assert "BTC" not in counted

    def test_a_successor_answers(self, lists: Lists) -> None:
        register = submission("BCD", JULY, registered(lead=("BKHDT",)))
        report = submission("BTC", JULY, word(completed_on=date(2025, 8, 1)))
        assert nation(lists, register, report).status == "DONE_ON_TIME"

    def test_a_lead_that_also_coordinates_is_a_lead(self, lists: Lists) -> None:
        task = registered(lead=("BTC",), coordinating_agencies=("G-ALL",))
        counted = count_tasks([submission("BCD", JULY, task)], lists, DAY)
        assert counted["BTC"][0].role == "lead"
        assert counted["BCA"][0].role == "coordinating"


class TestVersions:
    def rows(self, count: int, **said: Any) -> list[dict[str, Any]]:
        return [word(f"NQ71-{number:03d}", **said) for number in range(1, count + 1)]

    def test_the_newest_of_a_date_counts(self, lists: Lists) -> None:
        first = submission("BTC", JULY, *self.rows(10), received=3)
        second = submission("BTC", JULY, *self.rows(7), received=4)
        assert current([second, first], lists, DAY) == [second]

    def test_one_that_fell_is_held_until_it_is_accepted(self, lists: Lists) -> None:
        first = submission("BTC", JULY, *self.rows(10), received=3)
        second = submission("BTC", JULY, *self.rows(6), received=4)
        accepted = submission("BTC", JULY, *self.rows(6), received=4, answer="accept")
        assert current([first, second], lists, DAY) == [first]
        assert current([first, accepted], lists, DAY) == [accepted]

    def test_the_same_cells_again_are_no_new_version(self, lists: Lists) -> None:
        sent = [
            submission("BTC", JULY, *self.rows(9), received=hour, content_hash=cells)
            for hour, cells in enumerate("aaba")
        ]
        assert current(sent[:2], lists, DAY) == [sent[0]]
        assert current(sent[:3], lists, DAY) == [sent[2]]
        assert current(sent, lists, DAY) == [sent[3]]

    @pytest.mark.parametrize(
        ("cover", "counts"),
        [
            ({"claimed_raw": None, "claimed": None}, True),
            ({"claimed_raw": "Bộ Tài chính", "claimed": "BTC"}, True),
            ({"claimed_raw": "Bộ Công an", "claimed": "BCA"}, False),
            ({"claimed_raw": "???", "claimed": None}, False),
            ({"claimed_raw": "Bộ Công an", "claimed": "BCA", "answer": "accept"}, True),
            ({"answer": "refuse"}, False),
        ],
    )
    def test_identity(self, lists: Lists, cover: dict[str, Any], counts: bool) -> None:
        one = submission("BTC", JULY, *self.rows(1), **cover)
        assert bool(current([one], lists, DAY)) is counts

    @pytest.mark.parametrize(
        ("agency", "on", "counts"),
        [
            ("T24", date(2025, 6, 30), True),
            ("T24", date(2025, 7, 1), False),
            ("P24", date(2025, 6, 30), False),
            ("P24", date(2025, 7, 1), True),
            ("BCD", date(2024, 12, 22), True),
        ],
    )
    def test_who_does_not_exist_on_the_day_waits(
        self, lists: Lists, agency: str, on: date, counts: bool
    ) -> None:
        rows = (registered(),) if agency == "BCD" else self.rows(1)
        one = submission(agency, on, *rows, claimed_raw=None, claimed=None)
        assert bool(current([one], lists, DAY)) is counts
        taken = submission(agency, on, *rows, claimed_raw=None, claimed=None, answer="accept")
        assert current([taken], lists, DAY) == [taken]

    def test_a_report_stands_until_the_next_one(self, lists: Lists) -> None:
        register = submission("BCD", JULY, registered())
        early = submission("BTC", JULY, word(status="IN_PROGRESS"))
        late = submission("BTC", DAY, word(completed_on=date(2025, 8, 30)))
        before = DAY - timedelta(days=1)
        assert nation(lists, register, early, late, day=before).status == "IN_PROGRESS_LATE"
        assert nation(lists, register, early, late).status == "DONE_ON_TIME"

    def test_what_the_next_register_leaves_out_is_withdrawn(self, lists: Lists) -> None:
        first = submission("BCD", JULY, registered("NQ71-001"), registered("NQ71-002"))
        other = registered("KL-001", programme_code="KL")
        second = submission("BCD", DAY, registered("NQ71-002"))
        third = submission("BCD", JULY, other, received=5)
        codes = {one.task.code for one in count_tasks([first, second, third], lists, DAY)["all"]}
        assert codes == {"NQ71-002", "KL-001"}


class TestFigures:
    def test_windows_exclude_their_start(self, lists: Lists) -> None:
        tasks = [
            registered("NQ71-001", assigned_on=JULY),
            registered("NQ71-002", assigned_on=JULY + timedelta(days=1)),
            registered("NQ71-003", assigned_on=DAY),
            registered("NQ71-004", assigned_on=DAY + timedelta(days=1)),
        ]
        counted = count_tasks([submission("BCD", JULY, *tasks)], lists, DAY)
        found = figures(counted, lists, DAY)
        assert found["tasks_assigned_in_window", "NQ71+KL", "all", JULY].numerator == 2
        assert found["tasks_assigned", "NQ71+KL", "all", None].numerator == 4
        assert ("tasks_assigned", "KH02", "all", None) not in found

    def test_shares(self, lists: Lists) -> None:
        tasks = [registered(f"NQ71-00{number}") for number in range(1, 5)]
        said = [
            word("NQ71-001", completed_on=date(2025, 9, 1)),
            word("NQ71-002", completed_on=date(2025, 9, 2)),
            word("NQ71-003", status="IN_PROGRESS"),
        ]
        counted = count_tasks(
            [submission("BCD", JULY, *tasks), submission("BTC", JULY, *said)], lists, DAY
        )
        found = figures(counted, lists, DAY)
        assert found["on_time_share_of_done", "", "BTC", None].value == 0.5
        assert found["on_time_share_of_due", "", "all", None].value == 0.25
        assert ("tasks_unknown", "", "provinces", None) not in found
        assert found["tasks_unknown", "", "central", None].numerator == 1

    def test_knows_every_measure(self) -> None:
        shares = {"on_time_share_of_done", "on_time_share_of_due"}
        existing = {"tasks_assigned", "tasks_involving_agency", "agencies_with_tasks"}
        assert COUNTS.keys() | WINDOW_COUNTS.keys() | shares | existing == COUNTED.keys()
