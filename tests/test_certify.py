"""Certifying a release, what its publication then says, and which publications stay."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import duckdb
import pytest
from click.testing import CliRunner
from killing import Killed, contents, disk_full, killed, leftovers, operations
from made_warehouse import FIRST, LAST, MIDDLE, Size, make_warehouse

from pipelines import certify, durable, frozen, publication, release, restate, retention, warehouse
from pipelines.cli import main
from pipelines.intake.archive import Decision, append_decision, read_decisions
from pipelines.report import chart
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.standing import CERTIFIED_RELEASE, Standing, standings

NOW = datetime(2025, 11, 3, 2, 30, tzinfo=UTC)
BY, NOTE = "Văn phòng Ban Chỉ đạo", "Phiên họp ngày 3/11"
STATES = "select release_id, state, state_by, state_at, state_note from history.releases order by 1"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Two days published, the later one in force. Never changed."""
    folder = tmp_path_factory.mktemp("certify")
    project = folder / "project"
    for part in ("dbt_project/seeds", "pipelines/templates"):
        shutil.copytree(PROJECT_ROOT / part, project / part)
    settings = Settings(folder / "data", real_input=folder, project_root=project)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publication, "program", lambda: "this one")
        for drawn in ("trend", "shares"):
            patch.setattr(chart, drawn, lambda *_: "")
        make_warehouse(settings.warehouse)
        release.publish(settings, MIDDLE)
        make_warehouse(settings.warehouse, Size(days=(FIRST, MIDDLE, LAST)))
        release.publish(settings, LAST)
    return settings


