"""What a year of history costs: the run of its last day, a backfill, dbt, the published file.

Run by `make bench`; alone, with other sizes: `python bench/year.py --days 40 --procedures 100`.
With `--folder` the workbooks and their readings are kept there for the next time. The history is
invented: 56 agencies with 749 tasks report every month, two of them once more on every other day,
and each of 34 provinces reports its procedures every month. What docs/speed.md tells comes from
here. Runs are real (`nq57 run` in a process of its own); pulling, reading and the releases of the
days between are prepared without them. The whole size takes about half an hour. Ratios are of
seconds of processors: they hold on a machine that others use too, seconds by the clock do not.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from history.releases import freeze_year
from history.runs import Run, run
from history.script import Contest, contest
from history.world import Year
from history.write import receive, share_readings, write_year

from pipelines.intake.archive import read_receipts
from pipelines.intake.channels import pull
from pipelines.intake.seen import SETTLED_SECONDS
from pipelines.settings import Settings
from pipelines.workbook.reading import read_submissions

LAST_DAY_FLOOR, BACKFILL_FLOOR, SCRIPT_FLOOR = 1.3, 4.0, 2.0
TURNS = 3


@contextmanager
def timed(what: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    print(f"{what:<46}{time.perf_counter() - started:8.1f} s", flush=True)


def read_all(year: Year, workbooks: Path, folder: Path) -> Settings:
    """A data root in which every workbook has been read once."""
    settings = receive(year, workbooks, folder / "read", year.days)
    time.sleep(SETTLED_SECONDS + 0.1)
    with timed("Pull and read the year's workbooks"):
        pull(settings, datetime.now(UTC))
        read_submissions(settings, read_receipts(settings.archive))
    return settings


def prepare(year: Year, workbooks: Path, read: Settings, root: Path, days: int) -> Settings:
    """A data root that has received and read the first days, and has never run."""
    settings = receive(year, workbooks, root, days)
    time.sleep(SETTLED_SECONDS + 0.1)
    pull(settings, datetime.now(UTC))
    share_readings(read, settings)
    return settings


def next_day(year: Year, workbooks: Path, settings: Settings, number: int, title: str) -> Run:
    """The run of a day on which the day's few reports have come."""
    receive(year, workbooks, settings.data_root, number)
    time.sleep(SETTLED_SECONDS + 0.1)
    return run(settings, year.day(number), title)


def by_turns(
    year: Year, workbooks: Path, roots: Mapping[int, Settings], place: Path
) -> tuple[Run, ...]:
    """The runs of some days, three times in turns on copies of their data roots; the best of each.

    In one go this machine has been seen to change its pace by a half between day 2 and the last.
    """
    taken: dict[int, list[Run]] = {number: [] for number in roots}
    for turn in range(TURNS):
        for number, settings in roots.items():
            copy = replace(settings, data_root=place, real_input=place)
            shutil.copytree(settings.data_root, place, symlinks=True)
            title = f"Day {number}, turn {turn + 1} of {TURNS}"
            taken[number].append(next_day(year, workbooks, copy, number, title))
            shutil.rmtree(place)
    return tuple(min(runs, key=lambda one: one.processor) for runs in taken.values())


def judge(what: str, ratio: float, floor: float) -> bool:
    verdict = "holds" if ratio <= floor else "DOES NOT HOLD"
    print(f"{what}: {ratio:.2f}, floor at most {floor:g}: {verdict}", flush=True)
    return ratio <= floor


def compare(what: str, first: str, one: Run, second: str, other: Run) -> float:
    """Print how a run grew, by the clock and by step; gives the ratio of processors."""
    print(f"\n{what}: {second} / {first}")
    for step in other.steps:
        before, after = one.steps.get(step, 0.0), other.steps[step]
        print(f"  {step:<44}{before:8.1f} s {after:8.1f} s {after / before if before else 0:6.2f}")
    wall, processor = other.wall / one.wall, other.processor / one.processor
    print(f"  {'by the clock':<44}{one.wall:8.1f} s {other.wall:8.1f} s {wall:6.2f}")
    print(
        f"  {'of processors':<44}{one.processor:8.1f} s {other.processor:8.1f} s {processor:6.2f}"
    )
    print("  models and tests of dbt that grew most:")
    for name, grown in _grown(one.nodes, other.nodes)[:12]:
        seconds = f"{one.nodes.get(name, 0.0):8.2f} s {other.nodes[name]:8.2f} s"
        print(f"    {name:<42}{seconds} {grown:+6.2f}")
    return other.processor / one.processor


