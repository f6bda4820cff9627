"""Rows of reports and rows of the register brought together, where a template says how.

What belongs here: which rows are compared, from the tables of schema `raw`, and the table
`row_matches`. What does not: the comparison (`workbook/row_match.py`), what follows from it (dbt).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from pipelines import raw_load
from pipelines.raw_schema import RECORDS
from pipelines.workbook.layout.likeness import load_likeness
from pipelines.workbook.row_match import Described, KnownRow, OpenRow, Register, RowMatch
from pipelines.workbook.template import Form, Match, Template

DECISION = "row_match"
COMMITTEE = "BCD"
"""Whose registers count."""

Row = Mapping[str, Any]


def load_row_matches(
    connection: duckdb.DuckDBPyConnection, templates: Sequence[Template], seeds: Path
) -> int:
    """Make `raw.row_matches` anew from the rows, registers and decisions in schema `raw`.

    Gives the number of rows.
    """
    found = [
        {**place, **vars(match)}
        for template in templates
        for name, form in template.forms.items()
        if form.match is not None
        for place, match in _matches(connection, template.template, name, form, seeds)
    ]
    raw_load.create(connection, "row_matches", RECORDS["row_matches"])
    raw_load.insert(connection, "row_matches", RECORDS["row_matches"], found)
    return len(found)


def register_of(rows: Iterable[Row], by: Match, seeds: Path) -> Register | None:
    """The rows of a register, ready to be compared with; None in a rule set without limits."""
    likeness = load_likeness(seeds, "row")
    if likeness is None:
        return None
    known = (
        KnownRow(row["record_key"], described(row, by))
        for row in rows
        if row["record_key"] is not None
    )
    return Register(known, likeness, circles(seeds))


def open_rows(rows: Iterable[Row], by: Match) -> list[OpenRow]:
    """Rows of a report as they are compared."""
    return [OpenRow(row["row_number"], row["record_key"], described(row, by)) for row in rows]


def described(row: Row, by: Match) -> Described:
    """What tells a row."""
    return Described(
        title=row.get(by.title) or "",
        leads=frozenset(row.get(by.within or "") or ()),
        document=row.get(by.document or "") or "",
    )


def circles(seeds: Path) -> Callable[[str], frozenset[str]]:
    """Whom a code of an agency may stand for: itself, its successors, the members of a group."""
    successors = {row["agency_code"]: row["successor_code"] for row in _read(seeds, "agencies")}
    members: dict[str, set[str]] = defaultdict(set)
    for row in _read(seeds, "agency_group_members"):
        members[row["group_code"]].add(row["member_code"])

    @cache
    def circle(code: str) -> frozenset[str]:
        successor = successors.get(code)
        after = circle(successor) if successor else frozenset[str]()
        return frozenset({code}) | members.get(code, frozenset()) | after

    return circle


def _matches(
    connection: duckdb.DuckDBPyConnection, template: str, name: str, form: Form, seeds: Path
) -> Iterator[tuple[dict[str, Any], RowMatch]]:
    by, reports = form.match, _reports(connection, template, name, form.raw_table or name)
    if by is None or not reports:
        return
    known = _rows(
        connection,
        f"select sheet_rows.* from raw.{by.to} as sheet_rows"
        " inner join raw.receipts using (submission_id) where receipts.agency_code = ?",
        [COMMITTEE],
    )
    register = register_of(known, by, seeds)
    if register is None:
        return
    answers = dict(
        connection.execute(
            "select key, arg_max(answer, decided_at) from raw.decisions"
            " where kind = ? group by all",
            [DECISION],
        ).fetchall()
    )
    for (submission_id, sheet_name, agency_code), rows in reports.items():
        place = {"submission_id": submission_id, "form": name, "sheet_name": sheet_name}
        for match in register.match(agency_code, name, open_rows(rows, by), answers):
            yield place, match


def _reports(
    connection: duckdb.DuckDBPyConnection, template: str, form: str, table: str
) -> dict[tuple[str, str, str], list[Row]]:
    """The rows of each report that follows a template, in their order."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    query = f"""
        select sheet_rows.*, receipts.agency_code as sent_by
        from raw.readings
        inner join raw.receipts using (submission_id)
        inner join raw.form_rows using (submission_id)
        inner join raw.{table} as sheet_rows using (submission_id, sheet_name, row_number)
        where readings.template = ? and form_rows.form = ?
        order by submission_id, row_number
    """
    for row in _rows(connection, query, [template, form]):
        key = row["submission_id"], row["sheet_name"], row["sent_by"]
        found.setdefault(key, []).append(row)
    return found


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[object]
) -> Iterator[Row]:
    result = connection.execute(query, [*values])
    names = [column[0] for column in result.description or ()]
    return (dict(zip(names, row, strict=True)) for row in result.fetchall())


def _read(seeds: Path, name: str) -> list[dict[str, str]]:
    with (seeds / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))
