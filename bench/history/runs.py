"""Real runs of the daily job in a child process, timed as a whole, by step and by model.

What belongs here: starting `nq57 run` on a data root and reading what it says it took. What does
not: which runs are compared (`year.py`).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pipelines.settings import PROJECT_ROOT, Settings

_STEP = re.compile(r"^✓ (?P<name>.+?) +(?P<seconds>[\d.]+) s$")
_MODEL = re.compile(
    r"\d+ of \d+ \w+ (?:created sql \w+ model |loaded seed file )?(?P<name>\S+) \.* ?"
    r"\[[A-Z0-9 ]* in (?P<seconds>[\d.]+)s\]"
)


@dataclass(frozen=True)
class Run:
    """What one run took."""

    wall: float
    processor: float
    peak_mb: int
    """Of the largest process."""
    steps: Mapping[str, float] = field(default_factory=dict)
    nodes: Mapping[str, float] = field(default_factory=dict)
    """Seconds of each model, seed and test of dbt, as its log tells them."""


def run(settings: Settings, as_of: date, title: str) -> Run:
    """`nq57 run` on a data root, in a process of its own; tells its steps as they end."""
    print(f"{title} …", flush=True)
    logs = set(settings.logs.glob("*.log"))
    command = [sys.executable, "-m", "pipelines", "run", "--as-of", as_of.isoformat()]
    environment = {**os.environ, "NQ57_DATA": str(settings.data_root)}  # noqa: TID251
    taken = timed(command, environment)
    steps = dict(taken.steps)
    found = sorted(set(settings.logs.glob("daily-*.log")) - logs)
    made = dict(nodes(found[-1])) if found else {}
    print(
        f"  {'in all':<44}{taken.wall:8.1f} s {taken.processor:8.1f} s of processors"
        f" {taken.peak_mb:6d} MB in the largest process",
        flush=True,
    )
    return Run(taken.wall, taken.processor, taken.peak_mb, steps, made)


def timed(command: list[str], environment: Mapping[str, str]) -> Run:
    """Run a command, print the steps that it tells of; SystemExit when it fails."""
    started = time.perf_counter()
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, env=dict(environment), cwd=PROJECT_ROOT, text=True
    )
    steps: dict[str, float] = {}
    said: list[str] = []
    for line in child.stdout or ():
        said.append(line)
        if step := _STEP.match(line.rstrip()):
            steps[step["name"]] = float(step["seconds"])
            print(f"  {step['name']:<44}{step['seconds']:>8} s", flush=True)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = status
    wall = time.perf_counter() - started
    if status:
        raise SystemExit(f"{' '.join(command)} failed:\n{''.join(said)}")
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, steps)


def nodes(log: Path) -> Iterator[tuple[str, float]]:
    """Seconds of each model, seed and test that dbt speaks of in the log of a run."""
    for line in log.read_text(encoding="utf-8").splitlines():
        if found := _MODEL.search(line):
            yield found["name"], float(found["seconds"])
