"""A run that is killed, or whose disk is full, at any point: the next one makes it good.

Every durable operation of an action is listed, then the action is replayed and ended before and
after each of them, and at each of its writes. What a later run then makes must equal what an
undisturbed run makes, and nothing half-written may be seen in between.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from killing import (
    Killed,
    contents,
    disk_full,
    killed,
    leftovers,
    no_file_beyond,
    operations,
)

from pipelines import warehouse
from pipelines.intake import archive
from pipelines.intake.archive import Decision
from pipelines.intake.channels import pull
from pipelines.settings import Settings

NOW = datetime(2025, 9, 23, 8, 0, 0, tzinfo=UTC)
SENT = 1_758_500_000
DECISION = Decision(NOW, "someone", "held_submission", "abc", "accept", "confirmed by phone")

Action = Callable[[Settings], object]


def data_root(folder: Path) -> Settings:
    """Two agencies with one file each, one unknown, one that sent the same bytes as another."""
    for name, content in (
        ("BKHCN/a.xlsx", b"a"),
        ("BTC/b.xlsx", b"b" * 3_000_000),
        ("NOBODY/c.xlsx", b"c"),
        ("P01/a.xlsx", b"a"),
    ):
        path = folder / "inbox" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        os.utime(path, (SENT, SENT))
    return Settings(data_root=folder, real_input=folder / "none")


def pull_now(settings: Settings) -> None:
    pull(settings, NOW)


def pull_and_load(settings: Settings) -> None:
    pull(settings, NOW)
    warehouse.load_raw(settings, "no readings")


def decide(settings: Settings) -> None:
    archive.append_decision(settings.archive, DECISION)


def store_rule_set(settings: Settings) -> None:
    files = {"rules/a.csv": settings.inbox / "BKHCN/a.xlsx", "b.sql": settings.inbox / "BTC/b.xlsx"}
    archive.store_rule_set(settings.archive, files, "h1")


def raw_rows(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    with warehouse.connect(settings.warehouse, read_only=True) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'raw' order by all"
        ).fetchall()
        return {
            name: connection.execute(f"select * from raw.{name} order by all").fetchall()
            for (name,) in tables
        }


def archived(settings: Settings) -> dict[str, str]:
    """What the archive holds; only whole files may be under a name that readers look at."""
    for receipt in archive.read_receipts(settings.archive):
        assert archive.stored_file(settings.archive, receipt).is_file()
    return contents(settings.archive)


def kills(action: Action, folder: Path) -> Iterator[AbstractContextManager[object]]:
    """One context per point at which the action can be killed."""
    points = operations(lambda: action(data_root(folder / "listed")))
    assert points
    for number in range(len(points)):
        yield killed(number, "before")
        yield killed(number, "after")


def replay(settings: Settings, action: Action, end: AbstractContextManager[object]) -> None:
    with pytest.raises(Killed), end:
        action(settings)


def test_points_of_a_pull_are_all_known(tmp_path):
    points = operations(lambda: pull_now(data_root(tmp_path)))
    assert len(points) == 7, "three contents and four receipts"
    assert all(point.startswith("replace ") for point in points)
    assert operations(lambda: pull_now(Settings(tmp_path, tmp_path))) == []


def test_points_of_a_load_are_all_known(tmp_path):
    settings = data_root(tmp_path)
    assert operations(lambda: warehouse.load_raw(settings, "key")) == ["commit "]


@pytest.mark.parametrize("action", [pull_now, store_rule_set])
def test_kill_at_every_point_is_made_good_by_the_next_run(tmp_path, action: Action):
    undisturbed = data_root(tmp_path / "undisturbed")
    action(undisturbed)
    for number, end in enumerate(kills(action, tmp_path)):
        settings = data_root(tmp_path / f"{number}")
        replay(settings, action, end)
        archived(settings)
        action(settings)
        assert archived(settings) == archived(undisturbed)
        assert leftovers(settings.data_root) == []


def test_kill_at_every_point_leaves_schema_raw_whole(tmp_path):
    undisturbed = data_root(tmp_path / "undisturbed")
    pull_and_load(undisturbed)
    for number, end in enumerate(kills(pull_and_load, tmp_path)):
        settings = data_root(tmp_path / f"{number}")
        replay(settings, pull_and_load, end)
        pull_and_load(settings)
        assert raw_rows(settings) == raw_rows(undisturbed)
        assert archived(settings) == archived(undisturbed)


def test_kill_around_a_decision_keeps_it_whole_or_not_at_all(tmp_path):
    for number, end in enumerate(kills(decide, tmp_path)):
        settings = data_root(tmp_path / f"{number}")
        replay(settings, decide, end)
        assert archive.read_decisions(settings.archive) in ([], [DECISION])
        decide(settings)
        assert set(archive.read_decisions(settings.archive)) == {DECISION}


def failures(action: Action, folder: Path) -> Iterator[Settings]:
    """One data root per write of the action, each after a run that failed at that write."""
    counted = data_root(folder / "counted")
    with disk_full(10**6) as writes:
        action(counted)
    assert writes.count > 0
    for number in range(writes.count):
        settings = data_root(folder / f"{number}")
        with pytest.raises(OSError, match="No space left"), disk_full(number):
            action(settings)
        yield settings


@pytest.mark.parametrize("action", [pull_now, store_rule_set])
def test_full_disk_at_every_write_leaves_nothing_half_done(tmp_path, action: Action):
    undisturbed = data_root(tmp_path / "undisturbed")
    action(undisturbed)
    for settings in failures(action, tmp_path):
        assert leftovers(settings.data_root) == []
        assert archived(settings).items() <= archived(undisturbed).items()
        action(settings)
        assert archived(settings) == archived(undisturbed)


def test_decision_on_a_full_disk_is_not_there(tmp_path):
    for settings in failures(decide, tmp_path):
        assert archive.read_decisions(settings.archive) == []
        decide(settings)
        assert archive.read_decisions(settings.archive) == [DECISION]


def test_warehouse_that_cannot_grow_is_made_good_by_the_next_run(tmp_path):
    """DuckDB fails, or keeps the rows in its log when only the checkpoint had no room."""
    undisturbed = data_root(tmp_path / "undisturbed")
    pull_and_load(undisturbed)
    size = undisturbed.warehouse.stat().st_size
    failed = 0
    for limit in (0, 1, 4096, 12288, size // 4, size // 2, size - 1):
        settings = data_root(tmp_path / f"{limit}")
        pull_now(settings)
        try:
            with no_file_beyond(limit):
                warehouse.load_raw(settings, "no readings")
        except duckdb.Error:
            failed += 1
        else:
            assert raw_rows(settings) == raw_rows(undisturbed)
        pull_and_load(settings)
        assert raw_rows(settings) == raw_rows(undisturbed)
    assert failed >= 3
