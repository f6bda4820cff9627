"""dbt's work in the database against the same transformations as one plain DuckDB script.

What belongs here: both ways of making all models of a warehouse anew. What does not: the rest of a
run (`runs.py`).

The script is what dbt compiled, in the order of its graph: `create table … as`, one connection, no
contracts, comments, hooks or tests.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines import warehouse
from pipelines.settings import Settings

EVERYTHING = ("delete from raw.built_days", "delete from raw.built_senders")
"""Both ways build every day and every row, as a first run does."""


@dataclass(frozen=True)
class Contest:
    """Seconds of both ways, by model."""

    dbt: dict[str, float]
    script: dict[str, float]
    dbt_wall: float
    """The whole call, with its start, its parsing and its comments."""

    @property
    def ratio(self) -> float:
        return sum(self.dbt.values()) / sum(self.script.values())


def contest(settings: Settings, folder: Path) -> Contest:
    """Make all models of a finished warehouse again, on copies of it."""
    for name in ("dbt", "script"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        copy = folder / name / "warehouse.duckdb"
        shutil.copyfile(settings.warehouse, copy)
        with warehouse.connect(copy) as connection:
            for statement in EVERYTHING:
                connection.execute(statement)
    started = time.perf_counter()
    by_dbt = _by_dbt(settings, folder / "dbt")
    wall = time.perf_counter() - started
    return Contest(by_dbt, _by_script(folder / "dbt", folder / "script"), wall)


def _by_dbt(settings: Settings, folder: Path) -> dict[str, float]:
    """`dbt run` of every model; seconds of its work in the database."""
    command = [
        str(Path(sys.executable).with_name("dbt")), "--quiet", "run", "--full-refresh",
        f"--project-dir={settings.dbt_project}", f"--profiles-dir={settings.dbt_project}",
        f"--target-path={folder}", f"--log-path={folder}",
    ]  # fmt: skip
    path = str(folder / "warehouse.duckdb")
    environment = {**os.environ, "NQ57_WAREHOUSE": path}  # noqa: TID251
    subprocess.run(command, env=environment, check=True)
    results = json.loads((folder / "run_results.json").read_text(encoding="utf-8"))["results"]
    return {one["unique_id"]: one["execution_time"] for one in results}


def _by_script(compiled: Path, folder: Path) -> dict[str, float]:
    seconds: dict[str, float] = {}
    connection = warehouse.connect(folder / "warehouse.duckdb")
    connection.execute("set checkpoint_threshold = '4GB'")  # as dbt's profile has it
    with connection:
        for name, drop, make in _statements(compiled):
            connection.execute(drop)
            started = time.perf_counter()
            connection.execute(make)
            seconds[name] = time.perf_counter() - started
    return seconds


def _statements(folder: Path) -> Iterator[tuple[str, str, str]]:
    """What drops and what makes each table, in the order in which dbt made them."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    results = json.loads((folder / "run_results.json").read_text(encoding="utf-8"))["results"]
    for result in results:
        node = manifest["nodes"][result["unique_id"]]
        kind = "view" if node["config"]["materialized"] == "view" else "table"
        table = f'"{node["schema"]}"."{node["name"]}"'
        select = result["compiled_code"].strip().rstrip(";")
        drop = f"drop {kind} if exists {table} cascade"
        yield node["name"], drop, f"create {kind} {table} as {select}"
