"""What Dagster is told: which assets there are, when they are made, what stops a run."""

import json
from datetime import date, datetime
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._core.definitions.partitions.context import partition_loading_context
from dagster._core.remote_representation.external_data import ScheduleSnap
from dagster_dbt import DbtProject

from pipelines.definitions import defs
from pipelines.defs import quality as quality_defs
from pipelines.defs.jobs import daily_0600, tell_who_failed
from pipelines.defs.resources import DAYS, Workplace
from pipelines.quality.register import load_rules
from pipelines.quality.verdicts import Verdict
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.warehouse import WarehouseBusy, lock

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
ASSETS = {
    "archive": "readings receipts",
    "raw": "built_days built_senders commune_criteria control_totals datasets decisions form_rows"
    " gaps header_questions indicators reading_forms reading_notes readings receipts"
    " register_commune_changes register_communes register_criteria register_datasets"
    " register_indicators register_province_changes register_services register_tasks row_matches"
    " rules run services source_columns structure_rows tasks",
    "marts": "agency_scorecards bridge_commune_changes bridge_dataset_lists bridge_province_changes"
    " bridge_task_agencies commune_coverage control_totals dim_agencies dim_communes dim_criteria"
    " dim_datasets dim_forms dim_indicators dim_labels dim_measure_aliases dim_measures"
    " dim_programmes dim_services dim_slices dim_tasks fct_commune_criteria fct_datasets"
    " fct_indicators fct_measures fct_service_outlook fct_services fct_submissions"
    " fct_task_agencies fct_tasks reconciliation submission_rates",
    "measured": "failing_rows rule_outcomes",
    "quality": "exceptions findings receipt_notes repairs rule_results rules scores source_columns"
    " unreadable_cells",
    "history": "release_changes releases",
}
"""What people look for by name; staging, intermediate and seeds follow the dbt project."""
OF_A_DAY = tuple(["raw", table] for table in ("built_days", "built_senders", "rules", "run"))
"""Written by a run for its day, unlike what was received."""


@pytest.fixture(scope="module")
def definitions():
    return defs()


@pytest.fixture(scope="module")
def graph(definitions):
    return definitions.resolve_asset_graph()


def test_definitions_load(definitions):
    dg.Definitions.validate_loadable(definitions)
    assert definitions.executor is dg.in_process_executor


def test_assets_are_those_written_here(graph):
    found: dict[str, list[str]] = {}
    for key in sorted(graph.get_all_asset_keys()):
        schema, table = key.path
        found.setdefault(schema, []).append(table)
    assert {name: " ".join(found.pop(name)) for name in ASSETS} == ASSETS
    assert set(found) == {"staging", "intermediate", "seeds"}


def test_key_group_and_owner_say_the_same_of_every_asset(graph):
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.group_name == key.path[0], key
        assert node.owners == ["team:nq57"], key
        assert node.description, key
        assert node.kinds, key


def test_facts_have_a_day_and_what_was_received_has_none(graph):
    for key in graph.get_all_asset_keys():
        is_partitioned = key.path[0] not in ("archive", "raw") or key.path in OF_A_DAY
        partitions = graph.get(key).partitions_def
        assert partitions == (DAYS if is_partitioned else None), key
        if is_partitioned:
            assert graph.get(key).backfill_policy == dg.BackfillPolicy.single_run(), key


def test_today_can_be_chosen_as_a_day():
    with partition_loading_context(datetime(2025, 10, 28, 0, 30, tzinfo=HANOI)):
        assert DAYS.get_last_partition_key() == "2025-10-28"
    assert DAYS.get_first_partition_key() == "2025-01-01"


def test_whatever_opens_the_warehouse_is_in_its_pool(graph):
    opens = {key for key in graph.get_all_asset_keys() if key.path[0] != "archive"}
    assert {key for key in opens if graph.get(key).pools == {"warehouse"}} == opens


def test_measurement_stands_between_facts_and_scores(graph):
    measured = graph.get(dg.AssetKey(["measured", "failing_rows"]))
    assert dg.AssetKey(["intermediate", "int_reported_tasks"]) in measured.parent_keys
    published = graph.get(dg.AssetKey(["history", "releases"])).parent_keys
    compared = dg.AssetKey(["history", "release_changes"])
    assert {key for key in graph.get_all_asset_keys() if key.path[0] in ("marts", "quality")} | {
        compared
    } == published
    assert measured.key in _above(graph, published)


def _above(graph, keys):
    seen = set()
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            waiting += graph.get(key).parent_keys
    return seen


def test_gates_block_and_measures_do_not(graph):
    rules = {rule.rule_id.replace("-", "_") for rule in load_rules(PROJECT_ROOT / "expectations")}
    checks = graph.asset_check_keys
    blocking = {key.name for key in checks if graph.get_check_spec(key).blocking}
    assert rules <= {key.name for key in checks}
    assert blocking == {key.name for key in checks} - rules


def test_every_dbt_test_of_a_model_is_a_check(graph):
    manifest = json.loads(DbtProject(PROJECT_ROOT / "dbt_project").manifest_path.read_text("utf-8"))
    tests = {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and any(not above.startswith("source.") for above in node["depends_on"]["nodes"])
    }
    rules = {rule.rule_id.replace("-", "_") for rule in load_rules(PROJECT_ROOT / "expectations")}
    assert {key.name for key in graph.asset_check_keys} == tests | rules


