"""The measurement: Great Expectations between the facts and the scores.

What belongs here: the measured tables, and one check per rule of the register, which never blocks.
What does not: the rules (`expectations/`), how they are judged (`quality/engine.py`), and gates
(dbt's tests).
"""

from collections.abc import Iterator

import dagster as dg

from pipelines import tables, warehouse
from pipelines.defs.resources import (
    DAYS,
    TEAM,
    WAREHOUSE_POOL,
    WHOLE_RANGE,
    Workplace,
    as_of_date,
    table_metadata,
)
from pipelines.quality.engine import measure
from pipelines.quality.register import Rule, load_rules, load_suites
from pipelines.quality.verdicts import Verdict, verdicts
from pipelines.settings import Settings

EXPECTATIONS = Settings.from_environment().expectations
RESULTS = dg.AssetKey(["quality", "rule_results"])
JUDGED = sorted({t for s in load_suites(EXPECTATIONS).values() for t in (s.rows, s.days)})
MEASURED = {
    "measured.rule_outcomes": "One row per rule: how much was judged, how much of it fails, or "
    "why the rule could not be run.",
    "measured.failing_rows": "Every failing cell or row, never a sample, with its address in the "
    "workbook.",
    "raw.rules": "The register of rules in force: what is asked, why, and how to mend it.",
}


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            table.split("."),
            deps=[dg.AssetKey(judged.split(".")) for judged in JUDGED],
            description=description,
            group_name=table.split(".")[0],
            owners=[TEAM],
            kinds={"duckdb", "greatexpectations"},
            partitions_def=DAYS,
        )
        for table, description in MEASURED.items()
    ],
    backfill_policy=WHOLE_RANGE,
    pool=WAREHOUSE_POOL,
)
def quality(
    context: dg.AssetExecutionContext, workplace: Workplace
) -> Iterator[dg.MaterializeResult]:
    """Judges every cell and row once by every rule, and the days that the run builds.

    What it finds never stops a run.
    """
    settings = workplace.settings
    measure(settings.warehouse, settings.expectations, as_of_date(context))
    warehouse.note_step(settings.warehouse, "quality")
    shapes = tables.describe(settings.warehouse, ["measured", "raw"])
    for table in MEASURED:
        key = table.split(".")
        yield dg.MaterializeResult(asset_key=key, metadata=table_metadata(shapes[key[0], key[1]]))


def check_spec(rule: Rule) -> dg.AssetCheckSpec:
    """A rule as a check on its results."""
    return dg.AssetCheckSpec(
        rule.rule_id.replace("-", "_"),
        asset=RESULTS,
        description=f"{rule.rule_id}. {rule.sentence_vi} · {rule.sentence_en}",
        metadata={"dimension": rule.dimension, "level": rule.level, "severity": rule.severity},
    )


@dg.multi_asset_check(
    specs=[check_spec(rule) for rule in load_rules(EXPECTATIONS)], pool=WAREHOUSE_POOL
)
def rules(
    context: dg.AssetCheckExecutionContext, workplace: Workplace
) -> Iterator[dg.AssetCheckResult]:
    """Whether each rule ran and adds up; warns when less passes than in the release before."""
    settings = workplace.settings
    releases = settings.archive / "releases"
    for verdict in verdicts(settings.warehouse, releases, as_of_date(context)):
        yield check_result(verdict)


def check_result(verdict: Verdict) -> dg.AssetCheckResult:
    """A verdict as a check's result: an error for our fault, a warning for worse data."""
    share = {} if verdict.share is None else {"pass_share": verdict.share}
    return dg.AssetCheckResult(
        check_name=verdict.rule_id.replace("-", "_"),
        asset_key=RESULTS,
        passed=verdict.is_sound and not verdict.has_fallen,
        severity=dg.AssetCheckSeverity.WARN if verdict.is_sound else dg.AssetCheckSeverity.ERROR,
        description=verdict.sentence,
        metadata={
            **share,
            "applicable": verdict.applicable,
            "failed": verdict.failed,
            "missing": verdict.missing,
        },
    )
