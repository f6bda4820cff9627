"""The quarter played: day by day through the inbox, under two rule sets, with kills.

What belongs here: the order of things, and what was published on each day. What does not: what
they are compared with (`compare.py`), and how a run is made (`lines.py`).
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from chain import tables

from pipelines.settings import Settings
from pipelines.warehouse import connect
from quarter.events import Quarter, run_at
from quarter.lines import Line
from quarter.truth import Rules
from quarter.workbooks import Post

FROZEN = {
    "measures": "marts.fct_measures",
    "scorecards": "marts.agency_scorecards",
    "tasks": "marts.fct_tasks",
    "reconciliation": "marts.reconciliation",
    "scores": "quality.scores",
    "rule_results": "quality.rule_results",
}
"""Tables of schema history, `release_…`, and what they keep as it was published."""
RULES = (Rules("current"), Rules("original"))
"""What the two rule sets say that changes facts."""
_CHANGES = {
    "dbt_project/seeds/policies.csv": (
        "deadline_that_counts,current",
        "deadline_that_counts,original",
    ),
    "dbt_project/seeds/quality_weights.csv": ("tasks,living,1,", "tasks,living,2,"),
}
"""Files of the second rule set: text of the first, and what stands instead."""


@dataclass(frozen=True)
class Published:
    """What was published on a day, as it was then."""

    day: date
    rules: Rules
    release_id: str
    ranking: list[tuple[Any, ...]]
    said: dict[str, tuple[int, int]]
    """Rows and hash of each table that the release froze."""
    tables: dict[str, tuple[int, int]]
    """Rows and hash of each table of the file."""
    seconds: float


@dataclass
class Played:
    """A quarter and what became of it."""

    quarter: Quarter
    settings: tuple[Settings, Settings]
    """The same data root under the first and the second rule set."""
    published: list[Published] = field(default_factory=list)
    kills: int = 0
    remade: str = ""
    """The first release, made again at the end of the first rules from what was known then."""

    @property
    def last(self) -> Published:
        return self.published[-1]

    @property
    def in_force(self) -> Settings:
        """The data root under the rules of the last publication."""
        return self.settings[RULES.index(self.last.rules)]

    @property
    def database(self) -> Path:
        return self.settings[0].published / "nq57.duckdb"


def second_rules(project: Path) -> None:
    """Make a copy of the project the one with the second rule set."""
    for name, (old, new) in _CHANGES.items():
        path = project / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, name
        path.write_text(text.replace(old, new), encoding="utf-8")


def play(
    quarter: Quarter,
    settings: tuple[Settings, Settings],
    days: Sequence[date],
    changed_on: date,
    *,
    killed: Sequence[date],
    after_each: Callable[[Played], object] = lambda _: None,
) -> Played:
    """Run each of the days, under the second rules from a day on; kill some runs on their way.

    A killed run is followed by another one of the same day, as the schedule would.
    """
    played = Played(quarter, settings)
    post = Post(quarter, settings[0])
    rng = random.Random(str(days))
    line, under = Line(settings[0]), settings[0]
    try:
        for day in days:
            post.bring(run_at(day))
            if day >= changed_on and under is not settings[1]:
                if played.published:
                    first = played.published[0].day
                    played.remade = line.run(first, run_at(day), known_at=run_at(first))
                line.kill()
                line, under = Line(settings[1]), settings[1]
            if day in killed and played.published:
                line.begin(day, run_at(day))
                line.wait(rng.uniform(0.05, 0.95) * played.last.seconds)
                line.kill()
                played.kills += 1
                line = Line(under)
            started = time.monotonic()
            release_id = line.run(day, run_at(day))
            seconds = time.monotonic() - started
            rules = RULES[under is settings[1]]
            played.published.append(_look(played, day, rules, release_id, seconds))
            after_each(played)
    finally:
        line.kill()
    return played


def bare(played: Played, folder: Path) -> Settings:
    """A data root with nothing but a copy of the archive, under the rules in force."""
    shutil.copytree(played.settings[0].archive, folder / "archive")
    return replace(played.in_force, data_root=folder)


def ranking(database: Path, release_id: str | None = None) -> list[tuple[Any, ...]]:
    """The league table of the file's own day, or of a release in its history, in full."""
    query = f"select * {_of('scorecards', release_id)} order by all"
    with connect(database, read_only=True) as connection:
        return connection.execute(query).fetchall()


def said(database: Path, release_id: str | None = None) -> dict[str, tuple[int, int]]:
    """Rows and hash of each table that a release freezes: of the file's own day, or in history."""
    with connect(database, read_only=True) as connection:
        return {
            table: connection.execute(
                "select count(*), coalesce(sum(hash(said)::hugeint), 0)"
                f" from (select * {_of(table, release_id)}) as said"
            ).fetchall()[0]
            for table in FROZEN
        }


def _of(table: str, release_id: str | None) -> str:
    own = "exclude (release_id, title)" if table == "tasks" else "exclude (release_id)"
    if release_id:
        return f"{own} from history.release_{table} where release_id = '{release_id}'"
    dated = "" if table == "reconciliation" else " where as_of_date = (from day)"
    day = "with day as (select as_of_date from history.releases where is_this_file)"
    return f"from ({day} from {FROZEN[table]}{dated})"


def _look(played: Played, day: date, rules: Rules, release_id: str, seconds: float) -> Published:
    file = played.database
    return Published(day, rules, release_id, ranking(file), said(file), tables(file), seconds)
