"""From a figure to its cells."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from made_warehouse import MIDDLE, make_warehouse
from rich.console import Console

from pipelines import release
from pipelines.published import NothingPublished, UnknownName
from pipelines.settings import Settings
from pipelines.tracing import trace
from pipelines.tracing.trace_queries import COUNTED


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
    with duckdb.connect(str(found.published / "nq57.duckdb")) as connection:
        connection.execute((Path(__file__).parent / "traced_rows.sql").read_text(encoding="utf-8"))
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
    assert found.record_keys == ("NQ71-008", "NQ71-009")
    lead = [cell for cell in found.cells if (cell.record_key, cell.role) == ("NQ71-008", "lead")]
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
            "where as_of_date = $1 and list_contains($2, measure)",
            [MIDDLE, [measure for measure in COUNTED if measure != "agencies_with_tasks"]],
        ).fetchall()
    assert len(rows) > 90
    for measure, scope, agency, window, count in rows:
        key = f"{measure}/{scope}/{agency}/{window or ''}"
        found = trace.trace_cell(database, "fct_measures", key, "value")
        assert (key, len(found.record_keys)) == (key, count)


def test_every_measure_can_be_traced(database: Path) -> None:
    with duckdb.connect(str(database), read_only=True) as connection:
        known = connection.execute(
            "select measure from marts.dim_measures where form = 'tasks'"
        ).fetchall()
    assert {measure for (measure,) in known} == COUNTED.keys()


def test_what_the_register_decides_needs_no_report(database: Path) -> None:
    assert {cell.role for cell in trace.trace_figure(database, "F001").cells} == {"register"}


def test_a_figure_that_cannot_be_computed_says_so(database: Path) -> None:
    found = trace.trace_figure(database, "F027")
    assert found.cells == ()
    assert "NOT_COMPUTABLE" in found.notes[0]
    assert "0 tasks" not in printed(found)


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


def addresses(found: trace.Trace, role: str) -> list[str]:
    of_role = (cell for cell in found.cells if cell.role == role)
    return [f"{cell.file_name} {cell.cell}" for cell in of_role]


class TestRows:
    def test_a_share_leads_to_the_rows_that_count(self, database: Path) -> None:
        """What an abolished ministry says counts for its successor unless that one says it too."""
        found = trace.trace_figure(database, "F026")
        assert addresses(found, "numerator") == [
            "s-BKHDT-services.xlsx F7",
            "s-BTC-services.xlsx F7",
            "s-BTC-services.xlsx F8",
        ]
        assert addresses(found, "denominator")[0] == "s-BKHDT-services.xlsx E7"
        assert {cell.agency_code for cell in found.cells} == {"BTC"}
        assert {cell.sheet_name for cell in found.cells} == {"Dịch vụ công"}
        assert any("dossiers" in note.lower() for note in found.notes)
        values = [int(cell.value or 0) for cell in found.cells if cell.role == "numerator"]
        assert values == [60, 20, 30]

    def test_a_measure_by_agency(self, settings: Settings) -> None:
        key = "online_dossier_share//P01"
        found = trace.trace(settings, "fct_measures", key, "value")
        assert found.row_count == 40
        assert found.record_keys[:2] == ("1.000010", "1.000011")

    def test_many_rows_are_told_by_file(self, settings: Settings) -> None:
        text = printed(trace.trace(settings, "fct_measures", "online_dossier_share//P01", "value"))
        assert "s-P01-services.xlsx › Dịch vụ công  P01" in text
        assert "numerator    dossiers_fully_online: 40 cells, sum 80" in text
        assert "denominator  dossiers_received: 40 cells, sum 400" in text
        assert "G5:G24, G26:G45" in text
        assert "40 rows, 120 cells in 1 files" in text

    def test_the_latest_period(self, database: Path) -> None:
        found = trace.trace_cell(database, "fct_measures", "dossiers_pending//BTC", "value")
        assert addresses(found, "numerator") == [
            "s-BKHDT-services.xlsx G7",
            "s-BTC-services.xlsx G7",
        ]

    def test_a_slice(self, database: Path) -> None:
        key = "fully_online_share_of_full_services//central"
        found = trace.trace_cell(database, "fct_measures", key, "value")
        assert addresses(found, "counts by")[:2] == [
            "s-BKHDT-services.xlsx B7",
            "s-BKHDT-services.xlsx D7",
        ]
        assert addresses(found, "numerator") == [
            "s-BKHDT-services.xlsx F7",
            "s-BTC-services.xlsx F8",
        ]

    def test_a_register(self, database: Path) -> None:
        found = trace.trace_cell(database, "fct_measures", "essential_services", "value")
        assert addresses(found, "numerator") == ["s-BCD-services.xlsx A8"]
        found = trace.trace_cell(database, "fct_measures", "services_registered//BTC", "value")
        assert [cell.column_name for cell in found.cells] == ["procedure_code"] * 2

    def test_an_indicator_leads_to_its_cell(self, database: Path) -> None:
        found = trace.trace_figure(database, "F028")
        assert [(cell.column_name, cell.cell, cell.value) for cell in found.cells] == [
            ("value", "C6", "26.0"),
            ("unit", "D6", "percent"),
            ("measured_on", "E6", "2025-08-31"),
        ]
        assert "1 rows, 3 cells in 1 files" in printed(found)

    @pytest.mark.parametrize("figure", ["F006", "F025", "F026", "F028", "F063"])
    def test_two_forms_in_one_sheet_are_told_apart(self, database: Path, figure: str) -> None:
        """Another form has a column of the same name, in column Z; SQL finds what we find."""
        traced = {(one.sheet_name, one.cell) for one in trace.trace_figure(database, figure).cells}
        with duckdb.connect(str(database), read_only=True) as connection:
            found = connection.execute(
                "select sheet_name, cell from marts.figure_cells($1)", [figure]
            ).fetchall()
        assert set(found) == {one for one in traced if one[1]}
        assert found
        assert not [cell for _, cell in found if cell.startswith("Z")]

    def test_a_target_leads_to_the_register(self, database: Path) -> None:
        found = trace.trace_figure(database, "F063")
        assert addresses(found, "target")[1] == "s-BCD-services.xlsx G12"

    def test_a_value_of_a_row(self, database: Path) -> None:
        key = "1.000002/2025-08-15/2025-09-14/BTC"
        row = "fct_services", key
        (cell,) = trace.trace_cell(database, *row, "dossiers_received").cells
        assert (cell.file_name, cell.cell, cell.value) == ("s-BTC-services.xlsx", "E7", "50")
        assert len(trace.trace_cell(database, *row, "is_counted").cells) == 7
        silent = "fct_services", "1.000002/BKHDT"
        (cell,) = trace.trace_cell(database, *silent, "dossiers_received").cells
        assert (cell.cell, cell.value) == ("E8", "999")
        (cell,) = trace.trace_cell(database, "dim_services", "1.000002/full", "is_essential").cells
        assert cell.cell == "D8"

    def test_a_key_that_names_two_rows(self, database: Path) -> None:
        with pytest.raises(UnknownName, match="names 3 rows"):
            trace.trace_cell(database, "fct_services", "1.000002/BTC", "dossiers_received")


@pytest.mark.parametrize(
    "what",
    [
        ("F999",),
        ("fct_tasks", "NQ71-999", "status"),
        ("fct_tasks", "NQ71-005", "no_such_column"),
        ("no_such_table", "x", "y"),
        ("findings", "f999", "value_found"),
        ("fct_measures", "no_such_measure", "value"),
        ("fct_measures", "tasks_completed_in_window//all/soon", "value"),
        ("fct_services", "1.000099", "dossiers_received"),
        ("fct_services", "1.000001", "no_such_column"),
    ],
)
def test_unknown_names(settings: Settings, what: tuple[str, ...]) -> None:
    with pytest.raises(UnknownName):
        trace.trace(settings, *what)


@pytest.mark.parametrize(
    "key",
    [
        "dataset_coverage_share/BYT",
        "dataset_coverage_share/NQ71/BYT",
        "dataset_coverage_share//NOBODY",
        "tasks_overdue/BYT/all",
        "tasks_overdue/NQ71/all//x",
        "tasks_overdue/NQ71/G-ALL",
    ],
)
def test_a_key_that_names_no_measure_is_told_its_form(settings: Settings, key: str) -> None:
    with pytest.raises(UnknownName, match="a key is measure/scope/agency") as raised:
        trace.trace(settings, "fct_measures", key, "value")
    assert f"{key.partition('/')[0]}/" in str(raised.value)


def test_a_measure_says_what_is_published(settings: Settings, database: Path) -> None:
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "select concat_ws('/', measure, programme_scope, agency_code, window_start), value, "
            "numerator, denominator from marts.fct_measures where as_of_date = $1",
            [MIDDLE],
        ).fetchall()
    for key, value, *parts in (rows[0], rows[-1]):
        numerator, denominator = ("–" if part is None else part for part in parts)
        found = trace.trace(settings, "fct_measures", key, "value")
        said = f"value {value:.10g}, numerator {numerator}, denominator {denominator}"
        assert found.notes[-1] == said


def test_a_finding_is_of_rows(settings: Settings) -> None:
    assert "1 rows, 1 cells in 1 files" in printed(
        trace.trace(settings, "findings", "f1", "value_found")
    )


def test_nothing_published(tmp_path: Path) -> None:
    with pytest.raises(NothingPublished):
        trace.trace(Settings(data_root=tmp_path, real_input=tmp_path), "F003")


def test_prints_addresses(settings: Settings) -> None:
    text = printed(trace.trace(settings, "F003"))
    assert "BCD_2025-07-20.xlsx › Danh mục nhiệm vụ" in text
    assert "J13 completed_on = 2025-08-04" in text
    assert "2 tasks, 18 cells in 2 files" in text
