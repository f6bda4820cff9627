"""What changes when a day is published.

What belongs here: the asset between scores and release. What does not: how changes are split by
cause (`changes/`).
"""

import dagster as dg

from pipelines import warehouse
from pipelines.changes.compare import Comparison, compare_with_published
from pipelines.defs.resources import (
    DAYS,
    TEAM,
    WAREHOUSE_POOL,
    WHOLE_RANGE,
    Workplace,
    as_of_date,
)
from pipelines.report.moved import movers

COMPARED = [["marts", "fct_measures"], ["marts", "agency_scorecards"], ["quality", "scores"]]


@dg.asset(
    key=["history", "release_changes"],
    deps=[dg.AssetKey(key) for key in COMPARED],
    group_name="history",
    owners=[TEAM],
    kinds={"duckdb", "table"},
    partitions_def=DAYS,
    backfill_policy=WHOLE_RANGE,
    pool=WAREHOUSE_POOL,
)
def changes(context: dg.AssetExecutionContext, workplace: Workplace) -> dg.MaterializeResult:
    """Figures, ranks and scores that differ from the published release, each split by cause.

    Changed rules, days, registers, new submissions, corrections and decisions are let in one after
    another; what a figure moves at a step is due to that cause. Its files and decisions are listed
    in `history.release_causes`.
    """
    settings = workplace.settings
    found = compare_with_published(settings, as_of_date(context), workplace.knowledge)
    if found.fault:
        context.log.warning(f"Changes are not split by cause: {found.fault}")
    with warehouse.connect(settings.warehouse, read_only=True) as connection:
        moved = movers(connection, found.release_id)
    return dg.MaterializeResult(metadata=_metadata(found) | {"movers": dg.MetadataValue.md(moved)})


def _metadata(found: Comparison) -> dict[str, dg.MetadataValue | str | int | float]:
    counted = {f"{cause}/{kind}": number for (cause, kind), number in found.counts.items()}
    return {
        "release_before": found.release_before or "none",
        "worlds": found.worlds,
        "seconds": found.seconds,
        "fault": found.fault or "none",
        **counted,
    }
