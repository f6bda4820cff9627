"""From a published number down to the cells it comes from.

What belongs here: which rows a figure counts, and the address of every cell behind them, from the
published file alone. What does not: proving that the cells say so (`verify.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pipelines.proof.declared import INDICATOR
from pipelines.published import UnknownName, connect
from pipelines.settings import Settings
from pipelines.tracing.trace_queries import (
    BY_REGISTER,
    CELLS,
    COUNTED,
    NAMED,
    PUBLISHED,
    REGISTER,
    REPORTING,
    SOURCES,
    TASKS,
    WORD,
)
from pipelines.tracing.trace_rows import (
    ask,
    indicator_cells,
    mart_of,
    measure_cells,
    published_declarations,
    row_cells,
)
from pipelines.tracing.traced import SourceCell, Trace

OF_TASKS = ("fct_tasks", "dim_tasks", "fct_task_agencies")
NATIONAL = {"all", "central", "provinces"}
MOST_PARTS = 4
"""A key into fct_measures is measure/scope/agency/window."""


def trace(settings: Settings, *what: str) -> Trace:
    """Follow `FIGURE`, or `TABLE KEY COLUMN`, in the newest release. Raises UnknownName."""
    with connect(settings) as connection:
        if len(what) == 1:
            return _trace_figure(connection, what[0])
        return _trace_cell(connection, *what)


def trace_figure(database: Path, figure_id: str) -> Trace:
    """The tasks or rows that a figure of the reconciliation counts, and their cells."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return _trace_figure(connection, figure_id)


