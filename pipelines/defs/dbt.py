"""Facts and scores: two calls of dbt, with the measurement between them.

What belongs here: how dbt's models become assets and its tests checks. What does not: anything that
concerns one model; that is in the model's own yml.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets

from pipelines import durable, tables
from pipelines.defs.resources import (
    DAYS,
    TEAM,
    WAREHOUSE_POOL,
    WHOLE_RANGE,
    Dbt,
    Workplace,
    as_of_date,
    dbt_of,
    table_metadata,
)
from pipelines.release import rule_set_hash
from pipelines.settings import Settings

AFTER_QUALITY = "tag:after_quality"
Events = Iterator[dg.Output | dg.AssetCheckResult | dg.AssetMaterialization | Any]


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


def prepared(settings: Settings) -> DbtProject:
    """The dbt project, parsed when its manifest is missing or older than a file of it."""
    project = DbtProject(settings.dbt_project)
    manifest = project.manifest_path
    sources = [path for pattern in ("*.yml", "*/**/*.*") for path in settings.dbt_project.glob(pattern)]
    newest = max(path.stat().st_mtime for path in sources if "target" not in path.parts)
    if not manifest.exists() or manifest.stat().st_mtime < newest:
        settings.export()
        aside = manifest.parent / "parse"
        dbt_of(settings).cli(["parse", "--quiet"], target_path=aside).wait()
        durable.replace(aside / "manifest.json", manifest)
    return project


PROJECT = prepared(Settings.from_environment())
MANIFEST = json.loads(PROJECT.manifest_path.read_text(encoding="utf-8"))
SHARED: dict[str, Any] = {
    "manifest": MANIFEST,
    "project": PROJECT,
    "dagster_dbt_translator": Translator(),
    "partitions_def": DAYS,
    "backfill_policy": WHOLE_RANGE,
    "pool": WAREHOUSE_POOL,
}


@dbt_assets(name="facts", exclude=AFTER_QUALITY, **SHARED)
def facts(context: dg.AssetExecutionContext, dbt: Dbt, workplace: Workplace) -> Events:
    """Builds every day up to the chosen one in a single pass, from staging to the fact tables."""
    yield from _build(context, dbt, workplace)


@dbt_assets(name="scores", select=AFTER_QUALITY, **SHARED)
def scores(context: dg.AssetExecutionContext, dbt: Dbt, workplace: Workplace) -> Events:
    """Builds what needs the measurement: results per rule, findings, scores, league tables."""
    yield from _build(context, dbt, workplace)


def _build(context: dg.AssetExecutionContext, dbt: Dbt, workplace: Workplace) -> Events:
    """One call of dbt; what it built is reported with rows, columns and the days in it."""
    settings = workplace.settings
    values = {
        "as_of_date": as_of_date(context).isoformat(),
        "rule_set_hash": rule_set_hash(settings.project_root, settings.templates[0]),
        "known_at": workplace.known_at,
    }
    call = dbt.cli(
        ["build", "--exclude-resource-type", "unit_test", "--vars", json.dumps(values)],
        context=context,
        raise_on_error=False,
        target_path=settings.data_root / "dbt",
    )
    events = list(call.stream())
    shapes = tables.describe(settings.warehouse, {key.path[0] for key in context.selected_asset_keys})
    for event in events:
        if isinstance(event, dg.Output):
            key = context.asset_key_for_output(event.output_name)
            event = event.with_metadata({**event.metadata, **table_metadata(shapes.get(tuple(key.path)))})
        yield event
    if error := call.get_error():
        raise error
    yield from _earlier_days(context, settings, shapes)


def _earlier_days(context: dg.AssetExecutionContext, settings: Settings, shapes: Mapping) -> Events:
    """The days before the chosen ones that the same pass built and nobody has reported yet."""
    asked = set(context.partition_keys)
    built = {day.isoformat() for day in tables.days_built(settings.warehouse)} - asked
    for key in sorted(context.selected_asset_keys):
        shape = shapes.get(tuple(key.path))
        if shape and any(column.name == "as_of_date" for column in shape.columns):
            known = context.instance.get_materialized_partitions(key)
            for day in sorted(built - known):
                yield dg.AssetMaterialization(key, partition=day)
