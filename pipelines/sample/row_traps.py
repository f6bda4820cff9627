"""Traps of whole rows: contradictions within a row, rows missing, doubled, unknown or without key.

Rows that feed a published figure stay whole: of tasks only rows of coordinating agencies come here,
of other forms only columns that no figure is made of.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import date, timedelta

from pipelines.sample.draft import Deformation, DraftRow, DraftTable, Written
from pipelines.sample.records import REPORTING_DATES

# A row trap takes the cells of a row and gives new ones (none: it cannot apply).
RowTrap = Callable[[dict[str, Written]], dict[str, Written]]


def completed_before_assigned(cells: dict[str, Written]) -> dict[str, Written]:
    """T30: done before it was given."""
    assigned = cells["assigned_on"]
    if not isinstance(assigned, date) or not isinstance(cells["completed_on"], date):
        return {}
    return {"completed_on": assigned - timedelta(10)}


def done_but_below_100(cells: dict[str, Written]) -> dict[str, Written]:
    """T45: completed, at 60 percent."""
    return {"percent_complete": 60} if cells["percent_complete"] == 100 else {}


def done_without_date(cells: dict[str, Written]) -> dict[str, Written]:
    """T46: the word without the date."""
    return {"completed_on": None} if cells["completed_on"] else {}


def done_without_evidence(cells: dict[str, Written]) -> dict[str, Written]:
    """T46: completed, nothing to show."""
    return {"evidence": None} if cells["evidence"] else {}


def without_deliverable(cells: dict[str, Written]) -> dict[str, Written]:
    """T36: what must be delivered is not said."""
    return {"deliverable": None} if cells["deliverable"] else {}


def falling_percent(cells: dict[str, Written]) -> dict[str, Written]:
    """T50: less progress than every earlier report has (none of them is below 10)."""
    percent, started = cells["percent_complete"], cells["started_on"]
    was_reported = isinstance(started, date) and started <= REPORTING_DATES[0]
    is_under_way = isinstance(percent, int) and 10 < percent < 100
    is_under_way = is_under_way and cells["status"] == "Đang thực hiện"
    return {"percent_complete": 5} if was_reported and is_under_way else {}


def reopened(cells: dict[str, Written]) -> dict[str, Written]:
    """T45: completed in every earlier report, in progress again."""
    completed = cells["completed_on"]
    if not isinstance(completed, date) or completed > REPORTING_DATES[0]:
        return {}
    again: dict[str, Written] = {"status": "Đang thực hiện", "percent_complete": 70}
    return again | {"completed_on": None, "evidence": None}


def more_online_than_received(cells: dict[str, Written]) -> dict[str, Written]:
    """T48: more dossiers filed online than filed at all."""
    return _above(cells, "dossiers_online", "dossiers_received")


def more_digitised_than_resolved(cells: dict[str, Written]) -> dict[str, Written]:
    """T48: more results digitised than there are."""
    return _above(cells, "results_digitised", "dossiers_resolved")


def on_time_and_late_do_not_add_up(cells: dict[str, Written]) -> dict[str, Written]:
    """T48: the parts are more than the whole."""
    return _above(cells, "resolved_late", "dossiers_resolved")


def more_verified_than_held(cells: dict[str, Written]) -> dict[str, Written]:
    """T48: more records verified than held."""
    return _above(cells, "records_verified", "records_held")


def consumers_without_connection(cells: dict[str, Written]) -> dict[str, Written]:
    """T45: used by agencies, though not connected."""
    return {"consumer_count": 4} if cells["is_connected"] == "Không" else {}


def dated_after_the_report(column: str) -> RowTrap:
    """T30: something that has not happened yet."""

    def dated_in_the_future(cells: dict[str, Written]) -> dict[str, Written]:
        return {column: date(2026, 3, 31)} if isinstance(cells[column], date) else {}

    return dated_in_the_future


def _above(cells: dict[str, Written], column: str, bound: str) -> dict[str, Written]:
    """A count above the one that it cannot exceed."""
    most = cells[bound]
    if not isinstance(most, int) or not isinstance(cells[column], int):
        return {}
    return {column: most + 7}


ROW_TRAPS: tuple[tuple[str, str, bool, RowTrap], ...] = (
    ("T30", "tasks", False, completed_before_assigned),
    ("T45", "tasks", False, done_but_below_100),
    ("T46", "tasks", False, done_without_date),
    ("T46", "tasks", False, done_without_evidence),
    ("T36", "tasks", False, without_deliverable),
    ("T50", "tasks", True, falling_percent),
    ("T45", "tasks", True, reopened),
    ("T48", "services", False, more_online_than_received),
    ("T48", "services", False, more_digitised_than_resolved),
    ("T48", "services", False, on_time_and_late_do_not_add_up),
    ("T48", "datasets", False, more_verified_than_held),
    ("T45", "datasets", False, consumers_without_connection),
    ("T30", "datasets", False, dated_after_the_report("last_updated_on")),
    ("T30", "commune_criteria", False, dated_after_the_report("checked_on")),
)
"""Trap, form, whether it needs an earlier report, function."""


def missing_row(rng: random.Random, table: DraftTable, free: list[DraftRow]) -> Deformation:
    """T52: a registered row that the agency forgot."""
    row = free.pop(rng.randrange(len(free)))
    table.rows.remove(row)
    return _whole_row("T52", "missing_row", table, row.record_key, "")


def doubled_row(rng: random.Random, table: DraftTable, free: list[DraftRow]) -> Deformation:
    """T47: the same row twice."""
    row = rng.choice(free)
    table.rows.insert(table.rows.index(row) + 1, DraftRow(dict(row.cells), row.record_key))
    return _whole_row("T47", "doubled_row", table, row.record_key, "")


def unregistered_row(rng: random.Random, table: DraftTable, free: list[DraftRow]) -> Deformation:
    """T47: a row that no register knows, under a code like the others."""
    code_column, name_column = table.columns[:2]
    cells = dict(rng.choice(free).cells)
    code = re.sub(r"\d{3}\s*$", str(rng.randint(900, 999)), str(cells[code_column]))
    cells |= {code_column: code, name_column: "Dòng tự bổ sung (giả định)"}
    table.rows.append(DraftRow(cells, code))
    return _whole_row("T47", "unregistered_row", table, code, code)


def row_without_code(rng: random.Random, table: DraftTable, free: list[DraftRow]) -> Deformation:
    """T11: a row without its code: nobody can say which."""
    code_column, name_column = table.columns[:2]
    cells = dict(rng.choice(free).cells) | {code_column: None}
    cells[name_column] = "Dòng phát sinh trong kỳ (giả định)"
    table.rows.append(DraftRow(cells))
    return _whole_row("T11", "row_without_code", table, None, "")


LOSSES: dict[str, Callable[[random.Random, DraftTable, list[DraftRow]], Deformation]] = {
    "missing_row": missing_row,
    "doubled_row": doubled_row,
    "unregistered_row": unregistered_row,
    "row_without_code": row_without_code,
}
"""By name, in the order in which they are tried."""


def _whole_row(
    number: str, name: str, table: DraftTable, key: str | None, written: str
) -> Deformation:
    column = table.columns[0] if key is None else None
    return Deformation(number, name, table.form, table.sheet, column, key, written, False)
