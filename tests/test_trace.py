"""From a figure to its cells."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from made_warehouse import MIDDLE, make_warehouse
from rich.console import Console

from pipelines import release, trace
from pipelines.published import NothingPublished, UnknownName
from pipelines.settings import Settings
from pipelines.trace_queries import COUNTED


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("trace")
    found = Settings(data_root=folder / "data", real_input=folder)
    make_warehouse(found.warehouse)
    with duckdb.connect(str(found.warehouse)) as connection:
        # BTC has never spoken of one of the tasks.
        connection.execute(
            "update marts.fct_task_agencies set submission_id = null, sheet_name = null, "
            "row_number = null where task_code = 'NQ71-005' and agency_code = 'BTC'"
        )
    release.publish(found, MIDDLE)
    return found


@pytest.fixture(scope="module")
def database(settings: Settings) -> Path:
    return settings.published / "nq57.duckdb"


def printed(found: trace.Trace) -> str:
    console = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    console.print(found)
    return console.export_text()


def test_a_figure_leads_to_the_cells_of_its_tasks(database: Path) -> None:
    found = trace.trace_figure(database, "F003")
    assert found.task_codes == ("NQ71-008", "NQ71-009")
    lead = [cell for cell in found.cells if (cell.task_code, cell.role) == ("NQ71-008", "lead")]
    assert [(cell.column_name, cell.cell, cell.value) for cell in lead] == [
        ("status", "G13", "DONE"),
        ("percent_complete", "H13", "100.0"),
        ("started_on", "I13", "2025-05-06"),
        ("completed_on", "J13", "2025-08-04"),
    ]
    assert {cell.agency_code for cell in lead} == {"P01"}
    register = next(cell for cell in found.cells if cell.column_name == "deadline")
    assert (register.file_name, register.sheet_name, register.cell, register.value) == (
        "BCD_2025-07-20.xlsx",
        "Danh mục nhiệm vụ",
        "G11",
        "2025-05-30",
    )


def test_counts_what_is_published(database: Path) -> None:
    """The tasks traced are as many as the published numerator (or denominator) says."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "select measure, programme_scope, agency_code, window_start, "
            "coalesce(denominator, numerator) from marts.fct_measures "
            "where as_of_date = $1 and measure != 'agencies_with_tasks'",
            [MIDDLE],
        ).fetchall()
    assert len(rows) > 90
    for measure, scope, agency, window, count in rows:
        key = f"{measure}/{scope}/{agency}/{window or ''}"
        found = trace.trace_cell(database, "fct_measures", key, "value")
        assert (key, len(found.task_codes)) == (key, count)


def test_every_measure_can_be_traced(database: Path) -> None:
    with duckdb.connect(str(database), read_only=True) as connection:
        known = connection.execute("select measure from marts.dim_measures").fetchall()
    assert {measure for (measure,) in known} == COUNTED.keys()


def test_what_the_register_decides_needs_no_report(database: Path) -> None:
    assert {cell.role for cell in trace.trace_figure(database, "F001").cells} == {"register"}


def test_a_figure_that_cannot_be_computed_says_so(database: Path) -> None:
    found = trace.trace_figure(database, "F025")
    assert found.cells == ()
    assert "NOT_COMPUTABLE" in found.notes[0]


def test_a_status_leads_to_every_lead_and_the_deadline(database: Path) -> None:
    found = trace.trace_cell(database, "marts.fct_tasks", "NQ71-005", "status")
    assert {cell.agency_code for cell in found.cells} == {"BCD", "BKHCN", "BTC", "P01"}
    assert [cell.column_name for cell in found.cells if cell.role == "register"] == ["deadline"]
    silent = {cell.cell for cell in found.cells if cell.agency_code == "BTC"}
    assert silent == {None}
    assert "no report" in printed(found)


def test_one_value_leads_to_one_cell(database: Path) -> None:
    (cell,) = trace.trace_cell(database, "fct_task_agencies", "NQ71-005/P01", "completed_on").cells
    assert (cell.agency_code, cell.cell) == ("P01", "J10")
    (cell,) = trace.trace_cell(database, "dim_tasks", "NQ71-005", "title").cells
    assert (cell.agency_code, cell.cell) == ("BCD", "C8")
    (cell,) = trace.trace_cell(database, "findings", "f1", "value_found").cells
    assert (cell.role, cell.cell, cell.value) == ("TSK-COR-001", "J6", "<b>31/02/2025</b>")


@pytest.mark.parametrize(
    "what",
    [
        ("F999",),
        ("fct_tasks", "NQ71-999", "status"),
        ("fct_tasks", "NQ71-005", "no_such_column"),
        ("no_such_table", "x", "y"),
        ("findings", "f999", "value_found"),
        ("fct_measures", "no_such_measure", "value"),
    ],
)
def test_unknown_names(settings: Settings, what: tuple[str, ...]) -> None:
    with pytest.raises(UnknownName):
        trace.trace(settings, *what)


def test_nothing_published(tmp_path: Path) -> None:
    with pytest.raises(NothingPublished):
        trace.trace(Settings(data_root=tmp_path, real_input=tmp_path), "F003")


def test_prints_addresses(settings: Settings) -> None:
    text = printed(trace.trace(settings, "F003"))
    assert "BCD_2025-07-20.xlsx › Danh mục nhiệm vụ" in text
    assert "J13 completed_on = 2025-08-04" in text
    assert "2 tasks, 18 cells in 2 files" in text
