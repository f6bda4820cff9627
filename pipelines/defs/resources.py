"""What every asset is given: the data root, held alone, and dbt.

What belongs here: what several files of `defs/` share. What does not: paths (`settings.py`), the
lock itself (`warehouse.py`).
"""

import json
import shutil
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, DbtProject
from packaging.version import Version
from pydantic import Field
from sqlalchemy import Engine, event

from pipelines import durable, tables, warehouse
from pipelines.settings import Settings
from pipelines.tables import Table

TEAM = "team:nq57"
WAREHOUSE_POOL = "warehouse"
TIME_ZONE = "Asia/Ho_Chi_Minh"
DAYS = dg.DailyPartitionsDefinition(start_date="2025-01-01", timezone=TIME_ZONE, end_offset=1)
"""As-of dates of the years of the resolution; today can be chosen although it has not ended."""
WHOLE_RANGE = dg.BackfillPolicy.single_run()
RELEASES = dg.AssetKey(["history", "releases"])
PUBLISHED = ("marts", "quality")
"""Schemas that a release copies."""


class Workplace(dg.ConfigurableResource):
    """The data root, held alone from the first step of a run to the last."""

    known_at: str = Field(
        default="",
        description="Leave out receipts and decisions after this instant (ISO 8601, UTC).",
    )

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Workplace"]:
        """Hold the lock; a second run fails at once and says who holds it."""
        self.settings.export()
        purpose = f"run {context.run.run_id}" if context.run else "Dagster"
        with warehouse.lock(self.settings, purpose):
            if context.instance and context.run:
                bury_the_dead(context.instance, context.run.run_id)
            yield self

    @property
    def settings(self) -> Settings:
        return Settings.from_environment()

    @property
    def knowledge(self) -> datetime | None:
        """The instant after which nothing counts; None for all that is known."""
        return datetime.fromisoformat(self.known_at) if self.known_at else None


def bury_the_dead(instance: dg.DagsterInstance, living: str) -> None:
    """Close the records of runs that were killed; whoever holds the lock is the only one alive.

    Their places in the pool would keep every later run waiting for ever.
    """
    for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
        if run.run_id != living:
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
            instance.report_run_failed(run, "The process died before the run had ended.")


class Dbt(DbtCliResource):
    """dbt as a child process, without what dagster-dbt does around each call.

    `dbt --version` takes 5 s because it asks the package index for updates, and the adapter that
    it loads into this process another 3 s; row counts and columns come from DuckDB instead.
    """

    @cached_property
    def _cli_version(self) -> Version:
        return Version(version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        return None


def dbt_of(settings: Settings) -> Dbt:
    """Run dbt on the project, from the environment that runs this program."""
    return Dbt(
        project_dir=str(settings.dbt_project),
        profiles_dir=str(settings.dbt_project),
        dbt_executable=str(Path(sys.executable).with_name("dbt")),
    )


def prepared(settings: Settings) -> DbtProject:
    """The dbt project, parsed when its manifest is missing or older than a file of it.

    dbt keeps what it parsed where runs look for it, so that they need not parse again.
    """
    project = DbtProject(settings.dbt_project)
    manifest = project.manifest_path
    kinds = ("*.yml", "models/**/*", "seeds/*", "macros/**/*", "tests/**/*")
    sources = [path for kind in kinds for path in settings.dbt_project.glob(kind)]
    newest = max(path.stat().st_mtime for path in sources)
    if not manifest.exists() or manifest.stat().st_mtime < newest:
        settings.export()
        target = settings.dbt_target
        # Whole: dbt loses what singular tests say of themselves when it parses in part.
        whole = ["--quiet", "--no-partial-parse"]
        dbt_of(settings).cli(["parse", *whole], target_path=target).wait()
        with durable.file_aside(manifest) as aside:
            shutil.copyfile(target / "manifest.json", aside)
    return project


PROJECT = prepared(Settings.from_environment())
MANIFEST = json.loads(PROJECT.manifest_path.read_text(encoding="utf-8"))


def as_of_date(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> date:
    """The day the run speaks of: the last of its partitions."""
    return date.fromisoformat(context.partition_key_range.end)


def table_metadata(table: Table | None) -> dict[str, Any]:
    """Rows and columns of a table, in the words of Dagster's catalogue."""
    if table is None:
        return {}
    columns = [dg.TableColumn(column.name, column.type, column.comment) for column in table.columns]
    counted = {} if table.rows is None else {"dagster/row_count": table.rows}
    return {**counted, "dagster/column_schema": dg.TableSchema(columns)}


def is_published_by(context: dg.AssetExecutionContext) -> bool:
    """Whether this run ends with a release; then that step reports the earlier days of all."""
    return context.job_def.graph.has_node_named(RELEASES.to_python_identifier())


def earlier_days(
    context: dg.AssetExecutionContext, settings: Settings, keys: Iterable[dg.AssetKey]
) -> list[dg.AssetMaterialization]:
    """The days before the chosen ones that the same pass built and nobody has reported yet.

    A published table whose grain begins with the day holds one partition for each.
    """
    published = sorted(key for key in keys if key.path[0] in PUBLISHED)
    built = tables.describe(settings.warehouse, PUBLISHED)
    days = {day.isoformat() for day in tables.days_built(settings.warehouse)}
    earlier = days - set(context.partition_keys)
    return [
        dg.AssetMaterialization(key, partition=day)
        for key in published
        if built[key.path[0], key.path[1]].columns[0].name == "as_of_date"
        for day in sorted(earlier - context.instance.get_materialized_partitions(key))
    ]


def instance(settings: Settings) -> dg.DagsterInstance:
    """Dagster's records under the data root, where `make ui` looks too."""
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    configured = settings.project_root / "data" / "dagster.yaml"
    if configured.exists():
        shutil.copyfile(configured, home / "dagster.yaml")
    event.listen(Engine, "connect", _without_sync)
    return dg.DagsterInstance.from_config(str(home))


def _without_sync(connection: object, _: object) -> None:
    """Dagster syncs each of 2,000 events of a first run: 30 ms on a busy disk, 19 ms without."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("pragma synchronous = off")


@dg.definitions
def resources() -> dg.Definitions:
    """The resources by the names that assets ask for."""
    dbt = dbt_of(Settings.from_environment())
    return dg.Definitions(resources={"workplace": Workplace(), "dbt": dbt})
