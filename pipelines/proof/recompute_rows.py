"""The figures of row forms once more, in plain Python: the second way to one number.

What belongs here: what the declared measures make of the rows that count on a day. What does not:
what is declared (`declared.py`), which rows stand (`recompute_standing.py`) and count
(`recompute_registered.py`), figures of tasks (`recompute.py`), comparing (`verify.py`). No SQL, and
nothing that names a form but indicators, whose figures are single values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import groupby

from pipelines.proof.declared import (
    PERIOD_END,
    Declared,
    Measure,
    Slice,
    column_of,
    year_that_counts,
)
from pipelines.proof.recompute import Key
from pipelines.proof.recompute_inputs import Lists, Submission
from pipelines.proof.recompute_registered import counted_rows
from pipelines.proof.recompute_standing import StandingRow, standing_rows

Number = float | None
REGISTERED = "register_indicators"


@dataclass(frozen=True)
class RowFigure:
    """A number, the rows behind it, and the columns in which they say it."""

    value: Number
    numerator: Number
    denominator: Number
    form: str
    columns: tuple[str, ...]
    rows: Sequence[StandingRow]

    @cached_property
    def rows_by_file(self) -> Mapping[str, int]:
        return Counter(row.submission_id for row in self.rows)


def row_figures(
    submissions: Sequence[Submission], declared: Declared, lists: Lists, day: date
) -> dict[Key, RowFigure]:
    """Every declared measure of every agency code that has a row in it."""
    found: dict[Key, RowFigure] = {}
    by_form = sorted(declared.measures.values(), key=lambda measure: measure.form)
    for form, measures in groupby(by_form, key=lambda measure: measure.form):
        rows_of = _by_code(counted_rows(submissions, declared, lists, form, day), lists, day)
        for measure in measures:
            for code, rows in rows_of.items():
                figure = _figure(measure, _of_span(measure, rows, day))
                if figure:
                    found[measure.name, measure.scope, code, None] = figure
    return found


def indicator_figures(
    submissions: Sequence[Submission], declared: Declared, lists: Lists, day: date
) -> dict[tuple[str, date, str], RowFigure]:
    """What is known of each indicator, by code, date and agency (`all`: of the nation).

    What an agency in charge measured; for the nation, where nobody did, the target for that date.
    """
    # An indicator that the newest register leaves out is still known by the one that had it.
    known = replace(declared, accumulating=declared.accumulating | {REGISTERED})
    found: dict[tuple[str, date, str], RowFigure] = {}
    in_charge: dict[str, tuple[str, ...]] = {}
    for row in standing_rows(submissions, known, lists, REGISTERED, day):
        in_charge[row.values["indicator_code"]] = row.agencies
        if figure := _indicator_figure(row, REGISTERED, "target", "target_on"):
            found[row.values["indicator_code"].lower(), row.values["target_on"], "all"] = figure
    measured = counted_rows(submissions, known, lists, "indicators", day)
    for row in sorted(measured, key=lambda row: row.agencies, reverse=True):
        code, on = row.values["indicator_code"], row.values["measured_on"]
        speaking = set(row.agencies).intersection(in_charge.get(code, ()))
        figure = _indicator_figure(row) if speaking else None
        if figure:
            found |= {(code.lower(), on, agency): figure for agency in ("all", *speaking)}
    return found


def _indicator_figure(
    row: StandingRow, form: str = "indicators", column: str = "value", on: str = "measured_on"
) -> RowFigure | None:
    said = row.values
    if said[column] is None or said[on] is None:
        return None
    scale = 1 if said[f"{column}_unit"] else said["unit_scale"] or 1
    return RowFigure(said[column] * scale, None, None, form, (column, "unit", on), [row])


def _by_code(rows: Iterable[StandingRow], lists: Lists, day: date) -> dict[str, list[StandingRow]]:
    """Rows by agency code: each counts for the nation, its agencies and their peer groups."""
    found: dict[str, list[StandingRow]] = {}
    for row in rows:
        groups = {group for one in row.agencies if (group := lists.peer_group(one, day))}
        for code in ("all", *row.agencies, *sorted(groups)):
            found.setdefault(code, []).append(row)
    return found


def _of_span(measure: Measure, rows: Sequence[StandingRow], day: date) -> Sequence[StandingRow]:
    if measure.is_by_period:
        start, end = year_that_counts(day)
        rows = [row for row in rows if start <= row.values[PERIOD_END] <= min(end, day)]
    if measure.span == "latest" and rows:
        newest = max(row.values[PERIOD_END] for row in rows)
        rows = [row for row in rows if row.values[PERIOD_END] == newest]
    return rows


def _figure(measure: Measure, of_span: Sequence[StandingRow]) -> RowFigure | None:
    """What a measure makes of rows; None when none is in its slice."""
    if not _in_slice(measure.slice, of_span):
        return None
    able = [row for row in of_span if all(row.values[one] is not None for one in measure.needed)]
    rows = _in_slice(measure.slice, able)
    counted = _in_slice(measure.numerator_slice, able) if measure.numerator_slice else rows
    numerator = _total(measure.numerator, counted)
    denominator = _total(measure.denominator, rows) if measure.denominator else None
    if not measure.denominator:
        value = numerator
    else:
        value = numerator / denominator if numerator is not None and denominator else None
    columns = measure.sources(tuple(of_span[0].values))
    return RowFigure(value, numerator, denominator, measure.form, columns, rows)


def _in_slice(named: Slice, rows: Sequence[StandingRow]) -> Sequence[StandingRow]:
    return [row for row in rows if named.holds(row.values)] if named.conditions else rows


def _total(total: str, rows: Sequence[StandingRow]) -> Number:
    """Rows, different values, or the sum of a column; what is not there counts as nothing."""
    if total == "rows":
        return len(rows)
    values = [row.values.get(column_of(total)) for row in rows]
    known = [value for value in values if value is not None]
    if total.startswith("distinct "):
        return len(set(known))
    return sum(known) if known else None
