"""From a published number down to the cells it comes from.

What belongs here: which rows a figure counts, and the address of every cell behind them, from the
published file alone. What does not: proving that the cells say so (`verify.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from pipelines.published import UnknownName, connect
from pipelines.settings import Settings
from pipelines.trace_queries import (
    BY_REGISTER,
    CELLS,
    COUNTED,
    REGISTER,
    SOURCES,
    TASKS,
    WORD,
)


@dataclass(frozen=True)
class SourceCell:
    """One cell behind a number; without an address when the agency never spoke of the task."""

    task_code: str
    agency_code: str
    role: str
    submission_id: str | None
    file_name: str | None
    sheet_name: str | None
    row_number: int | None
    column_name: str
    cell: str | None
    value: str | None


@dataclass(frozen=True)
class Trace:
    """A number, what it counts, and every cell behind it."""

    title: str
    notes: tuple[str, ...]
    cells: tuple[SourceCell, ...]

    @property
    def task_codes(self) -> tuple[str, ...]:
        """The tasks counted."""
        return tuple(dict.fromkeys(cell.task_code for cell in self.cells))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Each task, the rows that speak of it, and what their cells say."""
        yield Text(self.title, style="bold")
        yield from (Text(note) for note in self.notes)
        for task_code, of_task in groupby(self.cells, key=lambda cell: cell.task_code):
            yield Text(task_code, style="bold")
            for _, row in groupby(of_task, key=_row_of):
                cells = list(row)
                first = cells[0]
                place = f"{first.file_name} › {first.sheet_name}" if first.cell else "no report"
                yield Text(f"  {first.role:<13}{first.agency_code:<9}{place}", style="dim")
                said = (f"{cell.cell} {cell.column_name} = {cell.value or '–'}" for cell in cells)
                if first.cell:
                    yield Text(f"      {' · '.join(said)}")
        rows = {
            (cell.submission_id, cell.sheet_name, cell.cell) for cell in self.cells if cell.cell
        }
        files = {cell.submission_id for cell in self.cells if cell.cell}
        yield Text(f"{len(self.task_codes)} tasks, {len(rows)} cells in {len(files)} files")


def trace(settings: Settings, *what: str) -> Trace:
    """Follow `FIGURE`, or `TABLE KEY COLUMN`, in the newest release. Raises UnknownName."""
    with connect(settings) as connection:
        if len(what) == 1:
            return _trace_figure(connection, what[0])
        return _trace_cell(connection, *what)


def trace_figure(database: Path, figure_id: str) -> Trace:
    """The tasks that a figure of the reconciliation counts, and their cells."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return _trace_figure(connection, figure_id)


def trace_cell(database: Path, table: str, key: str, column: str) -> Trace:
    """The cells behind one value of a table, on the day of the release.

    Args:
        database: the published file.
        table: fct_tasks, dim_tasks (key: task), fct_task_agencies (key: task/agency), fct_measures
            (key: measure/scope/agency, with /window where there is one), findings (key: id).
        key: what identifies the row.
        column: a column of the table.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        return _trace_cell(connection, table, key, column)


def _sample(connection: duckdb.DuckDBPyConnection, figure: dict[str, Any]) -> str:
    """The mark of a figure that only invented data confirm."""
    found = _ask(connection, "select bool_or(is_invented) as it_is from history.releases", {})
    return " (SAMPLE)" if figure["verdict"] == "MATCH" and found[0]["it_is"] else ""


def _trace_figure(connection: duckdb.DuckDBPyConnection, figure_id: str) -> Trace:
    figures = _ask(
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
    if figure["verdict"] == "NOT_COMPUTABLE" or figure["measure"] not in COUNTED:
        return Trace(title, (says, figure["explanation_en"] or ""), ())
    cells = _measure_cells(connection, figure, figure["as_of_date"])
    return Trace(title, (says, *_definition(connection, figure["measure"])), cells)


def _trace_cell(connection: duckdb.DuckDBPyConnection, table: str, key: str, column: str) -> Trace:
    day = connection.execute(
        "select as_of_date from history.releases where is_this_file"
    ).fetchall()[0][0]
    name = table.rsplit(".", maxsplit=1)[-1]
    title = f"{name}  {key}  {column}  on {day}"
    if name == "fct_measures":
        return Trace(title, (), _of_measure(connection, key, day))
    if name == "findings":
        return Trace(title, (), _of_finding(connection, key))
    if name not in {"fct_tasks", "dim_tasks", "fct_task_agencies"}:
        raise UnknownName(
            f"No trace into {table}. Tables: fct_tasks, dim_tasks, fct_task_agencies, "
            "fct_measures, findings"
        )
    known = connection.execute(f"select column_name from (describe marts.{name})").fetchall()
    if (column,) not in known:
        raise UnknownName(f"No column {column} in {name}: {', '.join(c for (c,) in known)}")
    task, _, agency = key.partition("/")
    sources = SOURCES.get(column, (*WORD, "deadline"))
    of_agency = agency if name == "fct_task_agencies" else None
    cells = _cells(connection, day, [task], sources, of_agency)
    if not cells:
        raise UnknownName(f"No row {key} in {name} on {day}")
    return Trace(title, (), cells)


def _of_measure(
    connection: duckdb.DuckDBPyConnection, key: str, day: date
) -> tuple[SourceCell, ...]:
    measure, scope, agency, window = (*key.split("/"), "", "", "", "")[:4]
    if measure not in COUNTED:
        raise UnknownName(f"No measure {measure}: {', '.join(COUNTED)}")
    row = {
        "measure": measure,
        "programme_scope": scope,
        "agency_code": agency or "all",
        "window_start": window or None,
    }
    return _measure_cells(connection, row, day)


def _of_finding(connection: duckdb.DuckDBPyConnection, key: str) -> tuple[SourceCell, ...]:
    rows = _ask(
        connection,
        """
        select record_key as task_code, findings.agency_code, rule_id as role, submission_id,
            any_value(files.file_name) as file_name, sheet_name, row_number, column_name, cell,
            value_found as value
        from quality.findings left join marts.fct_submissions as files using (submission_id)
        where finding_id = $id group by all""",
        {"id": key},
    )
    if not rows:
        raise UnknownName(f"No finding {key}")
    return tuple(SourceCell(**row) for row in rows)


def _measure_cells(
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
    is_national = agency in {"all", "central", "provinces"}
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
    return tuple(SourceCell(**row) for row in _ask(connection, CELLS.format(words=words), values))


def _definition(connection: duckdb.DuckDBPyConnection, measure: str) -> tuple[str, ...]:
    rows = _ask(
        connection,
        "select definition_vi, definition_en from marts.dim_measures where measure = $measure",
        {"measure": measure},
    )
    return tuple(text for row in rows for text in (row["definition_vi"], row["definition_en"]))


def _ask(
    connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, Any]
) -> list[dict[str, Any]]:
    cursor = connection.execute(query, values)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _row_of(cell: SourceCell) -> tuple[str, str, str, int]:
    return cell.task_code, cell.agency_code, cell.submission_id or "", cell.row_number or 0


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
