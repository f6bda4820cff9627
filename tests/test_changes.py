"""What changed between two releases: every figure split by cause, without remainder."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import chain
import duckdb
import pytest
from click.testing import CliRunner
from conftest import World, copy_project
from made_warehouse import LAST, MIDDLE, Size, make_warehouse
from openpyxl import load_workbook

from pipelines import dbt_process, frozen, publication, release
from pipelines.changes import compare, record
from pipelines.changes.causes import (
    ORDER,
    UNEXPLAINED,
    Inputs,
    Source,
    causes_of,
    ladder,
    sources_between,
)
from pipelines.changes.difference import KEY, Difference, difference, find_release
from pipelines.changes.split import Ladder
from pipelines.changes.worlds import Worlds
from pipelines.cli import main
from pipelines.published import UnknownName
from pipelines.report.difference import lines, write_csv
from pipelines.report.moved import movers
from pipelines.settings import Settings

DAY = date(2025, 10, 25)
SLOTS = {
    "s1": frozenset({("tasks", DAY)}),
    "s2": frozenset({("tasks", DAY)}),
    "s3": frozenset({("services", DAY)}),
    "s4": frozenset({("tasks", DAY), ("datasets", DAY)}),
    "r1": frozenset({("register_tasks", DAY)}),
    "r2": frozenset({("register_tasks", DAY)}),
}
AGENCIES = {"s1": "BTC", "s2": "BYT", "s3": "BTC", "s4": "BTC", "r1": "BCD", "r2": "BCD"}
WORTH = {"s1": 3.1, "s2": 0.7, "s3": 11.0, "s4": -2.3, "r1": 5.0, "r2": 6.5}
"""What each file adds to the invented figures: `s4` corrects `s1`, `r2` is a later register."""


def manifest(
    submissions: str = "r1 s1",
    decisions: str = "",
    day: date = DAY,
    rules: str = "old",
) -> dict[str, Any]:
    known = {
        "as_of_date": f"{day}",
        "known_at": None,
        "rule_set_hash": rules,
        "is_invented": True,
        "submissions": [
            {
                "received_at": "2025-10-25T01:00:00Z",
                "submission_id": one,
                "agency_code": AGENCIES[one],
                "file_name": f"{one}.xlsx",
            }
            for one in submissions.split()
        ],
        "decisions": [
            {
                "decided_at": "2025-10-25T02:00:00Z",
                "kind": "held_submission",
                "key": one,
                "answer": "accept",
            }
            for one in decisions.split()
        ],
    }
    mark = hash((submissions, decisions, rules)) & 0xFFFFFF
    return known | {"release_id": f"{day}-{mark:06x}"}


def told(inputs: Inputs) -> dict[str, float | None]:
    """Invented figures in which causes multiply, so that none of them acts alone."""
    submitted = sum(WORTH[one] for one in sorted(inputs.submissions))
    weight = 1.3 if inputs.rule_set_hash == "new" else 1.0
    late = (inputs.day - DAY).days / 7
    answers = 1 + len(inputs.decisions) / 3
    return {
        "product": weight * submitted * answers * (1 - late / 11),
        "days": late,
        "services": WORTH["s3"] / 7 if "s3" in inputs.submissions else None,
        "constant": 0.1 + 0.2,
    }


def write_figures(inputs: Inputs, database: Path) -> None:
    """The three tables that figures, ranks and scores are read from."""
    database.unlink(missing_ok=True)
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "create schema marts; create schema quality;"
            "create table marts.fct_measures (as_of_date date, measure varchar,"
            " programme_scope varchar, agency_code varchar, window_start date, value double);"
            "create table marts.agency_scorecards (as_of_date date, programme_scope varchar,"
            " agency_code varchar, rank_in_peer_group bigint);"
            "create table quality.scores (as_of_date date, agency_code varchar, subject varchar,"
            " dimension varchar, score double)"
        )
        for measure, value in told(inputs).items():
            for window in (None, DAY - timedelta(days=30)):
                connection.execute(
                    "insert into marts.fct_measures values (?, ?, '', 'all', ?, ?)",
                    [inputs.day, measure, window, value],
                )
        connection.execute(
            "insert into marts.agency_scorecards values (?, '', 'BTC', ?)",
            [inputs.day, len(inputs.submissions)],
        )
        connection.execute(
            "insert into quality.scores values (?, 'BTC', 'all', 'all', ?)",
            [inputs.day, told(inputs)["product"]],
        )


@pytest.fixture
def archive(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A data root whose worlds are told by `told` instead of by a run."""
    settings.data_root.mkdir()
    monkeypatch.setattr(compare, "Worlds", Told)
    monkeypatch.setattr(compare, "_slots", lambda _: SLOTS)
    Told.built.clear()
    return settings


