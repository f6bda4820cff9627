"""Which rows the register knows, once more in plain Python.

What belongs here: of rows that stand, those that count because the register gives what they speak
of to who answers for them. What does not: which rows stand (`recompute_standing.py`), what they
add up to (`recompute_rows.py`), which columns name what a register gives (seed `forms`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from pipelines.proof.declared import Declared
from pipelines.proof.recompute_inputs import Lists, Submission
from pipelines.proof.recompute_standing import StandingRow, standing_rows

AGENCY = "agency_code"
Given = Mapping[str, set[str] | None]
"""Agencies to which the register gives each code; None: to all of them."""


def counted_rows(
    submissions: Sequence[Submission], declared: Declared, lists: Lists, form: str, day: date
) -> list[StandingRow]:
    """The standing rows of a form of which the register knows the codes and the agency.

    All of them where no register knows the form, and until one lists anything.
    """
    rows = standing_rows(submissions, declared, lists, form, day)
    columns = declared.registered_keys.get(form, ())
    registers = sorted(declared.registers_of(form))
    ever = replace(declared, accumulating=declared.accumulating | {*registers})

    def listed(column: str, by: Declared) -> Given:
        of_each = [standing_rows(submissions, by, lists, one, day) for one in registers]
        return _given(column, [row for rows in of_each for row in rows])

    if not columns or not all(listed(column, ever) for column in columns):
        return rows
    known = {column: listed(column, declared) for column in columns}
    return [row for row in rows if any(_is_given(row, one, known) for one in row.agencies)]


def _given(column: str, rows: Sequence[StandingRow]) -> Given:
    found: dict[str, set[str] | None] = {}
    for row in rows:
        if (code := row.values.get(column)) is None:
            continue
        if AGENCY not in row.values:
            found[code] = None
        elif row.agencies:
            before = found.get(code) or set()
            found[code] = before | {*row.agencies}
    return found


def _is_given(row: StandingRow, agency: str, known: Mapping[str, Given]) -> bool:
    """Whether the register gives every code of a row to an agency."""

    def gives(given: Given, code: str) -> bool:
        agencies = given.get(code, set())
        return agencies is None or agency in agencies

    return all(gives(given, row.values[column]) for column, given in known.items())
