"""The daily job, killed or out of disk at any point: the publication stays, the next run completes.

Two agencies have published 2025-09-23 and one new report lies in the inbox. Every durable operation
of the run that takes it in is listed; the run is ended before and after each of them, in this
process, and the next run is compared with an undisturbed one:

- killed while files are pulled: the archive, of which all else is made;
- killed while they are read: the readings and every row of schema `raw` that the next run loads;
- killed at a commit of what was read: every table of the warehouse once the next run has loaded,
  for the rest of a run looks at nothing else;
- killed at the commit of findings, before it, after it, then stopped by a file that cannot grow:
  everything published by a whole next run;
- killed at a commit of dbt, of which there are some hundred and fifty: at every ninth moment before
  or after one the warehouse file as it then lies on the disk is opened and every row of `raw` is
  compared; every third of these is loaded as by the next run; from one in each call of dbt the step
  is begun again and stopped by a file that cannot grow, then a whole next run is made and all it
  publishes compared;
- killed while publishing: everything published by the next publication; that a kill there leaves
  what was built in the warehouse as it was is looked at too: the rest of a next run is that of any.

At each point the publication is opened and checked against its manifest. Last, `nq57 run` itself:
killed by the system while it publishes, then on a disk too small, then to its end.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import chain
import duckdb
import pytest
from conftest import command
from killing import Killed, contents, disk_full, killed, leftovers, no_file_beyond, operations

from pipelines import frozen
from pipelines.intake import seen
from pipelines.sample.write import write_sample
from pipelines.settings import Settings
from pipelines.workbook.child import ReaderBroken

EARLIER, AS_OF = date(2025, 9, 23), date(2025, 10, 28)
AGENCIES = ("BCA", "P01")
SCHEMAS = ("raw", "seeds", "staging", "intermediate", "marts", "measured", "quality")
MOMENTS = ("before", "after")
DISK = (OSError, duckdb.Error, chain.DbtFailed, ReaderBroken)

Action = Callable[[Settings], object]


def pull(settings: Settings) -> None:
    chain.pull(settings, chain.NOW)


def load(settings: Settings) -> None:
    chain.load(settings, AS_OF)


def facts(settings: Settings) -> None:
    chain.dbt(settings, *chain.FACTS)


def measured(settings: Settings) -> None:
    chain.measure(settings.warehouse, settings.expectations, AS_OF)


def scores(settings: Settings) -> None:
    chain.dbt(settings, *chain.SCORES)


def publish(settings: Settings) -> None:
    chain.publish(settings, AS_OF)


def run(settings: Settings) -> None:
    chain.run(settings, AS_OF)


STEPS: dict[str, Action] = {
    "pull": pull,
    "read": chain.read,
    "load": load,
    "facts": facts,
    "measured": measured,
    "scores": scores,
    "publish": publish,
}


@dataclass(frozen=True)
class Job:
    """A run step by step: the disk before each of them, and what comes of it undisturbed."""

    settings: Settings
    kept: Path
    points: dict[str, list[str]]
    """The durable operations of each step."""
    expected: dict[str, object]

    def at(self, step: str) -> Settings:
        """The data root as it was before a step."""
        shutil.rmtree(self.settings.data_root)
        shutil.copytree(self.kept / step, self.settings.data_root, symlinks=True)
        return self.settings

    def assert_old_is_published(self) -> None:
        settings = self.settings
        assert settings.published.resolve().name == self.expected["old"]
        assert frozen.check_release(settings.published) == []
        assert tables(settings) == self.expected["old tables"]


def tables(settings: Settings) -> dict[str, tuple[int, int]]:
    return chain.tables(settings.published / "nq57.duckdb")


BOOKS = {"rules", "loaded_readings", "built_days", "built_senders", "steps_done"}
"""Tables of schema `raw` that are written later, or say what came from what, or what stands."""


def raw(database: Path) -> dict[str, tuple[int, int]]:
    """What a run loads."""
    found = chain.tables(database, "raw")
    return {name: rows for name, rows in found.items() if name.split('"')[1] not in BOOKS}


def readings(settings: Settings) -> dict[str, str]:
    return contents(settings.raw)


def archived(settings: Settings) -> dict[str, str]:
    """Receipts, files, decisions and rule sets; releases are compared by their tables."""
    found = contents(settings.archive)
    return {name: digest for name, digest in found.items() if not name.startswith("releases/")}


@pytest.fixture(scope="module", autouse=True)
def settled() -> Iterator[None]:
    """Files that were just copied count as old, so that each pull saves what it has seen."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seen, "SETTLED_SECONDS", float("-inf"))
        yield


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory, project: Path, settled: None) -> Job:
    """One publication and one new report; then the run that takes it in, kept before each step."""
    folder = tmp_path_factory.mktemp("job")
    settings = Settings(folder / "data", real_input=folder, project_root=project)
    write_sample(settings, AGENCIES, (date(2025, 7, 20), EARLIER))
    old = chain.run(settings, EARLIER)
    write_sample(settings, AGENCIES)
    for name in ("BCD/register_2025-10-28.xlsx", "BCA/NQ57-01_BCA_2025-10-28.xlsx"):
        (settings.inbox / name).unlink()
    expected: dict[str, object] = {"old": old.release_id, "old tables": tables(settings)}
    points = {}
    for name, step in STEPS.items():
        shutil.copytree(settings.data_root, folder / name, symlinks=True)
        points[name] = operations(lambda step=step: step(settings))
        if name == "load":
            expected["raw"] = raw(settings.warehouse)
    expected |= {
        "tables": tables(settings),
        "archive": archived(settings),
        "readings": readings(settings),
        "new": settings.published.resolve().name,
    }
    assert expected["new"] != expected["old"]
    return Job(settings, folder, points, expected)