class Told:
    """Worlds without a run."""

    built: ClassVar[list[Inputs]] = []

    def __init__(self, settings: Settings) -> None:
        self.path = settings.data_root / "world.duckdb"

    def __enter__(self) -> Told:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def build(self, inputs: Inputs) -> Path:
        self.built.append(inputs)
        write_figures(inputs, self.path)
        return self.path


def freeze(settings: Settings, known: dict[str, Any]) -> dict[str, Any]:
    """A release as the archive keeps it, as far as a comparison looks at it."""
    folder = settings.archive / "releases" / known["release_id"]
    folder.mkdir(parents=True, exist_ok=True)
    database = settings.data_root / "frozen.duckdb"
    write_figures(Inputs.of(known), database)
    with duckdb.connect(str(database)) as connection:
        for name, table in (
            ("measures", "marts.fct_measures"),
            ("scorecards", "marts.agency_scorecards"),
            ("scores", "quality.scores"),
        ):
            connection.execute(f"copy {table} to '{folder / name}.parquet'")
    others = [one.name for one in frozen.releases(settings.archive) if one != folder]
    (folder / "manifest.json").write_text(json.dumps(known | {"releases_before": others}))
    return known


def split(
    settings: Settings, before: dict[str, Any], after: dict[str, Any], is_proved: bool = False
) -> list[dict[str, Any]]:
    for known in (before, after):
        freeze(settings, known)
    sources = compare.find_sources(settings, before, after)
    found = compare.climb(settings, before, after, sources, is_proved).split()
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def assert_exact(rows: list[dict[str, Any]]) -> None:
    """Neighbours meet to the last bit, and the parts add up."""
    keys = KEY.split(", ")
    ladders: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        ladders.setdefault(tuple(row[key] for key in keys), []).append(row)
    for steps in ladders.values():
        steps.sort(key=lambda row: row["cause_order"])
        assert steps[0]["value_without"] == steps[0]["value_before"]
        assert steps[-1]["value_with"] == steps[-1]["value_after"]
        for one, other in pairwise(steps):
            assert one["value_with"] == other["value_without"]
        if all(row["difference"] is not None for row in steps):
            whole = steps[0]["value_after"] - steps[0]["value_before"]
            assert sum(row["difference"] for row in steps) == pytest.approx(whole, abs=1e-12)


ALONE = {
    "rule_set": {"rules": "new"},
    "days": {"day": DAY + timedelta(days=3)},
    "register": {"submissions": "r1 s1 r2"},
    "new_submissions": {"submissions": "r1 s1 s2"},
    "corrections": {"submissions": "r1 s1 s4"},
    "decisions": {"decisions": "s1"},
}


@pytest.mark.parametrize("cause", ALONE)
def test_a_cause_alone_takes_no_world(archive: Settings, cause: str) -> None:
    before, after = manifest(), manifest(**ALONE[cause])
    rows = split(archive, before, after)
    assert {row["cause"] for row in rows} == {cause}
    assert {row["kind"] for row in rows} >= {"figure", "score"}
    expected = told(Inputs.of(after))["product"] - told(Inputs.of(before))["product"]
    product = [row for row in rows if row["measure"] == "product"]
    assert {row["window_start"] for row in product} == {None, DAY - timedelta(days=30)}
    assert all(row["difference"] == expected for row in product)
    assert not any(row["measure"] == "constant" for row in rows)
    assert Told.built == []


def test_nothing_changed(archive: Settings) -> None:
    assert split(archive, manifest(), manifest()) == []


