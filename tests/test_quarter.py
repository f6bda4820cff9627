"""A simulated quarter: what was published on each day, what is known of it since, and why.

56 agencies, monthly and ad-hoc reports, late, corrected, withdrawn and held files, two rule sets
and two changes of the register, told by workbooks through the inbox. `quarter/truth.py` says from
the events alone what every fact must be, as known at any instant. The quarter is played once; one
of its runs is killed on its way. `bench/quarter.py` plays the whole one, day by day.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from chain import tables
from quarter.compare import Comparison, compare_history, compare_marts
from quarter.events import run_at
from quarter.lines import Line
from quarter.play import RULES, Played, Published, bare, play, ranking, said, second_rules
from quarter.story import FIRST, SMALL, make_quarter
from quarter.truth import Rules, Truth

from pipelines import frozen
from pipelines.settings import Settings
from pipelines.warehouse import connect

DAYS = tuple(date(2026, month, day) for month, day in ((1, 27), (2, 27), (3, 13), (3, 31)))
"""After a month was due, after a register, after the rules changed and a register came late, and at
the end."""
CHANGED_ON = date(2026, 3, 1)
KILLED = (DAYS[1],)
KNOWN = (DAYS[1],)
"""After whose run nothing is known, when the end is restated."""


@dataclass(frozen=True)
class Again:
    """The quarter made again from its archive alone, by one run."""

    settings: Settings
    release_id: str
    tables: dict[str, tuple[int, int]]
    rankings: dict[str, list]
    """By release."""
    restated: dict[date, Path]
    """Warehouses of the last day, as known on these."""


@pytest.fixture(scope="module")
def played(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Played:
    root = tmp_path_factory.mktemp("quarter")
    shutil.copytree(project, root / "second")
    second_rules(root / "second")
    first = Settings(root / "data", root / "none", project)
    both = first, replace(first, project_root=root / "second")
    return play(make_quarter(SMALL), both, DAYS, CHANGED_ON, killed=KILLED)


@pytest.fixture(scope="module")
def again(played: Played, tmp_path_factory: pytest.TempPathFactory) -> Again:
    settings = bare(played, tmp_path_factory.mktemp("again"))
    file, now = settings.published / "nq57.duckdb", run_at(DAYS[-1])
    with Line(settings) as line:
        release_id = line.run(DAYS[-1], now)
        found = tables(file)
        rankings = {one.release_id: ranking(file, one.release_id) for one in played.published}
        restated = {day: _restated(line, settings, day) for day in KNOWN}
    return Again(settings, release_id, found, rankings, restated)


def _restated(line: Line, settings: Settings, day: date) -> Path:
    line.run(DAYS[-1], run_at(DAYS[-1]), known_at=run_at(day))
    return shutil.copy(settings.warehouse, settings.data_root / f"known-{day}.duckdb")


def _some_days(until: date) -> list[date]:
    """Every fifth day of the quarter, the days around each change of the register, and the last."""
    changes = (date(2026, 2, 8), date(2026, 2, 9), date(2026, 3, 10), date(2026, 3, 11))
    days = {FIRST + timedelta(days=number) for number in range(0, 90, 5)}
    return sorted({day for day in {*days, *changes} if day < until} | {until})


def _insist(found: Comparison) -> None:
    assert found.cells > 1000
    assert not found.differing, "\n".join(found.differing[:20])


def test_each_ranking_comes_back_as_it_was_published(played: Played) -> None:
    assert played.kills == len(KILLED)
    for one in played.published:
        assert one.ranking
        assert ranking(played.database, one.release_id) == one.ranking, one.day
        assert said(played.database, one.release_id) == one.said, one.day


def test_frozen_releases_are_whole(played: Played) -> None:
    folders = frozen.releases(played.settings[0].archive)
    assert [folder.name for folder in folders] == [one.release_id for one in played.published]
    assert [frozen.check_release(folder) for folder in folders] == [[]] * len(DAYS)


def test_rankings_differ_from_day_to_day(played: Played) -> None:
    """Else the proof would prove nothing."""
    assert len({str(one.ranking) for one in played.published}) == len(DAYS)


def test_archive_alone_gives_all_that_was_published(played: Played, again: Again) -> None:
    """Nor do kills leave a trace: this data root has seen none."""
    assert again.release_id == played.last.release_id
    assert again.tables == played.last.tables
    assert again.rankings == {one.release_id: one.ranking for one in played.published}


@pytest.mark.parametrize("number", range(len(DAYS)))
def test_published_facts_are_true(played: Played, number: int) -> None:
    one, found = played.published[number], Comparison()
    with connect(_file(played, one), read_only=True) as connection:
        compare_marts(connection, _truth(played, one.day, one.rules), _some_days(one.day), found)
    _insist(found)


@pytest.mark.parametrize("number", range(len(DAYS)))
def test_history_tells_what_was_known(played: Played, number: int) -> None:
    one, found = played.published[number], Comparison()
    with connect(played.database, read_only=True) as connection:
        truth = _truth(played, one.day, one.rules)
        compare_history(connection, truth, run_at(one.day), _some_days(one.day), found)
    _insist(found)


@pytest.mark.parametrize("known_on", KNOWN)
def test_restated_facts_are_true(played: Played, again: Again, known_on: date) -> None:
    """What could be known then, of all days to the end, under the rules of the end."""
    found = Comparison()
    with connect(again.restated[known_on], read_only=True) as connection:
        truth = _truth(played, known_on, RULES[1])
        compare_marts(connection, truth, _some_days(DAYS[-1]), found)
    _insist(found)


def test_release_of_the_first_rules_is_made_again(played: Played) -> None:
    """By a run of a month later, from what was known then: else it stops, or names another."""
    assert played.remade == played.published[0].release_id


@pytest.mark.parametrize(("known_on", "rules"), [(DAYS[-1], RULES[0]), (DAYS[-2], RULES[1])])
def test_other_rules_and_other_knowledge_are_other_facts(
    played: Played, known_on: date, rules: Rules
) -> None:
    """Else the comparisons above would see nothing."""
    found = Comparison()
    with connect(played.database, read_only=True) as connection:
        compare_marts(connection, _truth(played, known_on, rules), [DAYS[-1]], found)
    assert found.differing


def _truth(played: Played, day: date, rules: Rules) -> Truth:
    return Truth(played.quarter, run_at(day), rules)


def _file(played: Played, one: Published) -> Path:
    return played.settings[0].releases / one.release_id / "nq57.duckdb"