def trace_cell(database: Path, table: str, key: str, column: str) -> Trace:
    """The cells behind one value of a table, on the day of the release.

    Args:
        database: the published file.
        table: fct_tasks, dim_tasks (key: task), fct_task_agencies (key: task/agency), fct_measures
            (key: measure/scope/agency, with /window where there is one), findings (key: id), or the
            table of any other form (key: values that together only one row has).
        key: what identifies the row.
        column: a column of the table.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        return _trace_cell(connection, table, key, column)


def _sample(connection: duckdb.DuckDBPyConnection, figure: dict[str, Any]) -> str:
    """The mark of a figure that only invented data confirm."""
    found = ask(connection, "select bool_or(is_invented) as it_is from history.releases", {})
    return " (SAMPLE)" if figure["verdict"] == "MATCH" and found[0]["it_is"] else ""


def _trace_figure(connection: duckdb.DuckDBPyConnection, figure_id: str) -> Trace:
    figures = ask(
        connection, "select * from marts.reconciliation where figure_id = $id", {"id": figure_id}
    )
    if not figures:
        raise UnknownName(f"No published figure {figure_id}: see marts.reconciliation")
    figure = figures[0]
    title = (
        f"{figure_id}  {figure['measure']} of {figure['programme_scope'] or 'all programmes'}, "
        f"{figure['agency_code']}, {figure['as_of_date']}"
    )
    says = (
        f"published {figure['operator']} {figure['published_value']:g}, computed "
        f"{_number(figure['computed_value'])}: {figure['verdict']}{_sample(connection, figure)}"
    )
    if figure["verdict"] == "NOT_COMPUTABLE":
        return Trace(title, (says, figure["explanation_en"] or ""), ())
    if figure["measure"].startswith(INDICATOR):
        declared = published_declarations(connection)
        cells = indicator_cells(connection, declared, figure, _day(connection))
        return Trace(title, (says,), cells, "rows")
    return _trace_measure(connection, figure, figure["as_of_date"], title, says)


def _trace_cell(connection: duckdb.DuckDBPyConnection, table: str, key: str, column: str) -> Trace:
    day = _day(connection)
    name = table.rsplit(".", maxsplit=1)[-1]
    title = f"{name}  {key}  {column}  on {day}"
    if name == "fct_measures":
        return _trace_measure(connection, _named_measure(connection, key), day, title)
    if name == "findings":
        return Trace(title, (), _of_finding(connection, key), "rows")
    if name in OF_TASKS:
        return Trace(title, (), _of_task(connection, name, key, column, day))
    declared = published_declarations(connection)
    forms = {mart.rsplit(".", maxsplit=1)[-1]: form for form, mart in declared.marts.items()}
    if name not in forms:
        known = ", ".join(sorted({*forms, *OF_TASKS, "fct_measures", "findings"}))
        raise UnknownName(f"No trace into {table}. Tables: {known}")
    mart = mart_of(connection, declared, forms[name])
    return Trace(title, (), row_cells(connection, mart, key, column, day), "rows")


def _day(connection: duckdb.DuckDBPyConnection) -> date:
    """The day that the release reports."""
    return ask(connection, "from history.releases where is_this_file", {})[0]["as_of_date"]


def _named_measure(connection: duckdb.DuckDBPyConnection, key: str) -> dict[str, Any]:
    """The measure that a key names. Raises UnknownName when a part of the key is unknown."""
    parts = key.split("/")
    measure, scope, agency, window = (*parts, "", "", "", "")[:4]
    declared = published_declarations(connection)
    measure, agency = declared.alias(measure, agency or "all")
    if measure in declared.measures:
        known = {(declared.measures[measure].scope, "")}
    else:
        known = {
            (row["programme_scope"], row["since"])
            for row in ask(connection, NAMED, {"measure": measure})
        }
    agencies = NATIONAL | {row["agency_code"] for row in ask(connection, REPORTING, {})}
    is_known = (scope, window) in known and agency in agencies and len(parts) <= MOST_PARTS
    if known and not is_known:
        raise UnknownName(f"No measure {key}: {_form_of_a_key(measure, known)}")
    return {
        "measure": measure,
        "programme_scope": scope,
        "agency_code": agency,
        "window_start": window or None,
    }


def _form_of_a_key(measure: str, known: set[tuple[str, str]]) -> str:
    keys = (f"{measure}/{scope}/all" + (f"/{day}" if day else "") for scope, day in sorted(known))
    return (
        "a key is measure/scope/agency, with /window where there is one. The scope is blank for "
        "all programmes; the agency is all, central, provinces or a code of marts.dim_agencies. "
        f"Of {measure}: {', '.join(keys)}"
    )


def _trace_measure(
    connection: duckdb.DuckDBPyConnection,
    row: dict[str, Any],
    day: date,
    title: str,
    *notes: str,
) -> Trace:
    """The cells of a measure, of tasks or of any other form."""
    declared = published_declarations(connection)
    measure, agency = declared.alias(row["measure"], row["agency_code"])
    row = {**row, "measure": measure, "agency_code": agency}
    notes = (*notes, *_definition(connection, measure), *_published(connection, row, day))
    if measure in COUNTED:
        return Trace(title, notes, _task_cells(connection, row, day))
    if measure in declared.undeclared:
        return Trace(title, (*notes, "Worked out of other figures: no cells of its own"), ())
    if measure not in declared.measures:
        known = ", ".join((*COUNTED, *declared.measures))
        raise UnknownName(f"No measure {measure}: {known}")
    if day < _day(connection):
        notes = (*notes, f"Rows as they are known now: reports after {day} may have replaced some")
    counted = declared.measures[measure]
    mart = mart_of(connection, declared, counted.form)
    return Trace(title, notes, measure_cells(connection, mart, counted, agency, day), "rows")


def _of_task(
    connection: duckdb.DuckDBPyConnection, name: str, key: str, column: str, day: date
) -> tuple[SourceCell, ...]:
    known = ask(connection, f"select column_name as name from (describe marts.{name})", {})
    if column not in {row["name"] for row in known}:
        names = ", ".join(row["name"] for row in known)
        raise UnknownName(f"No column {column} in {name}: {names}")
    task, _, agency = key.partition("/")
    sources = SOURCES.get(column, (*WORD, "deadline"))
    of_agency = agency if name == "fct_task_agencies" else None
    cells = _cells(connection, day, [task], sources, of_agency)
    if not cells:
        raise UnknownName(f"No row {key} in {name} on {day}")
    return cells


def _of_finding(connection: duckdb.DuckDBPyConnection, key: str) -> tuple[SourceCell, ...]:
    rows = ask(
        connection,
        """
        select record_key, findings.agency_code, rule_id as role, submission_id,
            any_value(files.file_name) as file_name, sheet_name, row_number, column_name, cell,
            value_found as value
        from quality.findings left join marts.fct_submissions as files using (submission_id)
        where finding_id = $id group by all""",
        {"id": key},
    )
    if not rows:
        raise UnknownName(f"No finding {key}")
    return tuple(SourceCell(**row) for row in rows)


def _task_cells(
    connection: duckdb.DuckDBPyConnection, row: dict[str, Any], day: date
) -> tuple[SourceCell, ...]:
    measure, agency = row["measure"], row["agency_code"]
    tasks = connection.execute(
        TASKS.format(condition=COUNTED[measure]),
        {
            "day": day,
            "agency": agency,
            "window": row["window_start"],
            "scope": row["programme_scope"],
        },
    ).fetchall()
    columns = (*REGISTER, "coordinating_agencies") if measure in BY_REGISTER else (*REGISTER, *WORD)
    is_national = agency in NATIONAL
    codes = [code for (code,) in tasks]
    return _cells(connection, day, codes, columns, None if is_national else agency)


def _cells(
    connection: duckdb.DuckDBPyConnection,
    day: date,
    tasks: list[str],
    columns: Iterable[str],
    agency: str | None,
) -> tuple[SourceCell, ...]:
    """Cells of the register and of one agency's rows; of the leads' rows when none is given."""
    values: dict[str, Any] = {"day": day, "tasks": tasks, "columns": list(columns)}
    if agency is None:
        words = "role = 'lead'"
    else:
        words, values["agency"] = "agency_code = $agency", agency
    return tuple(SourceCell(**row) for row in ask(connection, CELLS.format(words=words), values))


def _definition(connection: duckdb.DuckDBPyConnection, measure: str) -> tuple[str, ...]:
    rows = ask(
        connection,
        "select definition_vi, definition_en from marts.dim_measures where measure = $measure",
        {"measure": measure},
    )
    return tuple(text for row in rows for text in (row["definition_vi"], row["definition_en"]))


def _published(
    connection: duckdb.DuckDBPyConnection, row: dict[str, Any], day: date
) -> tuple[str, ...]:
    """The published measure as it stands, to be compared with what its cells add up to."""
    names = ("measure", "programme_scope", "agency_code", "window_start")
    rows = ask(connection, PUBLISHED, {"day": day, **{name: row[name] for name in names}})
    return tuple(
        f"value {_number(row['value'])}, numerator {_number(row['numerator'])}, "
        f"denominator {_number(row['denominator'])}"
        for row in rows
    )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.10g}"
