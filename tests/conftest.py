"""Worlds that several tests look at: a data root with a sample in it, run once."""

import fcntl
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipelines.settings import PROJECT_ROOT, Settings

SMALL = ("BCA", "BKHCN", "P01")


@dataclass(frozen=True)
class World:
    """A data root after one run of `nq57 run` in a process of its own."""

    settings: Settings
    output: str

    @property
    def database(self) -> Path:
        return self.settings.published / "nq57.duckdb"

    def nq57(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Call a command on this data root."""
        return nq57(self.settings.data_root, *arguments)


def command(data_root: Path, *arguments: str, project: Path = PROJECT_ROOT) -> dict[str, Any]:
    """How a command is called in a process of its own, from the project or a copy of it."""
    return {
        "args": [sys.executable, "-m", "pipelines", *arguments],
        "cwd": project,
        "env": {**os.environ, "NQ57_DATA": str(data_root), "COLUMNS": "200"},
        "text": True,
    }


def nq57(
    data_root: Path, *arguments: str, project: Path = PROJECT_ROOT
) -> subprocess.CompletedProcess[str]:
    """Call a command and wait for its end."""
    call = command(data_root, *arguments, project=project)
    return subprocess.run(**call, capture_output=True, check=False)


def copy_project(folder: Path) -> Path:
    """A copy of the project, to be changed or to be kept as it is now."""
    for name in ("pipelines", "dbt_project", "expectations"):
        ignored = shutil.ignore_patterns("__pycache__", "target", "logs")
        shutil.copytree(PROJECT_ROOT / name, folder / name, ignore=ignored)
    shutil.copy(PROJECT_ROOT / "pyproject.toml", folder)
    return folder


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it was when the tests began: whoever edits a rule meanwhile disturbs none."""
    return copy_project(tmp_path_factory.mktemp("project") / "project")


def made(data_root: Path, agencies: tuple[str, ...] | None) -> World:
    from pipelines.sample.write import write_sample

    settings = Settings(data_root=data_root, real_input=data_root)
    write_sample(settings, agencies)
    result = nq57(data_root, "run")
    assert result.returncode == 0, result.stdout + result.stderr
    return World(settings, result.stdout)


def made_once(
    tmp_path_factory: pytest.TempPathFactory, name: str, agencies: tuple[str, ...] | None
) -> World:
    """A world that all processes of one test run share: the first to come makes it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / f"{name}_world"
    folder.mkdir(exist_ok=True)
    said = folder / "output.txt"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            said.write_text(made(folder / "data", agencies).output, encoding="utf-8")
    settings = Settings(data_root=folder / "data", real_input=folder / "data")
    return World(settings, said.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The register and three agencies, run for the newest report. Look, do not touch."""
    return made_once(tmp_path_factory, "small", SMALL)


@pytest.fixture
def small_copy(small_world: World, tmp_path: Path) -> World:
    """The small world, to be changed at will."""
    root = tmp_path / "data"
    shutil.copytree(small_world.settings.data_root, root, symlinks=True)
    return World(Settings(data_root=root, real_input=root), small_world.output)


@pytest.fixture(scope="session")
def full_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The whole sample, run for the newest report. Look, do not touch."""
    return made_once(tmp_path_factory, "full", None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty data root."""
    return Settings(data_root=tmp_path / "data", real_input=tmp_path / "real_input")


LONG = ("test_kill_job", "test_whole_run", "test_job", "test_release", "test_check", "test_cli")
"""Files that take longest, in the order in which they start: two processes then end together.

The second one makes the whole sample while the first kills runs, so that neither waits for it.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for the whole sample can be left out by name: `-m "not full"`."""
    rank = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(LONG)))
    for item in items:
        if "full_world" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.full)