def test_the_last_digit_of_a_sum_is_no_change(
    archive: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = told
    monkeypatch.setitem(
        globals(), "told", lambda one: real(one) | {"product": 5 + 1e-10 * len(one.submissions)}
    )
    rows = split(archive, manifest(), manifest("r1 s1 s2"))
    assert not [row for row in rows if row["measure"] in ("product", "quality_score")]


def test_two_causes_that_meet_add_up(archive: Settings) -> None:
    after = manifest("r1 s1 s2", decisions="s1")
    rows = split(archive, manifest(), after)
    assert_exact(rows)
    assert len(Told.built) == 1
    parts = {
        row["cause"]: row["difference"]
        for row in rows
        if row["measure"] == "product" and not row["window_start"]
    }
    # 8.1 → 8.8 by the file; × 4/3 by the decision: what both bring is counted with the later one.
    assert parts["new_submissions"] == pytest.approx(0.7)
    assert parts["decisions"] == pytest.approx(8.8 / 3)


def test_all_causes_in_their_order(archive: Settings) -> None:
    after = manifest("r1 r2 s1 s2 s3 s4", "s1 s3", DAY + timedelta(days=2), "new")
    rows = split(archive, manifest(), after)
    assert_exact(rows)
    assert len(Told.built) == len(ORDER) - 1
    of_product = [row for row in rows if row["measure"] == "product" and not row["window_start"]]
    assert [row["cause"] for row in of_product] == list(ORDER)
    services = [row for row in rows if row["measure"] == "services"]
    assert {row["cause"] for row in services} == {"new_submissions"}
    assert {(row["value_before"], row["difference"]) for row in services} == {(None, None)}


def test_the_last_cause_is_proved(archive: Settings) -> None:
    after = manifest("r1 s1 s2", decisions="s1")
    rows = split(archive, manifest(), after, is_proved=True)
    assert len(Told.built) == 2
    assert UNEXPLAINED not in {row["cause"] for row in rows}


def test_a_remainder_is_never_hidden(archive: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    after = manifest("r1 s1 s2", decisions="s1")
    real = told

    def drifted(inputs: Inputs) -> dict[str, float | None]:
        is_world = Told.built and Told.built[-1] == inputs
        return real(inputs) | ({"days": 1.5} if is_world else {})

    monkeypatch.setitem(globals(), "told", drifted)
    rows = split(archive, manifest(), after, is_proved=True)
    assert_exact(rows)
    left = [row for row in rows if row["cause"] == UNEXPLAINED]
    assert {(row["measure"], row["difference"]) for row in left} == {("days", -1.5)}


def test_backwards_is_the_same_with_the_other_sign(archive: Settings) -> None:
    one, other = manifest(), manifest("r1 s1 s4", day=DAY + timedelta(days=1))
    there, back = split(archive, one, other), split(archive, other, one)
    assert_exact(back)
    totals = [
        sum(row["difference"] for row in rows if row["measure"] == "product")
        for rows in (there, back)
    ]
    assert totals[0] == pytest.approx(-totals[1], abs=1e-12)
    assert {row["cause"] for row in back} == {"days", "corrections"}


class TestSources:
    def between(self, before: dict[str, Any], after: dict[str, Any], folder: Path) -> list[Source]:
        return sources_between(before, after, SLOTS, folder)

    def test_a_further_version_is_a_correction(self, tmp_path: Path) -> None:
        found = self.between(manifest("s1"), manifest("s1 s2 s3 s4"), tmp_path)
        causes = {one.key: one.cause for one in found}
        # BTC had sent tasks and no services; BYT nothing.
        assert causes == {
            "s2": "new_submissions",
            "s3": "new_submissions",
            "s4": "corrections",
        }
        assert {one.forms for one in found} == {"tasks", "services", "datasets, tasks"}
        assert {one.reporting_date for one in found} == {DAY}

    def test_two_first_versions_are_both_new(self, tmp_path: Path) -> None:
        found = self.between(manifest("r1"), manifest("r1 s1 s4"), tmp_path)
        assert {one.cause for one in found} == {"new_submissions"}

    def test_names_the_files_of_the_rule_set(self, tmp_path: Path) -> None:
        for rules, weight in (("old", "1"), ("new", "2")):
            (tmp_path / rules / "seeds").mkdir(parents=True)
            (tmp_path / rules / "seeds" / "weights.csv").write_text(weight)
            (tmp_path / rules / "seeds" / "words.csv").write_text("same")
        (tmp_path / "new" / "added.sql").write_text("")
        found = self.between(manifest(), manifest(rules="new"), tmp_path)
        assert [(one.key, one.is_added) for one in found] == [
            ("added.sql", True),
            ("seeds/weights.csv", False),
        ]

    def test_each_state_lets_in_one_cause(self, tmp_path: Path) -> None:
        before = manifest()
        after = manifest("r1 r2 s1 s4", "s1", DAY + timedelta(days=1), "new")
        sources = self.between(before, after, tmp_path)
        states = list(ladder(Inputs.of(before), Inputs.of(after), sources))
        assert len(states) == len(causes_of(sources)) == 5
        assert states[-1] == Inputs.of(after)
        first = replace(Inputs.of(before), rule_set_hash="new")
        assert states[:2] == [first, replace(first, day=DAY + timedelta(days=1))]
        assert "s4" not in states[2].submissions
        assert not states[3].decisions


class TestDifference:
    @pytest.fixture
    def way(self, archive: Settings) -> list[dict[str, Any]]:
        """Three releases, each compared with the one before when it was made."""
        made = [
            manifest(),
            manifest("r1 s1 s2", day=DAY + timedelta(days=1)),
            manifest("r1 s1 s2 s4", "s1", DAY + timedelta(days=2)),
        ]
        for before, after in pairwise(made):
            split(archive, before, after)
            sources = compare.find_sources(archive, before, after)
            rows = compare.climb(archive, before, after, sources).split().to_arrow_table()
            pair = record.Pair(after["release_id"], before["release_id"], after["as_of_date"])
            record.write(archive.warehouse, pair, rows, sources)
            folder = archive.archive / "releases" / after["release_id"]
            with duckdb.connect(str(archive.warehouse)) as connection:
                for name in record.TABLES:
                    path = folder / f"{name.removeprefix('release_')}.parquet"
                    connection.execute(
                        f"copy (select * exclude (release_id) from history.{name}) to '{path}'"
                    )
        Told.built.clear()
        return made

    def test_along_the_releases_between(self, archive: Settings, way: list[dict[str, Any]]) -> None:
        found = difference(archive, way[0]["release_id"], way[2]["release_id"])
        assert Told.built == []
        product = [
            row for row in found.rows if row["measure"] == "product" and not row["window_start"]
        ]
        assert {row["cause"] for row in product} == {
            "days",
            "new_submissions",
            "corrections",
            "decisions",
        }
        whole = told(Inputs.of(way[2]))["product"] - told(Inputs.of(way[0]))["product"]
        assert sum(row["difference"] for row in product) == pytest.approx(whole, abs=1e-12)
        assert {row["value_after"] for row in product} == {told(Inputs.of(way[2]))["product"]}
        assert [row["file_name"] for row in found.sources if row["file_name"]] == [
            "s2.xlsx",
            "s4.xlsx",
        ]

    def test_two_that_were_never_compared_take_worlds(
        self, archive: Settings, way: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(release, "rule_set_hash", lambda *_: "old")
        found = difference(archive, way[2]["release_id"], way[0]["release_id"])
        assert len(Told.built) == 3
        assert_exact(list(found.rows))

    def test_names(self, archive: Settings, way: list[dict[str, Any]]) -> None:
        ids = [one["release_id"] for one in way]
        assert find_release(archive, ids[1]).name == ids[1]
        assert find_release(archive, f"{DAY + timedelta(days=1)}").name == ids[1]
        again = freeze(archive, manifest("r1 s1 s2 s3", day=DAY + timedelta(days=1)))
        assert find_release(archive, f"{DAY + timedelta(days=1)}").name == again["release_id"]
        with pytest.raises(UnknownName, match="4 releases begin with it"):
            find_release(archive, "2025-10-")
        with pytest.raises(UnknownName, match="no release begins with it"):
            find_release(archive, "2024")

    def test_shown(self, archive: Settings, way: list[dict[str, Any]], tmp_path: Path) -> None:
        found = difference(archive, way[0]["release_id"], way[1]["release_id"])
        assert len(list(lines(found))) > 3
        hostile = dict(found.rows[0]) | {"agency_code": "=1+1"}
        path = tmp_path / "changes.csv"
        write_csv(Difference(found.before, found.after, [hostile], found.sources), path)
        with path.open(encoding="utf-8-sig") as file:
            (row,) = csv.DictReader(file)
        assert row["agency_code"] == "'=1+1"
        assert float(row["difference"]) == hostile["difference"]

    def test_of_the_terminal(
        self, archive: Settings, way: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("NQ57_DATA", str(archive.data_root))
        ids = [one["release_id"] for one in way]
        told = CliRunner().invoke(main, ["diff", ids[0], ids[2]])
        assert told.exit_code == 0, told.output
        assert all(word in told.output for word in ("corrections", "s4.xlsx", "product"))
        unknown = CliRunner().invoke(main, ["diff", "2024", ids[2]])
        assert unknown.exit_code == 1
        assert "Traceback" not in unknown.output

    def test_the_same_release(self, archive: Settings, way: list[dict[str, Any]]) -> None:
        found = difference(archive, way[1]["release_id"], way[1]["release_id"])
        assert list(lines(found))[-1].endswith("Nothing changed.")


def broken(settings: Settings) -> Told:
    raise OSError(f"{settings.data_root}: no space")


class TestPublished:
    """Comparisons of whole releases, made by hand."""

    @pytest.fixture
    def made(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> tuple[release.Release, release.Release]:
        monkeypatch.setattr(compare, "Worlds", broken)
        make_warehouse(settings.warehouse)
        first = chain.publish(settings, MIDDLE)
        make_warehouse(settings.warehouse, Size(days=(MIDDLE, LAST)))
        with duckdb.connect(str(settings.warehouse)) as connection:
            connection.execute(
                "create or replace table raw.reading_forms"
                " (submission_id varchar, form varchar, rows_received bigint)"
            )
        found = compare.compare_with_published(settings, LAST)
        assert found.release_before == first.release_id
        return first, chain.publish(settings, LAST)

    def ask(self, made: release.Release, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(made.database), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def test_a_fault_costs_the_split_and_not_the_release(
        self, made: tuple[release.Release, release.Release], settings: Settings
    ) -> None:
        """No world can be made: what changed is said all the same."""
        first, second = made
        assert second.is_published
        rows = self.ask(
            second,
            "select distinct release_id, release_before, cause from history.release_changes",
        )
        assert rows == [(second.release_id, first.release_id, UNEXPLAINED)]
        ((changed,),) = self.ask(
            second,
            "select count(*) from history.release_measures as a join history.release_measures as b"
            " using (measure, programme_scope, agency_code) where a.value != b.value"
            f" and a.window_start is null and b.window_start is null"
            f" and a.release_id = '{first.release_id}' and b.release_id = '{second.release_id}'",
        )
        assert changed > 0
        undescribed = publication.undescribed(second.database)
        assert not [name for name in undescribed if name.startswith("history.release_c")]
        with duckdb.connect(str(second.database), read_only=True) as connection:
            assert f"| {UNEXPLAINED} +" in movers(connection, second.release_id)
        assert "Có gì thay đổi" in second.page.read_text()
        assert first.release_id in second.page.read_text().split('id="changes"')[1]

    def test_it_comes_back_from_the_archive_alone(
        self, made: tuple[release.Release, release.Release], settings: Settings
    ) -> None:
        query = "from history.release_changes order by all"
        before = self.ask(made[1], query)
        shutil.rmtree(settings.releases)
        settings.published.unlink()
        with duckdb.connect(str(settings.warehouse)) as connection:
            connection.execute("drop table history.release_changes")
        found = compare.compare_with_published(settings, LAST)
        assert found.release_before is None
        again = chain.publish(settings, LAST)
        assert not again.is_new
        assert self.ask(again, query) == before
        assert frozen.check_release(again.frozen) == []


def in_this_process(settings: Settings, gates: bool = False, parsed_by: object = None) -> Any:
    """dbt without the seconds that its own process takes to start."""

    class InThisProcess:
        def __enter__(self) -> InThisProcess:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def build(self, *selection: str) -> None:
            chain.dbt(settings, *selection, gates=gates)

    return InThisProcess()


def test_a_world_takes_what_dbt_has_parsed_unless_a_file_is_younger(
    settings: Settings, tmp_path: Path
) -> None:
    settings = replace(settings, project_root=copy_project(tmp_path / "project"))
    kept = settings.dbt_target / "partial_parse.msgpack"
    assert dbt_process._parsed_before(settings, settings) is None
    settings.export()
    parsed = chain._manifest(settings.project_root)
    kept.parent.mkdir(parents=True)
    kept.write_bytes(parsed.to_msgpack())
    found = dbt_process._parsed_before(settings, settings)
    assert found.nodes.keys() == parsed.nodes.keys()
    (settings.dbt_project / "models" / "marts" / "fct_tasks.sql").touch()
    assert dbt_process._parsed_before(settings, settings) is None


REPORT = "NQ57-01_P01_2025-10-25.xlsx"
"""A report of services."""
RECEIVED = "Tổng hồ sơ tiếp nhận"


def correct(settings: Settings) -> None:
    """A report once more, with other numbers in its first rows."""
    path = settings.inbox / "P01" / REPORT
    book = load_workbook(path)
    sheet = book.worksheets[-1]
    heads = [_values(row) for row in sheet.iter_rows()]
    (at,) = {row.index(RECEIVED) + 1 for row in heads if RECEIVED in row}
    for row in range(10, 17):
        if isinstance(sheet.cell(row, at).value, int):
            sheet.cell(row, at).value += 1_000
    book.save(path.with_name(f"corrected_{REPORT}"))


def _values(row: tuple[Any, ...]) -> list[Any]:
    return [cell.value for cell in row]


def test_a_real_day_under_other_weights(
    small_copy: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A weight, a day and a correction: worlds by the steps of a run, and nothing left over."""
    monkeypatch.setattr("pipelines.day.DbtProcess", in_this_process)
    project = copy_project(tmp_path / "project")
    weights = project / "dbt_project" / "seeds" / "quality_weights.csv"
    weights.write_text(weights.read_text().replace("services,clean,1,", "services,clean,3,"))
    settings = replace(small_copy.settings, project_root=project)
    before = release.frozen.read_manifest(settings.published)
    correct(settings)
    day = date.fromisoformat(before["as_of_date"]) + timedelta(days=1)
    chain.intake(settings)
    chain.load(settings, day)
    chain.compute(settings, day)

    found = compare.compare_with_published(settings, day)
    assert found.fault is None
    assert (found.release_before, found.worlds) == (before["release_id"], 2)
    assert {cause for cause, _ in found.counts} >= {"rule_set", "corrections"}
    again = compare.compare_with_published(settings, day)
    assert (again.worlds, again.counts) == (0, found.counts)
    after = chain.publish(settings, day)
    with duckdb.connect(str(after.database), read_only=True) as connection:
        cursor = connection.execute("from history.release_changes")
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        sources = connection.execute(
            "select cause, key, file_name, reporting_date from history.release_causes"
            " where cause in ('rule_set', 'corrections')"
        ).fetchall()
    assert {row["kind"] for row in rows if row["cause"] == "rule_set"} == {"score"}
    assert ("rule_set", "dbt_project/seeds/quality_weights.csv", None, None) in sources
    assert [one[2] for one in sources if one[0] == "corrections"] == [f"corrected_{REPORT}"]
    received = [row for row in rows if row["measure"] == "dossiers_received"]
    assert received
    assert {row["cause"] for row in received} == {"corrections"}
    assert not list(settings.data_root.glob(".*.new"))

    assert_exact(rows)
    proof = Ladder()
    proof.start(after.frozen, day)
    with Worlds(settings) as worlds:
        proof.let_in(UNEXPLAINED, worlds.build(Inputs.of(frozen.read_manifest(after.frozen))), day)
    assert proof.split().fetchall() == []