def kills(points: list[str]) -> Iterator[AbstractContextManager[object]]:
    """One context per point at which a step can be killed."""
    for number in range(len(points)):
        for moment in MOMENTS:
            yield killed(number, moment)


def replay(settings: Settings, action: Action, end: AbstractContextManager[object]) -> None:
    with pytest.raises(Killed), end:
        action(settings)


def test_points_of_the_job_are_all_known(job: Job):
    new = job.expected["new"]
    files = len(job.points["read"])
    assert files == 3, "the register, the report, the report of services"
    assert len(job.points["pull"]) == 2 * files + 1, "each file and its receipt; what was seen"
    assert all(point.startswith("replace ") for point in job.points["pull"] + job.points["read"])
    assert job.points["load"] == ["commit ", "commit "]
    assert job.points["measured"] == ["commit ", "commit "], "what is to be judged; what was"
    assert job.points["facts"] == job.points["scores"] == [], "dbt's own: see below"
    assert job.points["publish"] == [
        "commit ",  # what is known of its changes
        "replace manifest.json",
        f"replace {new}",
        "commit ",  # what it said, for the publication to copy
        "replace index.html",
        "replace dictionary.html",
        "replace manifest.json",
        f"replace {new}",
        f"flip {new}",
        "replace published",
    ]


def test_kill_while_files_are_pulled(job: Job):
    for end in kills(job.points["pull"]):
        settings = job.at("pull")
        replay(settings, pull, end)
        job.assert_old_is_published()
        pull(settings)
        assert archived(settings) == job.expected["archive"]
        assert leftovers(settings.data_root) == []


def assert_read_and_loaded(job: Job) -> None:
    """After what stopped the reading, the next run."""
    settings = job.settings
    job.assert_old_is_published()
    chain.intake(settings)
    load(settings)
    assert archived(settings) == job.expected["archive"]
    assert readings(settings) == job.expected["readings"]
    assert raw(settings.warehouse) == job.expected["raw"]
    assert leftovers(settings.data_root) == []


def test_kill_while_files_are_read(job: Job):
    for end in kills(job.points["read"]):
        replay(job.at("read"), chain.read, end)
        assert_read_and_loaded(job)


def test_kill_while_readings_are_loaded(job: Job):
    """After the next load every table of the warehouse is as it is undisturbed."""
    expected = chain.tables(job.kept / "facts" / "warehouse.duckdb", *SCHEMAS)
    assert any(name.startswith("quality.") for name in expected)
    for end in kills(job.points["load"]):
        settings = job.at("load")
        replay(settings, load, end)
        job.assert_old_is_published()
        load(settings)
        assert chain.tables(settings.warehouse, *SCHEMAS) == expected


