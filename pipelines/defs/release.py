"""The publication of a day.

What belongs here: the last asset. What does not: what a release is (`release.py`) and what it holds
(`publication.py`).
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import dagster as dg

from pipelines import release, warehouse
from pipelines.defs.resources import (
    DAYS,
    MANIFEST,
    PUBLISHED,
    RELEASES,
    TEAM,
    WAREHOUSE_POOL,
    WHOLE_RANGE,
    Workplace,
    as_of_date,
    earlier_days,
)
from pipelines.waiting import as_markdown, questions

Events = Iterator[dg.AssetMaterialization | dg.MaterializeResult]
COPIED = [
    dg.AssetKey([node["schema"], node["name"]])
    for node in MANIFEST["nodes"].values()
    if node["resource_type"] == "model" and node["schema"] in PUBLISHED
]
CHANGES = dg.AssetKey(["history", "release_changes"])


@dg.asset(
    key=RELEASES,
    deps=[*COPIED, CHANGES],
    group_name="history",
    owners=[TEAM],
    kinds={"duckdb", "parquet"},
    partitions_def=DAYS,
    backfill_policy=WHOLE_RANGE,
    pool=WAREHOUSE_POOL,
)
def releases(context: dg.AssetExecutionContext, workplace: Workplace) -> Events:
    """What was published, when, from which knowledge and under which rules.

    One DuckDB file, the same tables as Parquet, and one page; frozen in the archive, then put in
    the place of the release before in a single step. A gate that fails leaves that one in place.
    """
    settings = workplace.settings
    earlier = earlier_days(context, settings, COPIED)
    with ThreadPoolExecutor(1) as beside:
        # Dagster takes 5 s to note 600 earlier days of a first run, publishing 6 s (2026-11-22).
        publishing = beside.submit(
            release.publish, settings, as_of_date(context), workplace.knowledge
        )
        yield from earlier
        made = publishing.result()
    with warehouse.connect(settings.warehouse, read_only=True) as connection:
        waiting = questions(connection, settings)
    yield dg.MaterializeResult(
        metadata={
            "release_id": made.release_id,
            "is_published": made.is_published,
            "state": made.state,
            "releases_pruned": len(made.pruned),
            "page": dg.MetadataValue.url(made.page.as_uri()),
            "database": dg.MetadataValue.path(str(made.database)),
            **made.counts,
            "waits_for_decision": dg.MetadataValue.md(as_markdown(waiting)),
        }
    )
