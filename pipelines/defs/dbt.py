"""Facts and scores: two calls of dbt, with the measurement between them.

What belongs here: how dbt's models become assets and its tests checks. What does not: anything that
concerns one model; that is in the model's own yml.
"""

import json
from collections.abc import Iterator, Mapping
from threading import Thread
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliInvocation, DbtProject, dbt_assets

from pipelines import tables, warehouse
from pipelines.defs.resources import (
    DAYS,
    MANIFEST,
    PROJECT,
    TEAM,
    WAREHOUSE_POOL,
    WHOLE_RANGE,
    Dbt,
    Workplace,
    as_of_date,
    earlier_days,
    is_published_by,
    table_metadata,
)
from pipelines.quality.engine import preload
from pipelines.release import rule_set_hash
from pipelines.tables import Table

AFTER_QUALITY = "tag:after_quality"
BOOKS = {
    "run": "The day that the run reports and the hash of the rules in force.",
    "built_days": "Days whose tables stand from earlier runs: only the others are built.",
    "built_senders": "Forms and agencies whose rows stand from earlier runs.",
}
Tables = Mapping[tuple[str, ...], Table]
Events = Iterator[Any]
"""Outputs, check results and materialisations, as dagster-dbt yields them."""


class Translator(DagsterDbtTranslator):
    """One word for a table everywhere: key and group follow the schema."""

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """The asset of a model, seed or source."""
        schema = self.get_resource_props(manifest, unique_id)["schema"]
        spec = super().get_asset_spec(manifest, unique_id, project)
        return spec.replace_attributes(
            key=[schema, spec.key.path[-1]], group_name=schema, owners=[TEAM]
        )


SHARED: dict[str, Any] = {
    "manifest": MANIFEST,
    "project": PROJECT,
    "dagster_dbt_translator": Translator(),
    "partitions_def": DAYS,
    "backfill_policy": WHOLE_RANGE,
    "pool": WAREHOUSE_POOL,
}


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            ["raw", table],
            deps=[dg.AssetKey(["raw", "receipts"])],
            description=description,
            group_name="raw",
            owners=[TEAM],
            kinds={"duckdb", "table"},
        )
        for table, description in BOOKS.items()
    ],
    partitions_def=DAYS,
    backfill_policy=WHOLE_RANGE,
    pool=WAREHOUSE_POOL,
)
def run(context: dg.AssetExecutionContext, workplace: Workplace) -> Iterator[dg.MaterializeResult]:
    """The day that is reported, the rules in force and what stands: all that SQL is told."""
    settings = workplace.settings
    rules = rule_set_hash(settings.project_root, settings.templates[0])
    warehouse.write_run(settings.warehouse, as_of_date(context), rules)
    shapes = tables.describe(settings.warehouse, ["raw"])
    for table in BOOKS:
        metadata = {**table_metadata(shapes["raw", table]), "rule_set_hash": rules}
        yield dg.MaterializeResult(asset_key=["raw", table], metadata=metadata)


@dbt_assets(name="facts", exclude=AFTER_QUALITY, **SHARED)
def facts(context: dg.AssetExecutionContext, dbt: Dbt, workplace: Workplace) -> Events:
    """Builds every day up to the chosen one in a single pass, from staging to the fact tables."""
    Thread(target=preload, daemon=True).start()  # 8 s of imports, while dbt works by itself
    yield from _build(context, dbt, workplace)


@dbt_assets(name="scores", select=AFTER_QUALITY, **SHARED)
def scores(context: dg.AssetExecutionContext, dbt: Dbt, workplace: Workplace) -> Events:
    """Builds what needs the measurement: results per rule, findings, scores, league tables."""
    yield from _build(context, dbt, workplace)


def _build(context: dg.AssetExecutionContext, dbt: Dbt, workplace: Workplace) -> Events:
    """One call of dbt; what it built is reported with rows, columns and the days in it."""
    settings = workplace.settings
    target = settings.dbt_target
    (target / "run_results.json").unlink(missing_ok=True)
    call = dbt.cli(
        ["build"],
        context=context,
        raise_on_error=False,
        target_path=target,
    )
    # All events first: DuckDB lets nobody look at the tables while dbt writes them.
    events = list(call.stream())
    built = tables.describe(
        settings.warehouse, {key.path[0] for key in context.selected_asset_keys}
    )
    for event in events:
        yield _described(context, event, built) if isinstance(event, dg.Output) else event
    if error := call.get_error():
        raise dg.Failure(_faults(call) or str(error)) from error
    if not context.is_subset:
        warehouse.note_step(settings.warehouse, context.op.name)
    if not is_published_by(context):
        yield from earlier_days(context, settings, context.selected_asset_keys)


def _faults(call: DbtCliInvocation) -> str:
    """What failed, by name; nothing when dbt could not even begin."""
    found = call.target_path / "run_results.json"
    results = json.loads(found.read_text(encoding="utf-8"))["results"] if found.exists() else []
    return "; ".join(
        f"{result['unique_id'].split('.')[2]}: {result['message']}"
        for result in results
        if result["status"] in ("error", "fail")
    )


def _described(context: dg.AssetExecutionContext, event: dg.Output, built: Tables) -> dg.Output:
    """The event of a table with its rows and columns."""
    table = built.get(tuple(context.asset_key_for_output(event.output_name).path))
    return event.with_metadata({**event.metadata, **table_metadata(table)})
