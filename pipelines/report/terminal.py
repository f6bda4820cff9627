"""A run as a terminal shows it: its steps, and what it comes to in one screen.

What belongs here: a few questions to a publication and their answers as text. What does not: the
page (`page.py`), and any figure that the publication does not hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Self

import duckdb
from rich.console import Console, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from pipelines.retention import Listed
from pipelines.run import Said

STEPS = {
    "start": "Start Dagster",
    "archive__receipts": "Pull files from the agencies' channels",
    "archive__readings": "Read workbooks",
    "raw": "Load readings into the warehouse",
    "run": "Note the day and the rules in force",
    "facts": "Build facts for every day, test them",
    "quality": "Measure by the rules",
    "scores": "Score, reconcile, test",
    "rules": "Compare with the release before",
    "history__release_changes": "Split what changed by cause",
    "history__releases": "Publish",
}
STATUSES = ("completed", "in_progress", "overdue", "unknown")

RELEASE = "select release_id, state from history.releases where is_this_file"
SUBMISSIONS = """
    select status, count(distinct submission_id) from marts.fct_submissions
    where submission_id is not null group by all order by all"""
SET_ASIDE = """
    select distinct status, agency_code, file_name, reason_code, reason_en, submission_id
    from marts.fct_submissions
    where status in ('HELD', 'REFUSED') order by all"""
MISSING = """
    select count(*) from marts.fct_submissions
    where status = 'EXPECTED' and timeliness in ('MISSING', 'NEVER_SENT')"""
TASKS = """
    select programme_code, status_group, count(*) from marts.fct_tasks
    where as_of_date = (select max(as_of_date) from marts.fct_tasks) group by all"""
SERVICES = """
    select agency_code, value from marts.fct_measures
    where measure = 'online_dossier_share' and value is not null
        and agency_code in ('all', 'central', 'provinces')
        and as_of_date = (select max(as_of_date) from marts.fct_measures)
    order by agency_code"""
ROWS = """
    select
        (select count(*) from marts.dim_datasets where withdrawn_on is null),
        (select count(distinct dataset_code) from marts.fct_datasets
            where is_counted and valid_to is null),
        (select count(*) from marts.dim_indicators where withdrawn_on is null),
        (select count(distinct indicator_code) from marts.fct_indicators
            where is_counted and valid_to is null),
        (select count(*) from marts.dim_communes where withdrawn_on is null),
        (select count(distinct commune_code) from marts.fct_commune_criteria
            where is_counted and valid_to is null)"""
FIGURES = """
select
    case
        when verdict = 'MATCH' and (select bool_or(is_invented) from history.releases)
            then 'MATCH (SAMPLE)'
        else verdict
    end as judged,
    count(*)
from marts.reconciliation group by all order by all
"""
BANDS = """
    select band, count(*), min(score), max(score) from quality.scores
    where as_of_date = (select max(as_of_date) from quality.scores)
        and subject = 'all' and dimension = 'all' and agency_code <> 'BCD'
    group by all order by band nulls last"""


class Steps:
    """A line for each step of a run, turning while it works, with its seconds when it has ended."""

    def __init__(self, screen: Console) -> None:
        self._screen = screen
        # Redirection would bring back to the screen what the run sends to its log.
        self._live = Live(
            console=screen, transient=True, redirect_stdout=False, redirect_stderr=False
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def __call__(self, step: str, seconds: float | Said | None) -> None:
        """Hear that a step starts, what it says, or that it has ended well after some seconds."""
        label = STEPS.get(step, step)
        if isinstance(seconds, Said):
            if seconds.is_warning:
                self._screen.print(Text(f"! {seconds.text}", style="yellow"))
            else:
                self._live.update(Spinner("dots", f"{label}: {seconds.text}"))
        elif seconds is None:
            self._live.update(Spinner("dots", label))
        else:
            self._live.update("")
            self._screen.print(f"[green]✓[/] {label:<42}{seconds:6.1f} s")


def summary(database: Path) -> Iterator[RenderableType]:
    """What came in, where tasks and other forms stand, how figures and data hold."""
    with duckdb.connect(str(database), read_only=True) as connection:
        release, state = connection.execute(RELEASE).fetchall()[0]
        yield f"Release            {release} {state}"
        yield from _files(connection)
        yield _tasks(connection)
        shares = connection.execute(SERVICES).fetchall()
        yield "Online dossiers    " + (_shares(shares) or "no report of services of this year yet")
        yield "Other forms        " + _reported(*connection.execute(ROWS).fetchall()[0])
        figures = connection.execute(FIGURES).fetchall()
        yield "Published figures  " + (_counted(figures) or "none to compare with")
        yield "Data quality       " + (
            _bands(connection.execute(BANDS).fetchall()) or "not scored yet"
        )


def release_table(found: Iterable[Listed]) -> Table:
    """Releases as the archive knows them, oldest day first."""
    heads = ("Release", "As of", "State", "Decided by", "Known at", "Publication")
    table = Table(*heads, box=None, pad_edge=False)
    for column in table.columns:
        column.overflow = "fold"  # narrow screens break a long name; an id is copied whole
    table.columns[0].min_width = 23
    for one in found:
        place = "published" if one.is_published else "kept" if one.is_kept else "pruned"
        known_at = f"{one.known_at:%Y-%m-%dT%H:%M:%SZ}" if one.known_at else ""
        by = f"{one.standing.by}, {one.standing.at:%Y-%m-%d}" if one.standing.at else ""
        # As text: a name is no markup.
        table.add_row(one.release_id, f"{one.as_of}", one.standing.state, Text(by), known_at, place)
    return table


def _files(connection: duckdb.DuckDBPyConnection) -> Iterator[RenderableType]:
    counts = connection.execute(SUBMISSIONS).fetchall()
    missing = connection.execute(MISSING).fetchall()[0][0]
    yield "Files              " + _counted([*counts, ("expected, not received", missing)])
    for status, agency, file, code, sentence, submission in connection.execute(
        SET_ASIDE
    ).fetchall():
        # As text: a file name is no markup.
        yield Text(f"  {status.lower():8} {agency}/{file}: {sentence or code} ({submission})")


def _tasks(connection: duckdb.DuckDBPyConnection) -> Table:
    found: dict[str, dict[str, int]] = {}
    for programme, status, count in connection.execute(TASKS).fetchall():
        found.setdefault(programme, {})[status] = count
    table = Table("Programme", *(name.replace("_", " ") for name in STATUSES), "all", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for programme, counts in sorted(found.items()):
        cells = [str(counts.get(name, 0)) for name in STATUSES]
        table.add_row(programme, *cells, str(sum(counts.values())))
    return table


def _counted(pairs: list[Any]) -> str:
    return " · ".join(f"{count} {name}" for name, count in pairs if count)


def _shares(pairs: list[Any]) -> str:
    return " · ".join(f"{share:.2%} {group}" for group, share in pairs)


def _reported(*counts: int) -> str:
    """Registered and reported by turns, as `12 of 14 datasets`."""
    names = ("datasets", "indicators", "communes")
    pairs = zip(counts[1::2], counts[::2], names, strict=True)
    return " · ".join(
        f"{reported:,} of {registered:,} {name}" for reported, registered, name in pairs
    )


def _bands(rows: list[Any]) -> str:
    return " · ".join(
        f"{count} agencies {band or 'not assessed'}"
        + (f" ({low:.0f} to {high:.0f})" if low is not None else "")
        for band, count, low, high in rows
    )