@pytest.fixture
def settings(two: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A data root of one's own."""
    shutil.copytree(two.data_root, tmp_path / "data", symlinks=True)
    for drawn in ("trend", "shares"):
        monkeypatch.setattr(chart, drawn, lambda *_: "")
    monkeypatch.setattr(publication, "program", lambda: "this one")
    monkeypatch.setenv("NQ57_DATA", str(tmp_path / "data"))
    return replace(two, data_root=tmp_path / "data")


def names(settings: Settings) -> tuple[str, str]:
    earlier, later = (folder.name for folder in frozen.releases(settings.archive))
    return earlier, later


def say(settings: Settings, name: str, *, withdraw: bool = False) -> certify.Certificate:
    return certify.certify(settings, name, BY, NOTE, NOW, withdraw=withdraw)


def ask(database: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def tables(folder: Path) -> dict[str, list[tuple]]:
    """Every published table with all its rows, in their order."""
    database = folder / "nq57.duckdb"
    found = ask(database, "select schema_name || '.' || table_name from duckdb_tables()")
    return {name: ask(database, f"from {name}") for (name,) in found}


def page_of(settings: Settings, name: str) -> str:
    return (settings.releases / name / "index.html").read_text(encoding="utf-8")


def outside_the_banner(page: str) -> tuple[str, str]:
    before, _, rest = page.partition("<!-- state -->")
    return before, rest.partition("<!-- /state -->")[2]


class TestCertify:
    def test_is_said_everywhere(self, settings: Settings) -> None:
        earlier, later = names(settings)
        before = page_of(settings, later)
        assert "TẠM THỜI · PROVISIONAL" in before
        made = say(settings, later)
        assert (made.release_id, made.standing.state, made.is_shown) == (later, "CERTIFIED", True)
        folder = settings.published
        said = (later, "CERTIFIED", BY, NOW.replace(tzinfo=None), NOTE)
        unsaid = (earlier, "PROVISIONAL", None, None, None)
        assert ask(folder / "nq57.duckdb", STATES) == [unsaid, said]
        parquet = folder / "parquet" / "history" / "releases" / "*.parquet"
        assert ask(folder / "nq57.duckdb", STATES.replace("history.releases", f"'{parquet}'")) == [
            unsaid,
            said,
        ]
        page = page_of(settings, later)
        assert "ĐÃ CHỨNG NHẬN · CERTIFIED" in page
        assert f"{BY}, 03/11/2025 09:30: {NOTE}" in page
        assert outside_the_banner(page) == outside_the_banner(before)
        assert frozen.read_manifest(folder)["state"] == "CERTIFIED"
        assert frozen.check_release(folder) == []
        assert leftovers(settings.data_root) == []

    def test_is_one_decision_and_changes_nothing_else(self, settings: Settings) -> None:
        earlier, later = names(settings)
        kept, published = contents(settings.archive), tables(settings.published)
        instant = frozen.read_manifest(settings.published)["published_at"]
        other = contents(settings.releases / earlier)
        say(settings, later)
        line = contents(settings.archive)
        assert line.pop("decisions.jsonl")
        assert line == kept
        now = tables(settings.published)
        assert now.keys() == published.keys()
        assert [name for name in now if now[name] != published[name]] == ["history.releases"]
        assert frozen.read_manifest(settings.published)["published_at"] == instant
        assert contents(settings.releases / earlier) == other

    def test_no_knowledge_and_no_other_release(self, settings: Settings) -> None:
        """Neither what a run loads nor what a release is made from knows of a certificate."""
        _, later = names(settings)
        say(settings, later)
        warehouse.load_raw(replace(settings, data_root=_archive_alone(settings)), "x")
        loaded = ask(settings.data_root / "alone" / "warehouse.duckdb", "from raw.decisions")
        assert loaded == []
        again = release.publish(settings, LAST)
        assert (again.release_id, again.is_new, again.state) == (later, False, "CERTIFIED")
        assert frozen.read_manifest(again.frozen)["newest_decision"] is None

    def test_a_publication_made_again_says_the_same(self, settings: Settings) -> None:
        earlier, later = names(settings)
        say(settings, earlier)
        say(settings, later)
        said = tables(settings.published)
        shutil.rmtree(settings.releases)
        settings.published.unlink()
        made = release.publish(settings, LAST)
        assert made.state == "CERTIFIED"
        assert tables(settings.published) == said
        assert "ĐÃ CHỨNG NHẬN" in page_of(settings, later)

    def test_of_an_earlier_day_shows_in_the_published_file(self, settings: Settings) -> None:
        earlier, later = names(settings)
        page = page_of(settings, later)
        say(settings, earlier)
        for name in (earlier, later):
            rows = ask(settings.releases / name / "nq57.duckdb", STATES)
            assert [row[1] for row in rows] == ["CERTIFIED", "PROVISIONAL"][: len(rows)]
            assert frozen.check_release(settings.releases / name) == []
        assert page_of(settings, later) == page
        assert "ĐÃ CHỨNG NHẬN" in page_of(settings, earlier)

    def test_can_be_taken_back_and_given_again(self, settings: Settings) -> None:
        _, later = names(settings)
        fresh = tables(settings.published)["history.releases"]
        say(settings, later)
        back = certify.certify(settings, "published", BY, "Rà soát", NOW, withdraw=True)
        assert back.standing.state == "PROVISIONAL"
        page = page_of(settings, later)
        assert "TẠM THỜI · PROVISIONAL" in page
        assert f"certificate withdrawn</span>: {BY}, 03/11/2025 09:30: Rà soát" in page
        assert tables(settings.published)["history.releases"] != fresh
        assert say(settings, later).standing.state == "CERTIFIED"
        answers = [one.answer for one in read_decisions(settings.archive)]
        assert answers == ["certified", "withdrawn", "certified"]

    def test_a_pruned_publication_is_only_recorded(self, settings: Settings) -> None:
        earlier, _ = names(settings)
        shutil.rmtree(settings.releases / earlier)
        assert not say(settings, earlier).is_shown
        assert not (settings.releases / earlier).exists()
        assert ask(settings.published / "nq57.duckdb", STATES)[0][1] == "CERTIFIED"

    def test_a_reader_is_not_disturbed(self, settings: Settings) -> None:
        _, later = names(settings)
        with duckdb.connect(str(settings.published / "nq57.duckdb"), read_only=True) as reader:
            say(settings, later)
            assert [row[1] for row in reader.execute(STATES).fetchall()] == ["PROVISIONAL"] * 2
        assert ask(settings.published / "nq57.duckdb", STATES)[1][1] == "CERTIFIED"

    def test_known_at_leaves_out_later_certificates_of_others(self) -> None:
        decision = Decision(NOW, BY, CERTIFIED_RELEASE, "2025-09-23-a", "certified", NOTE)
        assert standings([decision], NOW - timedelta(seconds=1)) == {}
        assert standings([decision], NOW) == {"2025-09-23-a": Standing("CERTIFIED", BY, NOW, NOTE)}


class TestRefusals:
    def refused(self, settings: Settings, *arguments: str) -> str:
        before = contents(settings.data_root)
        result = CliRunner().invoke(main, ["certify", *arguments, "--by", BY, "--note", NOTE])
        assert result.exit_code == 1, result.output
        assert "Traceback" not in result.output
        assert " · " in result.stderr
        after = contents(settings.data_root)
        assert {one: after[one] for one in after if one != "lock"} == {
            one: before[one] for one in before if one != "lock"
        }
        return result.stderr

    def test_unknown(self, settings: Settings) -> None:
        assert "No release 2025-01-01-abc" in self.refused(settings, "2025-01-01-abc")
        assert "No release ../archive" in self.refused(settings, "../archive")

    def test_nothing_published(self, settings: Settings) -> None:
        settings.published.unlink()
        assert "nq57 run" in self.refused(settings, "published")

    def test_certified_already(self, settings: Settings) -> None:
        _, later = names(settings)
        say(settings, later)
        assert f"certified already: by {BY}, on 2025-11-03" in self.refused(settings, later)

    def test_nothing_to_take_back(self, settings: Settings) -> None:
        assert "nothing to take back" in self.refused(settings, "published", "--withdraw")

    @pytest.mark.parametrize("place", ["frozen", "published"])
    def test_not_whole(self, settings: Settings, place: str) -> None:
        _, later = names(settings)
        if place == "frozen":
            (settings.archive / "releases" / later / "scores.parquet").unlink()
        else:
            with (settings.published / "index.html").open("a") as page:
                page.write(" ")
        assert "is not whole" in self.refused(settings, later)

    def test_while_a_run_goes_on(self, settings: Settings) -> None:
        with warehouse.lock(settings, "another run"):
            assert "another run" in self.refused(settings, "published")

    @pytest.mark.parametrize("text", ["", " \t\n", "a" * 1001])
    def test_no_name_and_too_long_a_note(self, settings: Settings, text: str) -> None:
        for by, note in ((text, NOTE), (BY, text)):
            with pytest.raises(certify.NotCertified, match="1 to 1000 letters"):
                certify.certify(settings, "published", by, note, NOW)
        assert read_decisions(settings.archive) == []


def test_two_at_once_are_one_certificate(settings: Settings) -> None:
    def attempt(_: int) -> str:
        try:
            say(settings, "published")
        except (certify.NotCertified, warehouse.WarehouseBusy) as error:
            return type(error).__name__
        return "certified"

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(attempt, range(4)))
    assert found.count("certified") == 1
    assert len(read_decisions(settings.archive)) == 1
    assert frozen.check_release(settings.published) == []


HOSTILE = {
    "<script>alert(1)</script>": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<!-- /state --><b>x</b>": "&lt;!-- /state --&gt;&lt;b&gt;x&lt;/b&gt;",
    "=cmd|' /C calc'!A0": "=cmd|&#39; /C calc&#39;!A0",
    "a\x1b[31mb\u202ec\nd": "a\ufffd[31mb\ufffdc d",
    "[red]{{ 7 * 7 }}[/red]": "[red]{{ 7 * 7 }}[/red]",
}


def test_hostile_words_stay_words(settings: Settings) -> None:
    _, later = names(settings)
    before = outside_the_banner(page_of(settings, later))
    text, shown = " ; ".join(HOSTILE), " ; ".join(HOSTILE.values())
    arguments = ["certify", "published", "--by", f"An {text}", "--note", text]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    page = page_of(settings, later)
    assert f"<p>An {shown}, " in page
    assert f": {shown}</p>" in page
    assert outside_the_banner(page) == before
    listed = CliRunner().invoke(main, ["releases"]).output
    assert "\x1b" not in listed
    assert "\u202e" not in listed


class TestKill:
    def test_at_every_point(self, settings: Settings, two: Settings) -> None:
        """Publications stay whole; certifying again, or the next run, completes what is begun."""
        _, later = names(settings)
        steps = operations(lambda: say(settings, later))
        assert steps[0] == "append decisions.jsonl"
        assert steps[-1] == f"exchange {later}"
        expected = tables(settings.published)
        last = len(steps) - 1
        for number, moment in (*((n, "before") for n in range(len(steps))), (last, "after")):
            shutil.rmtree(settings.data_root)
            shutil.copytree(two.data_root, settings.data_root, symlinks=True)
            with pytest.raises(Killed), killed(number, moment):
                say(settings, later)
            assert frozen.check_release(settings.published) == []
            if read_decisions(settings.archive):
                with pytest.raises(certify.NotCertified, match="already"):
                    say(settings, later)
            else:
                say(settings, later)
            assert tables(settings.published) == expected
            assert len(read_decisions(settings.archive)) == 1
            assert leftovers(settings.data_root) == []

    def test_the_next_run_completes(self, settings: Settings) -> None:
        earlier, _ = names(settings)
        append_decision(
            settings.archive, Decision(NOW, BY, CERTIFIED_RELEASE, earlier, "certified", NOTE)
        )
        release.publish(settings, LAST)
        assert "ĐÃ CHỨNG NHẬN" in page_of(settings, earlier)
        assert ask(settings.published / "nq57.duckdb", STATES)[0][1] == "CERTIFIED"

    def test_full_disk(self, settings: Settings, two: Settings) -> None:
        _, later = names(settings)
        with disk_full(10**6) as writes:
            say(settings, later)
        for number in range(0, writes.count, max(1, writes.count // 5)):
            shutil.rmtree(settings.data_root)
            shutil.copytree(two.data_root, settings.data_root, symlinks=True)
            with pytest.raises((OSError, certify.NotShown)), disk_full(number):
                say(settings, later)
            assert frozen.check_release(settings.published) == []
            restate.bring_up_to_date(settings)
            state = "CERTIFIED" if read_decisions(settings.archive) else "PROVISIONAL"
            assert frozen.read_manifest(settings.published)["state"] == state
            assert frozen.check_release(settings.published) == []


class TestRetention:
    def many(self, settings: Settings, count: int) -> list[str]:
        """Copies of the earlier release, published a minute apart, the first the oldest."""
        earlier, _ = names(settings)
        made = [f"2025-09-23-{number:012x}" for number in range(count)]
        for number, name in enumerate(made):
            shutil.copytree(settings.archive / "releases" / earlier,
                            settings.archive / "releases" / name)  # fmt: skip
            folder = settings.releases / name
            folder.mkdir()
            manifest = frozen.read_manifest(settings.releases / earlier)
            at = datetime(2025, 10, 1, tzinfo=UTC) + timedelta(minutes=number)
            changed = {"release_id": name, "published_at": at.isoformat()}
            (folder / "manifest.json").write_text(json.dumps(manifest | changed))
        return made

    def test_keeps_the_newest_the_certified_and_the_published(self, settings: Settings) -> None:
        earlier, later = names(settings)
        made = self.many(settings, retention.KEPT + 3)
        manifest = frozen.read_manifest(settings.published)
        oldest = {"published_at": datetime(2025, 1, 1, tzinfo=UTC).isoformat()}
        frozen.write_manifest(settings.published.resolve(), manifest | oldest)
        append_decision(
            settings.archive, Decision(NOW, BY, CERTIFIED_RELEASE, made[1], "certified", NOTE)
        )
        (settings.releases / "mine").mkdir()
        (settings.releases / "mine" / "notes.txt").write_text("keep")
        kept = contents(settings.archive)
        pruned = retention.prune(settings)
        # 33 and the earlier one, which is the newest: 30 newest stay, one certified, one published.
        assert pruned == (made[0], made[2], made[3])
        assert (settings.releases / "mine" / "notes.txt").exists()
        for name in (earlier, later, made[1], *made[4:]):
            assert (settings.releases / name).is_dir()
        assert contents(settings.archive) == kept
        assert retention.prune(settings) == ()
        listed = {one.release_id: one for one in retention.listing(settings)}
        assert [listed[name].is_kept for name in made[:5]] == [False, True, False, False, True]
        assert listed[later].is_published

    def test_a_run_prunes_and_a_pruned_day_can_be_made_again(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        earlier, later = names(settings)
        monkeypatch.setattr(retention, "KEPT", 1)
        assert release.publish(settings, LAST).pruned == (earlier,)
        assert not (settings.releases / earlier).exists()
        assert frozen.check_release(settings.archive / "releases" / earlier) == []
        listed = CliRunner().invoke(main, ["releases"]).output.splitlines()
        assert [line.split()[-1] for line in listed[1:]] == ["pruned", "published"]
        assert listed[2].split()[:3] == [later, "2025-10-28", "PROVISIONAL"]

    @pytest.mark.parametrize("moment", ["before", "after"])
    def test_a_kill_leaves_nothing_half(
        self,
        settings: Settings,
        monkeypatch: pytest.MonkeyPatch,
        moment: Literal["before", "after"],
    ) -> None:
        earlier, later = names(settings)
        monkeypatch.setattr(retention, "KEPT", 1)
        with pytest.raises(Killed), killed(0, moment):
            retention.prune(settings)
        assert (settings.releases / earlier).exists() is (moment == "before")
        durable.sweep(settings.releases)
        retention.prune(settings)
        assert sorted(one.name for one in settings.releases.iterdir()) == [later]
        assert settings.published.resolve().name == later


def test_another_program_renders_the_same_release_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that changed shows with the next run; figures and the instant stay."""
    _, later = names(settings)
    before, instant = tables(settings.published), frozen.read_manifest(settings.published)
    (settings.published / "index.html").write_text("an older page")
    release.publish(settings, LAST)
    assert page_of(settings, later) == "an older page"
    monkeypatch.setattr(publication, "program", lambda: "newer")
    release.publish(settings, LAST)
    assert "<!doctype html>" in page_of(settings, later)
    assert tables(settings.published) == before
    manifest = frozen.read_manifest(settings.published)
    assert manifest["published_at"] == instant["published_at"]
    assert frozen.check_release(settings.published) == []
    assert leftovers(settings.data_root) == []


def test_the_program_is_all_that_publishes() -> None:
    here = PROJECT_ROOT / "pipelines"
    for pattern in publication.PROGRAM:
        assert list(here.glob(pattern)), pattern
    assert len(publication.program()) == 64
    assert publication.program() == publication.program()


def _archive_alone(settings: Settings) -> Path:
    alone = settings.data_root / "alone"
    (alone / "archive").mkdir(parents=True)
    shutil.copy(settings.archive / "decisions.jsonl", alone / "archive")
    return alone
