"""From a number of a row form, or one of its rows, down to the cells.

What belongs here: questions to the published file that serve every form alike, from what it says
of its own forms, measures and slices. What does not: tasks (`trace_queries.py`), telling
(`traced.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from pipelines.frozen import quote
from pipelines.proof.declared import (
    INDICATOR,
    PERIOD_END,
    Declared,
    Measure,
    column_of,
    declare,
    year_that_counts,
)
from pipelines.published import UnknownName
from pipelines.tracing.traced import SourceCell

GROUPS = ("central", "provinces")
OPEN_END = "date '9999-12-31'"

CELLS = """
    with found as ({rows})
    select {label} as record_key, {agency} as agency_code, asked.cell.role, submission_id,
        files.file_name, sheet_name, row_number, columns.column_name,
        columns.column_letter || row_number as cell, asked.cell.value
    from found
    cross join unnest([{sources}]) as asked (cell)
    -- Two forms may stand in one sheet and share the name of a column.
    inner join (from quality.source_columns where form = '{form}') as columns
        using (submission_id, sheet_name)
    left join (
        select submission_id, any_value(file_name) as file_name from marts.fct_submissions
        group by all
    ) as files using (submission_id)
    where columns.column_name = asked.cell.name
    order by record_key, agency_code, files.file_name, row_number, length(column_letter),
        column_letter
"""


@dataclass(frozen=True)
class Mart:
    """The published table that holds the rows of a form."""

    form: str
    name: str
    columns: tuple[str, ...]
    sheet_columns: tuple[str, ...]
    """Columns of the form's sheets, in their order."""

    @property
    def agency(self) -> str:
        """Who answers for a row now, else who sent it, else the committee."""
        known = (one for one in ("current_agency_code", "agency_code") if one in self.columns)
        return next(known, "'BCD'")

    @property
    def label(self) -> str:
        """The codes of a row."""
        codes = [one for one in self.columns if one.endswith("_code") and one in self.sheet_columns]
        codes = [one for one in codes if one != "agency_code"] or [self.agency]
        return f"concat_ws('/', {', '.join(codes)})"

    def standing(self) -> list[str]:
        """What holds for the rows that count on `$day`."""
        found: list[str] = []
        if "valid_from" in self.columns:
            found.append(f"$day between valid_from and coalesce(valid_to, {OPEN_END})")
        if "withdrawn_on" in self.columns:
            found.append(f"coalesce(withdrawn_on, {OPEN_END}) > $day")
        if "is_counted" in self.columns:
            found.append("is_counted")
        return found


def published_declarations(connection: duckdb.DuckDBPyConnection) -> Declared:
    """What the published file says of its forms and measures."""
    names = ("dim_measures", "dim_slices", "dim_forms", "dim_measure_aliases")
    return declare(*(ask(connection, f"from marts.{name}", {}) for name in names))


def mart_of(connection: duckdb.DuckDBPyConnection, declared: Declared, form: str) -> Mart:
    """The table of a form, and which columns it and its sheets have."""
    name = declared.marts[form]
    columns = ask(connection, f"select column_name from (describe {name})", {})
    of_sheets = ask(
        connection,
        "select column_name from quality.source_columns where form = $form "
        "group by all order by min(length(column_letter)), min(column_letter), column_name",
        {"form": form},
    )
    return Mart(form, name, _names(columns), _names(of_sheets))


def measure_cells(
    connection: duckdb.DuckDBPyConnection, mart: Mart, measure: Measure, agency: str, day: date
) -> tuple[SourceCell, ...]:
    """The cells of every row that a measure counts for an agency code on a day."""
    values: dict[str, Any] = {"day": day}
    conditions = mart.standing()
    if agency in GROUPS:
        values["agency"] = agency
        conditions.append(
            f"{mart.agency} in (select agency_code from marts.dim_agencies as named "
            "where named.peer_group = $agency "
            f"and $day between named.valid_from and coalesce(named.valid_to, {OPEN_END}))"
        )
    elif agency != "all":
        values["agency"] = agency
        conditions.append(f"{mart.agency} = $agency")
    if measure.is_by_period:
        start, end = year_that_counts(day)
        values |= {"start": start, "end": min(end, day)}
        conditions.append(f"{PERIOD_END} between $start and $end")
    rows = f"from {mart.name}{_where(conditions)}"
    if measure.span == "latest":
        rows += f" qualify {PERIOD_END} = max({PERIOD_END}) over ()"
    of_slice = [_is_one_of(*condition) for condition in measure.slice.conditions]
    of_slice += [f"{column} is not null" for column in measure.needed]
    rows = f"from ({rows}){_where(of_slice)}"
    roles = {
        column_of(measure.denominator): "denominator",
        column_of(measure.numerator): "numerator",
    }
    sources = {name: roles.get(name, "counts by") for name in measure.sources(mart.sheet_columns)}
    return _cells(connection, mart, rows, sources, values)


