"""Published tables against what must be in them, cell by cell.

What belongs here: reading the facts of a database, and listing what differs. What does not: what
must be in them (`truth.py`), and which database it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import duckdb

from quarter.truth import Fact, Truth

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """A table of facts and where its truth comes from."""

    key: tuple[str, ...]
    """Columns that tell its rows of one day apart."""
    truth: Callable[[Truth, date], Mapping[Any, Fact]]


TABLES = {
    "fct_tasks": Table(("task_code",), Truth.tasks),
    "fct_task_agencies": Table(("task_code", "agency_code"), Truth.task_agencies),
}
"""Facts of a day."""
SERVICES = Table(("period_end", "agency_code", "procedure_code"), Truth.services)
"""Facts of periods, as the run's day counts them."""


@dataclass
class Comparison:
    """How much was compared and what differs."""

    cells: int = 0
    differing: list[str] = field(default_factory=list)

    def add(self, where: str, found: Mapping[Key, Fact], expected: Mapping[Any, Fact]) -> None:
        """Compare the rows of a table, and every column that the truth speaks of."""
        wanted = {_key(key): fact for key, fact in expected.items()}
        for key in found.keys() ^ wanted.keys():
            self.cells += 1
            side = "is not there" if key in wanted else "should not be there"
            self.differing.append(f"{where} {key} {side}")
        for key in found.keys() & wanted.keys():
            for name, value in wanted[key].items():
                self.cells += 1
                if found[key][name] != value:
                    said = f"{found[key][name]!r}, not {value!r}"
                    self.differing.append(f"{where} {key} {name}: {said}")


def compare_marts(
    connection: duckdb.DuckDBPyConnection, truth: Truth, days: Sequence[date], of: Comparison
) -> None:
    """What is known in a warehouse or a publication: of some days, the last being the run's."""
    for name, table in TABLES.items():
        for day in _told(truth, days):
            found = rows(connection, f"from marts.{name} where as_of_date = $1", table.key, [day])
            of.add(f"{name} on {day}", found, table.truth(truth, day))
    found = rows(connection, "from marts.fct_services", SERVICES.key, [])
    of.add(f"fct_services on {days[-1]}", found, SERVICES.truth(truth, days[-1]))
    _compare_submissions(connection, "from marts.fct_submissions", [], truth, days[-1], of)


def compare_history(
    connection: duckdb.DuckDBPyConnection,
    truth: Truth,
    known_at: datetime,
    days: Sequence[date],
    of: Comparison,
) -> None:
    """What the history says was known at an instant; the last day was published by then."""
    held = "where known_from <= $1 and coalesce(known_to > $1, true)"
    instant = known_at.replace(tzinfo=None)
    for name, table in TABLES.items():
        for day in _told(truth, days):
            query = f"from history.{name} {held} and as_of_date = $2"
            found = rows(connection, query, table.key, [instant, day])
            of.add(f"history.{name} on {day}", found, table.truth(truth, day))
    found = rows(connection, f"from history.fct_services {held}", SERVICES.key, [instant])
    of.add(f"history.fct_services on {days[-1]}", found, SERVICES.truth(truth, days[-1]))
    query = f"from history.fct_submissions {held}"
    _compare_submissions(connection, query, [instant], truth, days[-1], of)


def _told(truth: Truth, days: Sequence[date]) -> list[date]:
    return [day for day in days if day >= truth.first_day]


def _compare_submissions(  # noqa: PLR0917 - what, where from, and with what
    connection: duckdb.DuckDBPyConnection,
    submissions: str,
    values: Sequence[Any],
    truth: Truth,
    day: date,
    of: Comparison,
) -> None:
    """The standing of every file, and what became of each slot, on which its files agree."""
    query = f"""
        select agency_code, file_name, form, status, reporting_date, received_at
        from ({submissions}) where submission_id is not null and agency_code != 'BCD'"""
    found = rows(connection, query, ("agency_code", "file_name", "form"), values)
    of.add(f"files on {day}", found, truth.files(day))
    query = f"""
        select distinct form, agency_code, slot_on, timeliness from ({submissions})
        where slot_on >= date '2026-01-01' and form in ('tasks', 'services')"""
    found = rows(connection, query, ("form", "agency_code", "slot_on"), values)
    expected = {key: {"timeliness": said} for key, said in truth.timeliness(day).items()}
    of.add(f"slots on {day}", found, expected)


def rows(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    key: Sequence[str],
    values: Sequence[Any],
) -> dict[Key, Fact]:
    """The rows of a query by their key; each key once."""
    found: dict[Key, Fact] = {}
    for row in _records(connection, query, values):
        place = tuple(row.pop(name) for name in key)
        assert place not in found, f"{place} twice in {query}"
        found[place] = row
    return found


def _records(
    connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[Any]
) -> Iterator[Fact]:
    cursor = connection.execute(query, list(values))
    names = [column[0] for column in cursor.description or ()]
    for row in cursor.fetchall():
        yield dict(zip(names, row, strict=True))


def _key(key: Any) -> Key:
    return key if isinstance(key, tuple) else (key,)
