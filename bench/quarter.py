"""The whole simulated quarter, day by day: is everything that was published still true?

Run by `make bench`. 56 agencies, 749 tasks, 340 procedures, 90 days from 1 January to 31 March 2026
with a publication each, two rule sets, two changes of the register; every sixth run is killed on
its way and follows itself. The facts of each publication are compared with what the generator knows
of its last days and of some before; at the end every ranking is asked back, from the archive alone
as well, the history is asked what was known after each run, and some instants are restated for all
days. `python bench/quarter.py STEP` runs every STEP-th day only.
"""

from __future__ import annotations

import random
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from pipelines.changes.difference import difference
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.warehouse import connect

sys.path.insert(0, str(PROJECT_ROOT / "tests"))

from chain import tables
from conftest import copy_project
from quarter.compare import Comparison, compare_history, compare_marts
from quarter.differences import moved_ranks, published_ranks, rests
from quarter.events import run_at
from quarter.lines import Line
from quarter.play import Played, bare, play, ranking, said, second_rules
from quarter.story import FIRST, LAST, WHOLE, make_quarter
from quarter.truth import Truth

CHANGED_ON = date(2026, 3, 1)
RESTATED = 4


def main(folder: Path, step: int) -> None:
    days = [FIRST + timedelta(days=number) for number in range(0, (LAST - FIRST).days + 1, step)]
    played = _played(folder, days)
    figures = {
        "publications": len(played.published),
        "median seconds of a run": round(statistics.median(_seconds(played)), 1),
        "kills survived": played.kills,
        "rankings that came back": _came_back(played, played.database),
    }
    found = Comparison()
    _compare_histories(played, found)
    figures |= _from_the_archive(played, folder / "again", found)
    figures |= _changes(played)
    figures |= {"values compared": f"{found.cells:,}", "differing cells": len(found.differing)}
    print("\n".join(f"{name:28} {value}" for name, value in figures.items()))
    print("\n".join(found.differing[:20]))
    is_proved = figures["rankings that came back"] == figures["from the archive alone"] == len(days)
    is_proved &= bool(figures["and the same tables"])
    sys.exit(bool(found.differing or not is_proved or figures["changes with a rest"]))


def _played(folder: Path, days: Sequence[date]) -> Played:
    projects = [copy_project(folder / name) for name in ("first", "second")]
    second_rules(projects[1])
    first, second = (Settings(folder / "data", folder / "none", one) for one in projects)

    def tell(played: Played) -> None:
        one = played.last
        found = Comparison()
        with connect(played.database, read_only=True) as connection:
            truth = Truth(played.quarter, run_at(one.day), one.rules)
            compare_marts(connection, truth, _some(days, one.day), found)
        print(f"{one.day} {one.seconds:6.1f} s {found.cells:9,} values", flush=True)
        assert not found.differing, found.differing[:20]

    killed = days[1::6]
    return play(
        make_quarter(WHOLE), (first, second), days, CHANGED_ON, killed=killed, after_each=tell
    )


def _some(days: Sequence[date], until: date) -> list[date]:
    """Every fifteenth day, and the last four; all of 90 days would take 15 s a publication."""
    known = [day for day in days if day <= until]
    return sorted({*known[::15], *known[-4:]})


def _seconds(played: Played) -> list[float]:
    return [one.seconds for one in played.published]


def _came_back(played: Played, database: Path) -> int:
    """How many releases are in a publication's history as they were published."""
    return sum(
        ranking(database, one.release_id) == one.ranking
        and said(database, one.release_id) == one.said
        for one in played.published
    )


def _compare_histories(played: Played, found: Comparison) -> None:
    """What the last publication says was known after each run, of every day until then."""
    with connect(played.database, read_only=True) as connection:
        days = [one.day for one in played.published]
        for one in played.published:
            truth = Truth(played.quarter, run_at(one.day), one.rules)
            compare_history(connection, truth, run_at(one.day), _some(days, one.day), found)


def _from_the_archive(played: Played, folder: Path, found: Comparison) -> dict[str, object]:
    """The archive alone, one run: the same publication; then some instants, restated."""
    settings, last = bare(played, folder), played.last.day
    days = [one.day for one in played.published]
    with Line(settings) as line:
        line.run(last, run_at(last))
        file = settings.published / "nq57.duckdb"
        is_same = tables(file) == played.last.tables
        came_back = _came_back(played, file)
        for known_on in sorted(random.Random(57).sample(days, min(RESTATED, len(days)))):
            line.run(last, run_at(last), known_at=run_at(known_on))
            truth = Truth(played.quarter, run_at(known_on), played.last.rules)
            with connect(settings.warehouse, read_only=True) as connection:
                compare_marts(connection, truth, days, found)
    return {"from the archive alone": came_back, "and the same tables": is_same}


def _changes(played: Played) -> dict[str, object]:
    """Releases seven publications apart, the later under the rules in force."""
    moved = left = 0
    for after in (one for one in played.published[:-8:-3] if one.rules == played.last.rules):
        before = played.published[max(played.published.index(after) - 7, 0)]
        found = difference(played.in_force, before.release_id, after.release_id)
        moved += len(found.rows)
        left += len(rests(found))
        ranks = published_ranks(played.database, before.release_id, after.release_id)
        left += moved_ranks(found) != ranks
    return {"parts of changes": moved, "changes with a rest": left}


if __name__ == "__main__":
    place = Path(tempfile.mkdtemp())
    try:
        main(place, int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    finally:
        shutil.rmtree(place)
