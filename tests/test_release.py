"""A release: identity, frozen tables, publication, and what stops it."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from killing import Killed, killed, leftovers, no_file_beyond, operations
from made_warehouse import FIRST, LAST, MIDDLE, Size, make_warehouse

from pipelines import frozen, publication, release
from pipelines.report import page
from pipelines.settings import PROJECT_ROOT, Settings

DAY_TWO = Size(days=(FIRST, MIDDLE, LAST))
PARTS = ("dbt_project/seeds", "pipelines/templates")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Warehouses, each made once."""
    folder = tmp_path_factory.mktemp("made")
    return {
        "first": make_warehouse(folder / "first.duckdb"),
        "later": make_warehouse(folder / "later.duckdb", DAY_TWO),
        "real": make_warehouse(folder / "real.duckdb", is_invented=False),
    }


@pytest.fixture
def settings(tmp_path: Path, made: dict[str, Path]) -> Settings:
    """A data root with a warehouse, and a project whose rules nobody else changes."""
    project = tmp_path / "project"
    for part in PARTS:
        shutil.copytree(PROJECT_ROOT / part, project / part)
    found = Settings(data_root=tmp_path / "data", real_input=tmp_path, project_root=project)
    use(found, made["first"])
    return found


def use(settings: Settings, warehouse: Path) -> None:
    settings.data_root.mkdir(exist_ok=True)
    shutil.copyfile(warehouse, settings.warehouse)


def change(settings: Settings, statement: str) -> None:
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(statement)