def verdict(**differs) -> Verdict:
    counts = {"applicable": 100, "failed": 5, "missing": 5, "findings": 5}
    fixed = {"rule_id": "TSK-COR-001", "is_broken": False, "share_before": 0.9}
    return Verdict(**{**counts, **fixed, **differs})


@pytest.mark.parametrize(
    ("differs", "passed", "severity"),
    [
        ({}, True, "WARN"),
        ({"share_before": None}, True, "WARN"),
        ({"share_before": 0.95}, False, "WARN"),
        ({"findings": 4}, False, "ERROR"),
        ({"is_broken": True}, False, "ERROR"),
        ({"applicable": 0, "failed": 0, "missing": 0, "findings": 0}, True, "WARN"),
    ],
)
def test_a_rule_warns_of_worse_data_and_errs_for_our_fault(differs, passed, severity):
    result = quality_defs.check_result(verdict(**differs))
    assert (result.passed, result.severity.value) == (passed, severity)


def test_the_pass_share_is_plotted():
    metadata = quality_defs.check_result(verdict()).metadata
    assert metadata["pass_share"] == dg.FloatMetadataValue(0.9)


def test_schedule_reports_the_day_that_ended():
    assert (daily_0600.cron_schedule, daily_0600.execution_timezone) == (
        "0 6 * * *",
        "Asia/Ho_Chi_Minh",
    )
    # 06:00 in Hanoi is 23:00 of the day before in UTC, which is how a scheduler may tell it.
    for tick in (
        datetime(2025, 10, 29, 6, 0, tzinfo=HANOI),
        datetime(2025, 10, 28, 23, 0, tzinfo=ZoneInfo("UTC")),
    ):
        request = daily_0600(dg.build_schedule_context(scheduled_execution_time=tick))
        assert request.partition_key == "2025-10-28"
        assert DAYS.has_partition_key(request.partition_key)


def test_missed_mornings_are_left_to_one_run(definitions):
    """The daemon makes up for several missed ticks only where a schedule has a partition set.

    Without one it runs the latest tick, which names its own day however late the machine came
    back; the pass of that run builds the days between.
    """
    known = ScheduleSnap.from_def(daily_0600, definitions.get_repository_def())
    assert known.partition_set_name is None
    tick = datetime(2025, 11, 3, 6, 0, tzinfo=HANOI)
    for _ in range(2):  # Dagster tries a tick again; the same key never starts a second run
        request = daily_0600(dg.build_schedule_context(scheduled_execution_time=tick))
        assert (request.partition_key, request.run_key) == ("2025-11-02", "2025-11-02")


def test_schedule_runs_everything(definitions, graph):
    job = definitions.resolve_job_def("daily")
    assert job.partitions_def == DAYS
    assert set(job.asset_layer.selected_asset_keys) == set(graph.get_all_asset_keys())
    assert daily_0600.job_name == "daily"


def test_a_failed_run_leaves_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("NQ57_DATA", str(tmp_path))

    @dg.op
    def collapses():
        raise ValueError("the disk is full\nand more")

    @dg.job(hooks={tell_who_failed})
    def one_step():
        collapses()

    assert not one_step.execute_in_process(raise_on_error=False).success
    failure = json.loads((tmp_path / "last_failure.json").read_text(encoding="utf-8"))
    assert failure["step"] == "collapses"
    assert failure["sentence"].endswith("one_step stopped at collapses: the disk is full")


def test_every_job_tells_who_failed(definitions):
    for name in ("intake", "report", "daily"):
        assert tell_who_failed in definitions.resolve_job_def(name).hook_defs


def held_by(settings):
    """Who holds the data root now; None when nobody does."""
    try:
        with lock(settings, "test"):
            return None
    except WarehouseBusy as error:
        return str(error)


def test_a_run_holds_the_data_root_from_its_first_step_to_its_last(tmp_path, monkeypatch):
    monkeypatch.setenv("NQ57_DATA", str(tmp_path))
    settings = Settings.from_environment()
    seen = []

    @dg.asset
    def first(workplace: Workplace) -> None:
        seen.append(held_by(workplace.settings))

    @dg.asset(deps=[first])
    def second() -> None:
        seen.append(held_by(settings))

    result = dg.materialize([first, second], resources={"workplace": Workplace()})
    assert result.success
    assert len(seen) == 2
    assert all(holder and f"run {result.run_id}" in holder for holder in seen)
    assert held_by(settings) is None


def test_a_second_run_fails_at_once_and_says_who_holds_the_data_root(tmp_path, monkeypatch):
    monkeypatch.setenv("NQ57_DATA", str(tmp_path))

    @dg.asset
    def never(workplace: Workplace) -> None:
        raise AssertionError("started while another run holds the data root")

    with lock(Settings.from_environment(), "another run"):
        result = dg.materialize([never], resources={"workplace": Workplace()}, raise_on_error=False)
    assert not result.success
    failure = next(event for event in result.all_events if event.is_failure)
    assert "another run" in str(failure.event_specific_data.error)


def test_known_at_is_an_instant():
    assert Workplace().knowledge is None
    known = Workplace(known_at="2025-10-01T00:00:00+00:00").knowledge
    assert known is not None
    assert known.date() == date(2025, 10, 1)