def _grown(one: Mapping[str, float], other: Mapping[str, float]) -> list[tuple[str, float]]:
    grown = ((name, seconds - one.get(name, 0.0)) for name, seconds in other.items())
    return sorted(grown, key=lambda pair: -pair[1])


def tell_contest(found: Contest) -> None:
    dbt, script = sum(found.dbt.values()), sum(found.script.values())
    print(
        f"\nEvery model of every day: dbt {dbt:.1f} s in the database, {found.dbt_wall:.1f} s in"
        f" all; as one script {script:.1f} s"
    )
    short = {name.rsplit(".", 1)[-1]: seconds for name, seconds in found.dbt.items()}
    for name, grown in _grown(found.script, short)[:12]:
        seconds = f"{found.script.get(name, 0.0):8.2f} s {short[name]:8.2f} s"
        print(f"    {name:<42}{seconds} {grown:+6.2f}")


def tell_size(settings: Settings) -> None:
    """The published file, and where its rows are."""
    database = settings.published / "nq57.duckdb"
    print(f"\nPublished file: {database.stat().st_size / 1e6:,.0f} MB")
    with duckdb.connect(str(database), read_only=True) as connection:
        largest = connection.execute(
            "select schema_name || '.' || table_name, estimated_size from duckdb_tables()"
            " order by estimated_size desc limit 8"
        ).fetchall()
    for name, rows in largest:
        print(f"  {name:<44}{rows:12,} rows")


def measure(year: Year, folder: Path) -> bool:
    """All figures on the same files; whether every floor holds."""
    with timed("Write the year's workbooks"):
        workbooks = write_year(year, folder)
    read = read_all(year, workbooks, folder)
    with tempfile.TemporaryDirectory(prefix="runs-", dir=folder) as place:
        short = prepare(year, workbooks, read, Path(place, "short"), 1)
        first = run(short, year.day(1), "Day 1, nothing before it")
        behind = year.days - 2
        long = prepare(year, workbooks, read, Path(place, "long"), behind)
        backfill = run(long, year.day(behind), f"Backfill of {behind} days in one run")
        with timed("Freeze the releases of the days before"):
            freeze_year(long, year.day(1), year.day(behind))
        # The first after them puts them all into the published file, as no daily run ever does.
        next_day(year, workbooks, long, year.days - 1, f"Day {year.days - 1}")
        second, last = by_turns(year, workbooks, {2: short, year.days: long}, Path(place, "turn"))
        ways = contest(long, Path(place))
        is_last = compare("The last day", "day 2", second, f"day {year.days}", last)
        is_backfill = compare("A backfill", "day 1", first, f"{behind} days", backfill)
        tell_contest(ways)
        tell_size(long)
    return verdicts(is_last, is_backfill, backfill.processor / last.processor, ways.ratio)


def verdicts(last: float, backfill: float, backfill_to_last: float, script: float) -> bool:
    print()
    held = [
        judge("Run of the last day / of day 2", last, LAST_DAY_FLOOR),
        judge("Backfill / first run of one day", backfill, BACKFILL_FLOOR),
        judge("dbt in the database / one script", script, SCRIPT_FLOOR),
    ]
    print(f"Backfill / run of the last day: {backfill_to_last:.2f}")
    return all(held)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=367)
    parser.add_argument("--procedures", type=int, default=2000, help="of each province")
    parser.add_argument("--folder", type=Path, help="keep workbooks and readings here")
    asked = parser.parse_args()
    year = Year(Settings.from_environment(), asked.days, asked.procedures)
    if asked.folder:
        asked.folder.mkdir(parents=True, exist_ok=True)
        sys.exit(not measure(year, asked.folder.absolute()))
    with tempfile.TemporaryDirectory(prefix="nq57-bench-") as folder:
        sys.exit(not measure(year, Path(folder)))


if __name__ == "__main__":
    main()
