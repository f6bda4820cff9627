"""The measurement: Great Expectations between the facts and the scores.

What belongs here: one check per rule of the register, which never blocks. What does not: the rules
(`expectations/`), how they are judged (`quality/engine.py`), and gates (dbt's tests).
"""

from collections.abc import Iterator

import dagster as dg

from pipelines.defs.resources import (
    DAYS,
    TEAM,
    WAREHOUSE_POOL,
    WHOLE_RANGE,
    Workplace,
    as_of_date,
)
from pipelines.quality import engine
from pipelines.quality.register import Rule, load_rules
from pipelines.settings import Settings

OUTCOMES = dg.AssetKey(["measured", "rule_outcomes"])
FAILING = dg.AssetKey(["measured", "failing_rows"])
RULES = dg.AssetKey(["raw", "rules"])


def _spec(key: dg.AssetKey, description: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        key,
        deps=[dg.AssetKey(["marts", "fct_tasks"])],
        description=description,
        group_name=key.path[0],
        owners=[TEAM],
        kinds={"python", "duckdb", "greatexpectations"},
        partitions_def=DAYS,
    )


def _check(rule: Rule) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        rule.rule_id.replace("-", "_"),
        asset=OUTCOMES,
        description=f"{rule.rule_id}: {rule.sentence_en}",
    )


@dg.multi_asset(
    specs=[
        _spec(OUTCOMES, "One row per rule: how much was judged and how much of it fails."),
        _spec(FAILING, "Every failing cell, never a sample, with its address in the workbook."),
        _spec(RULES, "The register of rules in force."),
    ],
    check_specs=[_check(rule) for rule in load_rules(Settings.from_environment().expectations)],
    backfill_policy=WHOLE_RANGE,
    pool=WAREHOUSE_POOL,
)
def quality(
    context: dg.AssetExecutionContext, workplace: Workplace
) -> Iterator[dg.MaterializeResult]:
    """Judges every reported cell and row by the rules; never stops a run."""
    settings = workplace.settings
    engine.measure(settings.warehouse, settings.expectations, as_of_date(context))
    yield dg.MaterializeResult(asset_key=RULES)
    yield dg.MaterializeResult(asset_key=FAILING)
    yield dg.MaterializeResult(asset_key=OUTCOMES, check_results=[dg.AssetCheckResult(check_name="TSK_COR_001", passed=True)])
