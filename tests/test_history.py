"""The history of facts: what publications knew, from when to when, folded from their changes."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from killing import Killed, killed, leftovers, operations

from pipelines import durable, frozen, history, history_sql
from pipelines.settings import Settings

TASKS = "as_of_date date, task_code varchar, status varchar, percent_complete_pct double"
SLOTS = (
    "submission_id varchar, form varchar, agency_code varchar, reporting_date date, status varchar"
)
T1, T2, T3, T4 = (datetime(2025, 9, day, 8) for day in (1, 2, 3, 4))
DAY = "2025-09-23"
CERTIFIED = {"decided_at": "2025-09-30T08:00:00Z", "kind": history.CHANGES_NO_FACT}
Rows = list[tuple[Any, ...]]


@dataclass
class World:
    """A data root whose marts a test writes, and whose releases are frozen without publication."""

    settings: Settings

    def marts(self, rows: Rows, table: str = "fct_tasks", columns: str = TASKS) -> None:
        with duckdb.connect(str(self.settings.warehouse)) as connection:
            connection.execute("create schema if not exists marts")
            connection.execute(f"create or replace table marts.{table} ({columns})")
            if rows:
                marks = ", ".join("?" for _ in rows[0])
                connection.executemany(f"insert into marts.{table} values ({marks})", rows)

    def release(self, known: datetime, day: str = DAY, **manifest: Any) -> Path:
        """Freeze a release of what the marts say, and follow it."""
        archive = self.settings.archive
        before = [one.name for one in frozen.releases(archive)]
        folder = archive / "releases" / f"{day}-{len(before):03d}"
        said = {"as_of_date": day, "known_at": None, "decisions": [], "notice": None, "tables": {}}
        said |= {"submissions": [{"received_at": f"{known.isoformat()}Z"}]}
        said |= {"releases_before": before, **manifest}
        with durable.folder_aside(folder) as aside:
            frozen.write_manifest(aside, said | history.freeze(self.settings, aside, said))
        history.follow(self.settings, folder)
        return folder

    def knew(self, table: str = "fct_tasks", columns: str = "* exclude (as_of_date)") -> Rows:
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            query = f"select {columns} from history.{table} order by all"
            return connection.execute(query).fetchall()

    def forget(self) -> None:
        """Lose the history in the warehouse; the archive has it."""
        with duckdb.connect(str(self.settings.warehouse)) as connection:
            connection.execute("drop schema history cascade; drop schema folded cascade")


@pytest.fixture
def world(tmp_path: Path) -> World:
    settings = Settings(data_root=tmp_path / "data", real_input=tmp_path)
    settings.data_root.mkdir()
    return World(settings)


def task(code: str, status: str, percent: float | None = None, day: str = DAY) -> tuple[Any, ...]:
    return (day, code, status, percent)


class TestRows:
    def test_a_row_only_when_a_value_changes(self, world: World):
        for known, status in ((T1, "LATE"), (T2, "LATE"), (T3, "DONE")):
            world.marts([task("A", status), task("B", "LATE")])
            world.release(known)
        assert world.knew() == [
            ("A", "DONE", None, T3, None),
            ("A", "LATE", None, T1, T3),
            ("B", "LATE", None, T1, None),
        ]

    def test_a_new_day_begins_when_its_knowledge_came(self, world: World):
        world.marts([task("A", "LATE")])
        world.release(T1)
        # Nobody sent anything: the day advanced alone, and its rows follow from what was known.
        world.marts([task("A", "LATE"), task("A", "LATE", day="2025-09-24")])
        world.release(T1, "2025-09-24")
        rows = world.knew(columns="as_of_date::varchar, known_from, known_to")
        assert rows == [(DAY, T1, None), ("2025-09-24", T1, None)]

    def test_a_row_that_goes_closes_and_may_come_back(self, world: World):
        for known, rows in ((T1, [task("A", "LATE")]), (T2, []), (T3, [task("A", "LATE")])):
            world.marts(rows)
            world.release(known)
        assert world.knew() == [("A", "LATE", None, T1, T2), ("A", "LATE", None, T3, None)]

    def test_the_last_digits_of_a_sum_are_no_news(self, world: World):
        for known, percent in ((T1, 40.0), (T2, 40.0 + 1e-12), (T3, 40.1)):
            world.marts([task("A", "LATE", percent)])
            world.release(known)
        assert world.knew() == [("A", "LATE", 40.0, T1, T3), ("A", "LATE", 40.1, T3, None)]

    def test_null_is_a_name_and_a_value(self, world: World):
        slot = [(None, "tasks", "BTC", DAY, "EXPECTED"), (None, "tasks", "BCA", DAY, "EXPECTED")]
        sent = [("s", "tasks", "BTC", DAY, None), slot[1]]
        for known, rows in ((T1, slot), (T2, sent)):
            world.marts(rows, "fct_submissions", SLOTS)
            world.release(known)
        names = "agency_code, submission_id, status, known_from, known_to"
        assert world.knew("fct_submissions", names) == [
            ("BCA", None, "EXPECTED", T1, None),
            ("BTC", "s", None, T2, None),
            ("BTC", None, "EXPECTED", T1, T2),
        ]

    def test_two_rows_of_one_key_stop_it(self, world: World):
        world.marts([task("A", "LATE"), task("A", "DONE")])
        with pytest.raises(history_sql.DoubledKeyError, match="fct_tasks"):
            world.release(T1)
        assert frozen.releases(world.settings.archive) == []


class TestSameInstant:
    def test_what_was_said_by_other_rules_gives_way(self, world: World):
        for known, status in ((T1, "LATE"), (T2, "DONE"), (T2, "UNKNOWN")):
            world.marts([task("A", status)])
            world.release(known)
        assert world.knew() == [("A", "LATE", None, T1, T2), ("A", "UNKNOWN", None, T2, None)]

    def test_back_to_what_it_was_leaves_one_row(self, world: World):
        for known, status in ((T1, "LATE"), (T2, "DONE"), (T2, "LATE")):
            world.marts([task("A", status)])
            world.release(known)
        assert world.knew() == [("A", "LATE", None, T1, None)]

    def test_a_row_that_came_and_went_was_never_known(self, world: World):
        for rows in ([task("A", "LATE")], []):
            world.marts(rows)
            world.release(T1)
        assert world.knew() == []

    def test_knowledge_does_not_go_back(self, world: World):
        for known, status in ((T3, "LATE"), (T2, "DONE")):
            world.marts([task("A", status)])
            world.release(known)
        assert world.knew() == [("A", "DONE", None, T3, None)]

    def test_a_certificate_is_no_knowledge_of_facts(self, world: World):
        for status in ("LATE", "DONE"):
            world.marts([task("A", status)])
            world.release(T1, decisions=[CERTIFIED])
        assert world.knew() == [("A", "DONE", None, T1, None)]

    def test_any_other_decision_is(self, world: World):
        world.marts([task("A", "LATE")])
        world.release(T1, decisions=[CERTIFIED | {"kind": "held_submission"}])
        assert world.knew(columns="known_from") == [(datetime(2025, 9, 30, 8),)]


class TestMembers:
    @pytest.mark.parametrize(
        "manifest", [{"known_at": "2025-09-01T09:00:00"}, {"day": "2025-09-22"}]
    )
    def test_what_is_not_published_is_no_part(self, world: World, manifest: dict[str, str]):
        world.marts([task("A", "LATE")])
        world.release(T1)
        before = world.knew()
        world.marts([])
        aside = world.release(T2, **manifest)
        assert "history" not in frozen.read_manifest(aside)
        assert world.knew() == before

    def test_an_older_release_made_again_knows_what_it_knew(self, world: World):
        world.marts([task("A", "LATE")])
        first = world.release(T1)
        before = world.knew()
        world.marts([task("A", "DONE")])
        last = world.release(T2)
        after = world.knew()
        history.follow(world.settings, first)
        assert world.knew() == before
        history.follow(world.settings, last)
        assert world.knew() == after

    def test_made_again_it_adds_nothing_and_must_be_equal(self, world: World):
        for known, status in ((T1, "LATE"), (T2, "DONE")):
            world.marts([task("A", status)])
            last = world.release(known)
        history.compare(world.settings, last)
        world.marts([task("A", "UNKNOWN")])
        with pytest.raises(frozen.ReleaseChangedError, match="facts/fct_tasks"):
            history.compare(world.settings, last)


class TestColumns:
    def test_a_new_one_is_blank_before(self, world: World):
        world.marts([task("A", "LATE"), task("B", "LATE")])
        world.release(T1)
        rows = [(*task("A", "LATE"), None), (*task("B", "LATE"), "x")]
        world.marts(rows, columns=f"{TASKS}, note varchar")
        world.release(T2)
        expected = [
            ("A", "LATE", None, None, T1, None),
            ("B", "LATE", None, "x", T2, None),
            ("B", "LATE", None, None, T1, T2),
        ]
        assert world.knew() == expected
        world.forget()
        history.follow(world.settings, frozen.releases(world.settings.archive)[-1])
        assert world.knew() == expected

    def test_one_that_is_dropped_stays_at_the_end(self, world: World):
        world.marts([(*task("A", "LATE"), "x")], columns=f"{TASKS}, note varchar")
        world.release(T1)
        world.marts([task("A", "LATE"), task("B", "LATE")])
        world.release(T2)
        assert world.knew() == [
            ("A", "LATE", None, "x", T1, None),
            ("B", "LATE", None, None, T2, None),
        ]

    def test_a_wider_type_and_a_new_fact(self, world: World):
        world.marts([task("A", "LATE")], columns=TASKS.replace("double", "integer"))
        world.release(T1)
        world.marts([task("A", "LATE", 0.5)])
        world.marts([("s", "tasks", "BTC", DAY, "ACCEPTED")], "fct_submissions", SLOTS)
        world.release(T2)
        assert world.knew() == [("A", "LATE", 0.5, T2, None), ("A", "LATE", None, T1, T2)]
        assert len(world.knew("fct_submissions", "*")) == 1

    def test_they_are_described_as_the_facts_are(self, world: World):
        world.marts([])
        with duckdb.connect(str(world.settings.warehouse)) as connection:
            connection.execute(
                "comment on table marts.fct_tasks is 'Tasks. Grain as_of_date × task_code.';"
                "comment on column marts.fct_tasks.status is 'How far it is'"
            )
        world.release(T1)
        with duckdb.connect(str(world.settings.warehouse), read_only=True) as connection:
            ((table,),) = connection.execute(
                "select comment from duckdb_tables() where schema_name = 'history'"
            ).fetchall()
            columns = dict(
                connection.execute(
                    "select column_name, comment from duckdb_columns() "
                    "where schema_name = 'history' and comment is not null"
                ).fetchall()
            )
        assert "Tasks." in table
        assert table.endswith("Grain as_of_date × task_code × known_from.")
        assert columns == {"status": "How far it is"} | history_sql.COMMENTS


def states(dice: random.Random) -> list[tuple[datetime, dict[tuple[str, str], str | None]]]:
    """What the marts say one after the other, and when the knowledge behind it came."""
    told: dict[tuple[str, str], str | None] = {}
    known, found = T1, []
    for _ in range(9):
        known += timedelta(hours=dice.choice([0, 0, 1, 24]))
        for _ in range(dice.randint(0, 6)):
            key = (f"2025-{dice.choice(['08', '09'])}-20", dice.choice("ABCD"))
            if dice.random() < 0.3:
                told.pop(key, None)
            else:
                told[key] = dice.choice(["LATE", "DONE", None])
        found.append((known, dict(told)))
    return found


@pytest.mark.parametrize("seed", range(2))
def test_at_every_instant_it_is_what_was_said_last(world: World, seed: int):
    told = states(random.Random(seed))
    for known, rows in told:
        world.marts([(day, code, status, None) for (day, code), status in rows.items()])
        world.release(known)
    names = "as_of_date::varchar, task_code, status, known_from, known_to"
    folded = world.knew(columns=names)
    for instant, rows in dict(told).items():
        assert {
            (day, code): status
            for day, code, status, known_from, known_to in folded
            if known_from <= instant and (known_to is None or instant < known_to)
        } == rows
    periods = {(*row[:2], row[3]): row for row in folded}
    assert len(periods) == len(folded)
    for *key, status, _, known_to in folded:
        after = periods.get((*key, known_to))
        assert after is None or after[2] != status
    world.forget()
    history.follow(world.settings, frozen.releases(world.settings.archive)[-1])
    assert world.knew(columns=names) == folded


def test_killed_anywhere_and_run_again(world: World):
    world.marts([task("A", "LATE")])
    world.release(T1)
    world.marts([task("A", "DONE")])
    root = world.settings.data_root
    backup = root.with_name("backup")
    shutil.copytree(root, backup)
    steps = operations(lambda: world.release(T2))
    expected = world.knew()
    assert {step.split()[0] for step in steps} == {"replace", "commit"}
    for number in range(len(steps)):
        for moment in ("before", "after"):
            shutil.rmtree(root)
            shutil.copytree(backup, root)
            with pytest.raises(Killed), killed(number, moment):
                world.release(T2)
            durable.sweep(world.settings.archive / "releases")
            made = frozen.releases(world.settings.archive)
            if len(made) == 1:
                world.release(T2)
            else:
                history.compare(world.settings, made[-1])
            assert world.knew() == expected
            assert leftovers(root) == []


def test_other_bytes_in_the_archive_are_seen(world: World):
    world.marts([task("A", "LATE")])
    made = world.release(T1)
    assert frozen.check_release(made) == []
    with (made / "facts" / "fct_tasks.parquet").open("ab") as file:
        file.write(b" ")
    assert frozen.check_release(made) == ["facts/fct_tasks.parquet: other bytes than the manifest"]