def ask(database: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def tables(database: Path) -> dict[str, list[tuple]]:
    """Every published table with all its rows, in their order."""
    names = ask(database, "select schema_name || '.' || table_name from duckdb_tables()")
    return {name: ask(database, f"from {name}") for (name,) in names}


class TestRuleSet:
    def test_changes_with_a_rule_and_not_with_a_cache(self, settings: Settings) -> None:
        before = release.rule_set_hash(settings.project_root)
        cache = settings.project_root / "dbt_project/seeds/__pycache__/x.pyc"
        cache.parent.mkdir()
        cache.write_bytes(b"cache")
        assert release.rule_set_hash(settings.project_root) == before
        (settings.project_root / "dbt_project/seeds/windows.csv").write_text("window_start\n")
        assert release.rule_set_hash(settings.project_root) != before

    def test_a_name_counts(self, settings: Settings) -> None:
        before = release.rule_set_hash(settings.project_root)
        seeds = settings.project_root / "dbt_project/seeds"
        shutil.move(seeds / "windows.csv", seeds / "windows_2.csv")
        assert release.rule_set_hash(settings.project_root) != before

    def test_own_templates_count(self, settings: Settings) -> None:
        before = release.publish(settings, MIDDLE)
        settings.templates[0].mkdir()
        shutil.copy(
            settings.project_root / "pipelines/templates/nq57-01.yml", settings.templates[0]
        )
        after = release.publish(settings, MIDDLE)
        assert after.release_id != before.release_id
        kept = settings.archive / "rule_sets" / after.rule_set_hash
        assert (kept / "templates/nq57-01.yml").exists()
        assert (kept / "dbt_project/seeds/windows.csv").exists()


class TestPublish:
    def test_publishes(self, settings: Settings) -> None:
        made = release.publish(settings, MIDDLE)
        assert made.is_new
        assert made.is_published
        assert made.release_id.startswith("2025-09-23-")
        assert settings.published.resolve() == made.path
        assert made.counts["tasks"] == 12
        assert frozen.check_release(made.path) == []
        assert frozen.check_release(made.frozen) == []
        assert made.page.read_text().startswith("<!doctype html>")
        assert ask(made.database, "select release_id from history.releases") == [(made.release_id,)]
        parquet = made.path / "parquet" / "marts" / "fct_tasks" / "*.parquet"
        assert ask(made.database, f"select count(*) from '{parquet}'") == [(24,)]

    def test_a_second_time_changes_nothing(self, settings: Settings) -> None:
        first = release.publish(settings, MIDDLE)
        files = {path: path.stat().st_mtime_ns for path in settings.data_root.rglob("*.*")}
        second = release.publish(settings, MIDDLE)
        assert (second.release_id, second.is_new) == (first.release_id, False)
        kept = {path for path in files if path.is_relative_to(settings.archive)}
        kept |= {path for path in files if path.is_relative_to(settings.releases)}
        assert kept
        assert all(path.stat().st_mtime_ns == files[path] for path in kept)

    def test_again_from_the_archive_alone(self, settings: Settings) -> None:
        first = tables(release.publish(settings, MIDDLE).database)
        shutil.rmtree(settings.releases)
        settings.published.unlink()
        second = release.publish(settings, MIDDLE)
        assert not second.is_new
        assert second.is_published
        assert tables(second.database) == first

    def test_the_order_of_the_warehouse_does_not_matter(self, settings: Settings) -> None:
        first = tables(release.publish(settings, MIDDLE).database)
        shutil.rmtree(settings.releases)
        change(
            settings,
            "create table t as from marts.fct_measures order by hash(measure || agency_code);"
            "drop table marts.fct_measures;"
            "create table marts.fct_measures as from t; drop table t",
        )
        assert tables(release.publish(settings, MIDDLE).database) == first

    def test_other_tables_from_the_same_knowledge_are_our_fault(self, settings: Settings) -> None:
        first = release.publish(settings, MIDDLE)
        change(settings, "update marts.fct_measures set value = value + 1")
        with pytest.raises(frozen.ReleaseChangedError, match="measures"):
            release.publish(settings, MIDDLE)
        assert settings.published.resolve() == first.path
        assert frozen.check_release(first.path) == []

    def test_the_last_digits_of_a_sum_do_not_count(self, settings: Settings) -> None:
        first = release.publish(settings, MIDDLE)
        change(settings, "update quality.scores set score = score + 1e-13")
        assert release.publish(settings, MIDDLE).release_id == first.release_id

    def test_a_file_from_the_past_makes_another_release(self, settings: Settings) -> None:
        first = release.publish(settings, MIDDLE)
        change(
            settings,
            "insert into raw.receipts values ('s-late', 'BCA', 'late.xlsx', 'abc', "
            "'2025-07-20 07:00:00', 'RECEIVED', null)",
        )
        assert release.publish(settings, MIDDLE).release_id != first.release_id

    def test_a_decision_makes_another_release(self, settings: Settings) -> None:
        first = release.publish(settings, MIDDLE)
        change(
            settings,
            "insert into raw.decisions values ('2025-09-24', 'x', 'held_submission', 's', "
            "'accept', '')",
        )
        second = release.publish(settings, MIDDLE)
        assert second.release_id != first.release_id
        manifest = json.loads((second.frozen / "manifest.json").read_text())
        assert manifest["newest_decision"]["answer"] == "accept"
        assert second.state == "PROVISIONAL"


class TestFlip:
    def test_goes_forward_only(self, settings: Settings, made: dict[str, Path]) -> None:
        use(settings, made["later"])
        newest = release.publish(settings, LAST)
        earlier = release.publish(settings, MIDDLE)
        assert not earlier.is_published
        assert settings.published.resolve() == newest.path
        assert frozen.check_release(earlier.path) == []

    def test_restated_knowledge_is_not_published(
        self, settings: Settings, made: dict[str, Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(release.warehouse, "leaves_out", lambda *_: True)
        first = release.publish(settings, MIDDLE)
        use(settings, made["later"])
        past = release.publish(settings, LAST, datetime(2025, 10, 30, tzinfo=UTC))
        assert not past.is_published
        assert settings.published.resolve() == first.path
        assert ask(past.database, "select known_at from history.releases where is_this_file") == [
            (datetime(2025, 10, 30),)
        ]

    def test_a_reader_is_not_disturbed(self, settings: Settings, made: dict[str, Path]) -> None:
        first = release.publish(settings, MIDDLE)
        with duckdb.connect(str(settings.published / "nq57.duckdb"), read_only=True) as reader:
            use(settings, made["later"])
            assert release.publish(settings, LAST).is_published
            seen = reader.execute("select max(as_of_date) from marts.fct_tasks").fetchall()
        assert seen == [(MIDDLE,)]
        assert frozen.check_release(first.path) == []


class TestContent:
    def test_history_holds_every_release(self, settings: Settings, made: dict[str, Path]) -> None:
        first = release.publish(settings, MIDDLE)
        use(settings, made["later"])
        second = release.publish(settings, LAST)
        assert ask(
            second.database,
            "select release_id, as_of_date, count(*) from history.release_tasks group by all "
            "order by all",
        ) == [(first.release_id, MIDDLE, 12), (second.release_id, LAST, 12)]
        assert ask(second.database, "select is_this_file from history.releases order by all") == [
            (False,),
            (True,),
        ]

    def test_says_that_data_are_invented(self, settings: Settings) -> None:
        made = release.publish(settings, MIDDLE)
        comments = ask(
            made.database,
            "select comment from duckdb_tables() where comment is not null union all "
            "select comment from duckdb_columns() where comment is not null",
        )
        assert len(comments) > 10
        assert all("INVENTED DATA" in comment for (comment,) in comments)
        parquet = made.path / "parquet" / "quality" / "scores" / "2025-09.parquet"
        ((notice,),) = ask(
            made.database,
            f"select decode(value) from parquet_kv_metadata('{parquet}') "
            "where decode(key) = 'notice'",
        )
        assert "INVENTED DATA" in notice
        assert "INVENTED DATA" in made.page.read_text()

    def test_says_nothing_of_the_kind_on_real_data(
        self, settings: Settings, made: dict[str, Path]
    ) -> None:
        use(settings, made["real"])
        real = release.publish(settings, MIDDLE)
        comments = ask(real.database, "select comment from duckdb_tables()")
        assert not any("INVENTED" in (comment or "") for (comment,) in comments)
        assert "INVENTED" not in real.page.read_text()

    def test_keeps_comments(self, settings: Settings) -> None:
        made = release.publish(settings, MIDDLE)
        ((comment,),) = ask(
            made.database,
            "select comment from duckdb_columns() "
            "where table_name = 'release_tasks' and column_name = 'status'",
        )
        assert comment.endswith("Derived status")
        assert "marts.fct_tasks.task_code" in publication.undescribed(made.database)
        assert "marts.fct_tasks.status" not in publication.undescribed(made.database)

    def test_personal_columns_stop_it(self, settings: Settings) -> None:
        change(settings, "alter table marts.fct_tasks add column responsible_person_raw varchar")
        with pytest.raises(publication.PersonalDataError, match="responsible_person_raw"):
            release.publish(settings, MIDDLE)
        assert not settings.published.exists()


class TestCheck:
    @pytest.mark.parametrize("name", ["index.html", "parquet/marts/fct_tasks/2025-09.parquet"])
    def test_sees_other_bytes(self, settings: Settings, name: str) -> None:
        made = release.publish(settings, MIDDLE)
        with (made.path / name).open("ab") as file:
            file.write(b" ")
        assert frozen.check_release(made.path) == [f"{name}: other bytes than the manifest"]

    def test_sees_a_missing_file(self, settings: Settings) -> None:
        made = release.publish(settings, MIDDLE)
        (made.frozen / "scores.parquet").unlink()
        assert frozen.check_release(made.frozen) == ["scores: missing, but in the manifest"]

    def test_sees_another_value(self, settings: Settings) -> None:
        made = release.publish(settings, MIDDLE)
        path = made.frozen / "measures.parquet"
        with duckdb.connect() as connection:
            connection.execute(f"create table t as from '{path}'")
            connection.execute("update t set value = 271 where measure = 'tasks_completed'")
            connection.execute(f"copy t to '{path}' (format parquet)")
        assert frozen.check_release(made.frozen) == ["measures: other content than the manifest"]


def test_a_limit_that_leaves_nothing_out_is_none(settings: Settings) -> None:
    """The release is that of a run without it, which publishes it with its history."""
    limited = release.publish(settings, MIDDLE, datetime(2100, 1, 1, tzinfo=UTC))
    assert not limited.is_published
    plain = release.publish(settings, MIDDLE)
    assert (plain.release_id, plain.is_new, plain.is_published) == (limited.release_id, False, True)
    assert ask(plain.database, "select known_at, release_order from history.releases") == [
        (None, 0)
    ]
    assert ask(plain.database, "select count(*) > 0 from history.fct_tasks") == [(True,)]


class TestKill:
    def test_at_every_point(
        self, settings: Settings, made: dict[str, Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The old publication stays valid and the next run completes.

        After an operation is before the next one but for what is not durable yet: only the last
        one is ended after it as well. The page takes half the time; `test_kill_job.py` has it.
        """
        monkeypatch.setattr(page, "write_page", lambda _, path, *__: path.write_text("page"))
        old = release.publish(settings, MIDDLE)
        use(settings, made["later"])
        backup = settings.data_root.with_name("backup")
        shutil.copytree(settings.data_root, backup, symlinks=True)
        steps = operations(lambda: release.publish(settings, LAST))
        expected = tables(settings.published / "nq57.duckdb")
        assert f"flip {settings.published.resolve().name}" in steps
        points = [(number, "before") for number in range(len(steps))]
        for number, moment in [*points, (len(steps) - 1, "after")]:
            shutil.rmtree(settings.data_root)
            shutil.copytree(backup, settings.data_root, symlinks=True)
            with pytest.raises(Killed), killed(number, moment):
                release.publish(settings, LAST)
            assert frozen.check_release(settings.published) == []
            is_flipped = settings.published.resolve() != old.path
            assert not is_flipped or "flip" in " ".join(steps[: number + 1])
            release.publish(settings, LAST)
            assert tables(settings.published / "nq57.duckdb") == expected
            assert leftovers(settings.data_root) == []

    def test_full_disk(self, settings: Settings, made: dict[str, Path]) -> None:
        old = release.publish(settings, MIDDLE)
        use(settings, made["later"])
        with pytest.raises((OSError, duckdb.Error)), no_file_beyond(20_000):
            release.publish(settings, LAST)
        assert settings.published.resolve() == old.path
        assert frozen.check_release(settings.published) == []
        assert release.publish(settings, LAST).is_published


def test_release_names_its_day(settings: Settings) -> None:
    assert release.publish(settings, date(2025, 7, 20)).release_id.startswith("2025-07-20-")
