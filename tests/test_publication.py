"""A publication built upon the one before: the same tables, the files that did not change linked.

What the page on the two clocks asks of it has an answer.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from unittest.mock import patch

import duckdb
import pyarrow as pa
import pytest
from chain import tables
from made_warehouse import FIRST, LAST, MIDDLE, Size, make_warehouse

from pipelines import frozen, history, parts, release
from pipelines.changes import record
from pipelines.changes.causes import Source
from pipelines.report import page
from pipelines.settings import PROJECT_ROOT, Settings

GUIDE = (PROJECT_ROOT / "docs" / "time.md").read_text(encoding="utf-8")
SAID, NOW, CHANGED = re.findall(r"```sql\n(.*?)```", GUIDE, re.DOTALL)


@dataclass(frozen=True)
class Two:
    """Two releases of one data root, and the later one made from the archive alone."""

    settings: Settings
    first: release.Release
    second: release.Release
    alone: release.Release


def publish(settings: Settings, day: date) -> release.Release:
    """Without the page, which is looked at elsewhere."""
    with patch.object(page, "write_page", lambda _, path, *__: path.write_text("page")):
        return release.publish(settings, day)


def write_changes(settings: Settings, first: str, second: str) -> None:
    """What a comparison would have found: one file let a figure move."""
    change = {
        "kind": "figure",
        "measure": "tasks_overdue",
        "programme_scope": "",
        "agency_code": "all",
        "value_before": 3.0,
        "value_after": 4.0,
        "cause": "new_submissions",
        "cause_order": 1,
        "value_without": 3.0,
        "value_with": 4.0,
        "difference": 1.0,
    }
    source = Source("new_submissions", "submission", "s-BTC-2025-10-28")
    pair = record.Pair(second, first, f"{LAST}")
    record.write(settings.warehouse, pair, pa.Table.from_pylist([change]), [source])


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Two:
    root = tmp_path_factory.mktemp("two")
    settings = Settings(data_root=root / "data", real_input=root)
    make_warehouse(settings.warehouse)
    first = publish(settings, MIDDLE)
    make_warehouse(settings.warehouse, Size(days=(FIRST, MIDDLE, LAST)))
    with duckdb.connect(str(settings.warehouse)) as connection:  # a correction of the day before
        connection.execute(
            "update marts.fct_tasks set status = 'UNKNOWN' "
            f"where as_of_date = '{MIDDLE}' and task_code = 'NQ71-001'"
        )
    write_changes(settings, first.release_id, release.identify(settings, LAST)["release_id"])
    second = publish(settings, LAST)
    alone = Settings(data_root=root / "alone", real_input=root)
    for name in ("archive", "warehouse.duckdb"):
        copy = shutil.copytree if name == "archive" else shutil.copyfile
        alone.data_root.mkdir(exist_ok=True)
        copy(settings.data_root / name, alone.data_root / name)
    with duckdb.connect(str(alone.warehouse)) as connection:
        for schema in ("history", "folded"):
            connection.execute(f"drop schema {schema} cascade")
    return Two(settings, first, second, publish(alone, LAST))


def ask(database: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def parquet(made: release.Release) -> dict[str, Path]:
    root = made.path / "parquet"
    return {path.relative_to(root).as_posix(): path for path in root.rglob("*.parquet")}


class TestParts:
    def test_built_upon_the_one_before_it_is_as_built_alone(self, two: Two):
        assert not two.alone.is_new
        found = tables(two.second.database)
        assert {f'history."{table}"' for table in history.KEYS} < set(found)
        assert tables(two.alone.database) == found
        assert parquet(two.alone).keys() == parquet(two.second).keys()

    def test_so_are_comments_and_macros(self, two: Two):
        for query in (
            "select schema_name, table_name, column_name, data_type, comment "
            "from duckdb_columns() where not internal order by all",
            "select schema_name, table_name, comment from duckdb_tables() order by all",
            "select function_name, macro_definition, comment from duckdb_functions() "
            "where not internal order by all",
        ):
            assert ask(two.second.database, query) == ask(two.alone.database, query)

    def test_months_that_did_not_change_are_the_same_file(self, two: Two):
        before, after = parquet(two.first), parquet(two.second)
        both = before.keys() & after.keys()
        same = {name for name in both if before[name].samefile(after[name])}
        assert "marts/fct_tasks/2025-07.parquet" in same
        assert "marts/dim_agencies.parquet" in same
        assert "marts/fct_tasks/2025-09.parquet" not in same
        assert "marts/fct_tasks/2025-10.parquet" in after.keys() - before.keys()

    def test_files_hold_what_the_tables_hold(self, two: Two):
        with duckdb.connect(str(two.second.database), read_only=True) as connection:
            for schema, table in connection.execute(
                "select schema_name, table_name from duckdb_tables()"
            ).fetchall():
                files = [
                    str(path)
                    for name, path in parquet(two.second).items()
                    if name.startswith((f"{schema}/{table}.", f"{schema}/{table}/"))
                ]
                stored, rows = f"read_parquet({files})", f"{schema}.{table}"
                assert connection.execute(
                    f"select count(*), (from {rows} select count(*)),"
                    f" (select count(*) from (from {stored} except all from {rows})) from {stored}"
                ).fetchall() == [(n := connection.table(rows).shape[0], n, 0)], table

    def test_they_are_whole_and_the_first_is_not_touched(self, two: Two):
        for made in two.first, two.second, two.alone:
            assert frozen.check_release(made.path) == []
            assert frozen.check_release(made.frozen) == []

    def test_nothing_is_built_upon_a_damaged_or_another_one(self, two: Two, tmp_path: Path):
        folder = shutil.copytree(two.second.path, tmp_path / "copy")
        manifest = frozen.read_manifest(folder)
        by, notice = manifest["content"]["by"], manifest["notice"]
        assert parts.Before.of(folder, "nq57.duckdb", notice, by).folder == folder
        assert parts.Before.of(folder, "nq57.duckdb", None, by).folder is None
        assert parts.Before.of(folder, "nq57.duckdb", notice, "another program").folder is None
        with (folder / "nq57.duckdb").open("ab") as file:
            file.write(b" ")
        assert parts.Before.of(folder, "nq57.duckdb", notice, by).folder is None
        assert parts.Before.of(tmp_path, "nq57.duckdb", notice, by).folder is None


class TestTwoClocks:
    def test_what_we_said(self, two: Two):
        found = ask(two.second.database, SAID)
        ranked = "select rank_in_peer_group, agency_code from marts.agency_scorecards"
        assert found
        assert [row[:2] for row in found] == ask(
            two.first.database,
            f"{ranked} where as_of_date = '{MIDDLE}' and programme_scope = '' order by all",
        )

    def test_what_we_know_now(self, two: Two):
        found = ask(two.second.database, NOW)
        for database, column in ((two.first.database, 1), (two.second.database, 2)):
            counts = ask(
                database,
                "select status, count(*) from marts.fct_tasks "
                f"where as_of_date = '{MIDDLE}' group by status order by status",
            )
            assert [(row[0], row[column]) for row in found if row[column]] == counts
        assert ("UNKNOWN", 0, 1) in found

    def test_what_changed_and_why(self, two: Two):
        assert ask(two.second.database, CHANGED) == [
            ("figure", "tasks_overdue", "all", 3.0, 4.0, "new_submissions", 1.0, "s-BTC-2025-10-28")
        ]

    def test_it_is_one_page(self):
        assert len(GUIDE.splitlines()) <= 120


def test_the_guide_is_answered_on_the_sample(small_world):
    for query in (SAID, NOW, CHANGED):
        ask(small_world.database, query)