def indicator_cells(
    connection: duckdb.DuckDBPyConnection, declared: Declared, figure: Mapping[str, Any], day: date
) -> tuple[SourceCell, ...]:
    """The cells that give a figure of an indicator: what was measured, else the target."""
    values = {
        "day": day,
        "code": figure["measure"].removeprefix(INDICATOR),
        "on": figure["as_of_date"],
        "value": figure["computed_value"],
    }
    for form, value, dated in (
        ("indicators", "value", "measured_on"),
        ("register_indicators", "target", "target_on"),
    ):
        mart = mart_of(connection, declared, form)
        # The newest register may have dropped an indicator: what it was to be stays its target.
        standing = mart.standing() if form == "indicators" else ["$day is not null"]
        named = ["lower(indicator_code) = $code", f"{dated} = $on", f"{value} = $value"]
        rows = f"from {mart.name}{_where([*standing, *named])}"
        sources = dict.fromkeys((value, "unit", dated), value)
        if cells := _cells(connection, mart, rows, sources, values):
            return cells
    return ()


def row_cells(
    connection: duckdb.DuckDBPyConnection, mart: Mart, key: str, column: str, day: date
) -> tuple[SourceCell, ...]:
    """The cell of a column in the row that a key names; of a derived column, the whole row.

    A key is as many of the row's values, joined with `/`, as no other row that counts on the day
    has; a row that does not count is found by values that only such rows have.

    Raises:
        UnknownName: no such column, or the key names no row, or several.
    """
    if column not in mart.columns:
        raise UnknownName(f"No column {column} in {mart.name}: {', '.join(mart.columns)}")
    texts = ", ".join(f"{one}::varchar" for one in mart.columns)
    named = f"list_has_all([{texts}], $parts)"
    values: dict[str, Any] = {"parts": key.split("/")}
    rows = f"from {mart.name} where {named}"
    if standing := " and ".join(mart.standing()):
        values["day"] = day
        rows += f" qualify ({standing}) or not bool_or({standing}) over ()"
    count = len(ask(connection, rows, values))
    if count != 1:
        raise UnknownName(f"{key} names {count or 'no'} rows of {mart.name} on {day}")
    named_columns = (column,) if column in mart.sheet_columns else mart.sheet_columns
    return _cells(connection, mart, rows, dict.fromkeys(named_columns, mart.form), values)


def _cells(
    connection: duckdb.DuckDBPyConnection,
    mart: Mart,
    rows: str,
    sources: Mapping[str, str],
    values: Mapping[str, Any],
) -> tuple[SourceCell, ...]:
    """The cells that rows of a mart have in some columns of their sheets."""
    listed = (
        f"{{name: '{name}', role: '{role}', "
        f"value: {f'{name}::varchar' if name in mart.columns else 'null::varchar'}}}"
        for name, role in sources.items()
    )
    query = CELLS.format(
        rows=rows,
        form=mart.form,
        label=mart.label,
        agency=mart.agency,
        sources=", ".join(listed),
    )
    return tuple(SourceCell(**row) for row in ask(connection, query, values))


def _is_one_of(column: str, codes: Iterable[str]) -> str:
    return f"{column}::varchar in ({', '.join(map(quote, sorted(codes)))})"


def ask(
    connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The rows of a query, by column."""
    cursor = connection.execute(query, dict(values))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _names(rows: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(row["column_name"] for row in rows)


def _where(conditions: Sequence[str]) -> str:
    return f" where {' and '.join(conditions)}" if conditions else ""