def test_kill_while_findings_are_stored(job: Job):
    """Before and after each commit, and once more by a file that cannot grow: then a whole run."""
    settings = job.at("measured")
    for end in kills(job.points["measured"]):
        replay(settings, measured, end)
        job.assert_old_is_published()
    assert_stopped(settings, measured)
    job.assert_old_is_published()
    run(settings)
    assert tables(settings) == job.expected["tables"]
    assert leftovers(settings.data_root) == []


@pytest.mark.parametrize(("step", "middle"), [("facts", 56), ("scores", 16)])
def test_kill_at_a_commit_of_dbt(job: Job, step, middle, tmp_path, capsys):
    """DuckDB writes at commits: the file and its log, copied there, are what a kill leaves."""
    settings = job.at(step)
    beside = replace(settings, data_root=tmp_path / "data")
    beside.data_root.mkdir()
    beside.archive.symlink_to(settings.archive)
    beside.raw.symlink_to(settings.raw)
    seen: list[str] = []

    def look(moment: str) -> None:
        seen.append(moment)
        if len(seen) == middle:
            _copy_database(settings.warehouse, tmp_path / "middle.duckdb")
        if len(seen) % 9 == 0:
            _copy_database(settings.warehouse, beside.warehouse)
            if len(seen) % 27 == 0:
                load(beside)
            assert raw(beside.warehouse) == job.expected["raw"]

    chain.dbt_commits(lambda: STEPS[step](settings), look)
    job.assert_old_is_published()
    assert seen.count("before") == seen.count("after") > middle // 2
    settings = job.at(step)
    _copy_database(tmp_path / "middle.duckdb", settings.warehouse)
    assert_stopped(settings, STEPS[step])
    run(settings)
    assert tables(settings) == job.expected["tables"]
    with capsys.disabled():
        print(f"\ncommits of dbt in {step}: {seen.count('before')}")


def _copy_database(source: Path, target: Path) -> None:
    for suffix in ("", ".wal"):
        log = source.with_name(source.name + suffix)
        copy = target.with_name(target.name + suffix)
        copy.unlink(missing_ok=True)
        if log.exists():
            shutil.copyfile(log, copy)


def test_kill_while_publishing(job: Job):
    """Around the flip, and when all is frozen and told; `test_release.py` kills everywhere."""
    new, points = job.expected["new"], job.points["publish"]
    flip, told = points.index("replace published"), points.index("replace index.html")
    before = chain.tables(job.at("publish").warehouse, *SCHEMAS)
    for number, moment in [(told, "before"), (flip - 1, "after"), (flip, "after")]:
        settings = job.at("publish")
        replay(settings, publish, killed(number, moment))
        is_flipped = moment == "after"
        assert (settings.published.resolve().name == new) == is_flipped
        if not is_flipped:
            job.assert_old_is_published()
            assert chain.tables(settings.warehouse, *SCHEMAS) == before
        assert frozen.check_release(settings.published) == []
        publish(settings)
        assert settings.published.resolve().name == new
        assert tables(settings) == job.expected["tables"]
        assert leftovers(settings.data_root) == []


def test_killed_while_publishing_then_run_again(job: Job):
    """The rest of a next run, where the release was frozen before the kill: it finds the same."""
    settings = job.at("publish")
    is_frozen = job.points["publish"].index(f"replace {job.expected['new']}")
    replay(settings, publish, killed(is_frozen, "after"))
    run(settings)
    assert settings.published.resolve().name == job.expected["new"]
    assert tables(settings) == job.expected["tables"]


def failures(job: Job, step: str) -> Iterator[Settings]:
    """A step that fails at each of its writes in turn, or at some when they are many."""
    settings = job.at(step)
    with disk_full(10**6) as writes:
        STEPS[step](settings)
    assert writes.count > 0
    for number in {*range(0, writes.count, max(1, writes.count // 4)), writes.count - 1}:
        settings = job.at(step)
        with pytest.raises(DISK, match="No space left"), disk_full(number):
            STEPS[step](settings)
        yield settings


def test_full_disk_while_files_are_read(job: Job):
    """At every write; those of a pull are looked at in `test_kill.py`."""
    for _ in failures(job, "read"):
        assert_read_and_loaded(job)


def test_full_disk_while_publishing(job: Job):
    flipped = 0
    for settings in failures(job, "publish"):
        if settings.published.resolve().name == job.expected["new"]:
            flipped += 1
            assert frozen.check_release(settings.published) == []
        else:
            job.assert_old_is_published()
        assert leftovers(settings.data_root) == []
        publish(settings)
        assert tables(settings) == job.expected["tables"]
    assert flipped == 1, "only where the flip itself could not be synced"


def assert_stopped(settings: Settings, action: Action) -> None:
    """The system itself refuses to write, to the child that reads and to DuckDB's own code too."""
    with pytest.raises(DISK) as stopped, no_file_beyond(4096):
        action(settings)
    assert len(str(stopped.value)) > 20


@pytest.mark.parametrize("step", ["pull", "read", "load", "publish"])
def test_file_that_cannot_grow(job: Job, step):
    """Steps between these are stopped so after a kill: see above."""
    settings = job.at(step)
    assert_stopped(settings, STEPS[step])
    job.assert_old_is_published()
    if step == "publish":
        publish(settings)
        assert tables(settings) == job.expected["tables"]
    else:
        assert_read_and_loaded(job)
    assert leftovers(settings.data_root) == []


@dataclass(frozen=True)
class Story:
    """`nq57 run` three times on one data root, and what was published after each."""

    exits: list[int]
    said: list[str]
    published: list[str]
    faults: list[list[str]]
    settings: Settings


@pytest.fixture(scope="module")
def story(job: Job, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Killed by the system as it begins to publish; on a disk too small; to its end."""
    root = tmp_path_factory.mktemp("story") / "data"
    shutil.copytree(job.kept / "pull", root, symlinks=True)
    settings = replace(job.settings, data_root=root)
    story = Story([], [], [], [], settings)
    limit = 8_000_000
    for stop in ("kill", "full", None):
        process = subprocess.Popen(
            **command(root, "run", "--as-of", f"{AS_OF}", project=settings.project_root),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        if stop == "full":
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, limit))
        if stop == "kill":
            _kill_when_it_publishes(process, settings)
        output, _ = process.communicate()
        story.exits.append(process.returncode)
        story.said.append(output)
        story.published.append(settings.published.resolve().name)
        story.faults.append(frozen.check_release(settings.published))
    return story


def _kill_when_it_publishes(process: subprocess.Popen[str], settings: Settings) -> None:
    """SIGKILL once a release lies aside: the process, and what it started, just go away."""
    end = time.monotonic() + 300
    while not any(settings.releases.glob(".*.new")):
        assert process.poll() is None, "the run ended before it was killed"
        assert time.monotonic() < end
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)


class TestRealRun:
    def test_killed_while_publishing_it_leaves_the_old_release(self, job: Job, story: Story):
        assert story.exits[0] == -signal.SIGKILL
        assert story.published[0] == job.expected["old"]
        assert story.faults[0] == []

    def test_out_of_disk_it_says_so(self, job: Job, story: Story):
        assert story.exits[1] == 1
        assert "Nothing was published" in story.said[1]
        assert re.search(r"File too large|No space left|[Ii]/?O [Ee]rror", story.said[1])
        assert "Traceback" not in story.said[1]
        assert story.published[1] == job.expected["old"]
        assert story.faults[1] == []

    def test_the_next_one_completes(self, job: Job, story: Story):
        assert story.exits[2] == 0, story.said[2]
        assert story.published[2] == job.expected["new"]
        assert story.faults[2] == []
        split = {'history."release_changes"', 'history."release_causes"'}  # by `nq57 run` alone
        found, expected = tables(story.settings), job.expected["tables"]
        assert {name for name in found if found[name] != expected[name]} == split
        assert leftovers(story.settings.archive) == []
        assert leftovers(story.settings.releases) == []
