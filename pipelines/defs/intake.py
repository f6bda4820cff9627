"""From channels to schema `raw`: pull, read, load.

What belongs here: the assets without a day. What does not: how a file is pulled (`intake/`) or read
(`workbook/`).
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime

import dagster as dg

from pipelines import tables, warehouse
from pipelines.defs.resources import TEAM, WAREHOUSE_POOL, Workplace, table_metadata
from pipelines.intake.archive import read_receipts
from pipelines.intake.channels import pull
from pipelines.raw_schema import raw_tables
from pipelines.settings import Settings
from pipelines.workbook.reading import read_submissions, reading_key
from pipelines.workbook.template import load_templates

RAW_TABLES = {
    "receipts": "One row per file that was pulled, refused ones included.",
    "readings": "One row per file that was opened: what its cover says, or why it was refused.",
    "reading_forms": "One row per form found in a file, with the columns that were not found.",
    "reading_notes": "What the reader did or met: where the table was, what was left aside.",
    "header_questions": "Headers that are like a column: taken for it, or waiting for an answer.",
    "row_matches": "Rows told by their words: the row of the register, or the question.",
    "control_totals": "Totals that stand in a sheet, with the rows that they cover.",
    "source_columns": "Which letter of which sheet held which column: completes a cell's address.",
    "structure_rows": "Rows that are no data (blank, index, section, total, note), by class.",
    "decisions": "What people decided, in the order in which they did.",
    "form_rows": "Every data row of every form, under the key that tells it apart.",
    "gaps": "Cells that no rule can judge: blank where a value is due, filler, unreadable.",
    **{
        table: "Rows of a form: text as written, value, and what was repaired."
        for table in raw_tables(load_templates(Settings.from_environment().templates))
    },
}


def _progress(context: dg.AssetExecutionContext) -> Callable[[int, int], None]:
    """Says how many files are done, at most once a second: each word is a record of Dagster's."""
    said_at = time.monotonic()

    def say(done: int, found: int) -> None:
        nonlocal said_at
        if time.monotonic() - said_at > 1:
            said_at = time.monotonic()
            context.log.info(f"{done:,} / {found:,}")

    return say


@dg.asset(
    key=["archive", "receipts"], group_name="archive", owners=[TEAM], kinds={"python", "file"}
)
def receipts(context: dg.AssetExecutionContext, workplace: Workplace) -> dg.MaterializeResult:
    """Every file that an agency sent, kept byte for byte under its SHA-256, with a receipt.

    A file is never dropped: what cannot be taken is refused with its reason. The same bytes from
    the same agency are taken once. A channel that is down is named, and the others go on.
    """
    summary = pull(workplace.settings, datetime.now(UTC), _progress(context))
    for fault in summary.down:
        context.log.warning(fault)
    return dg.MaterializeResult(metadata=asdict(summary))


@dg.asset(
    key=["archive", "readings"],
    deps=[receipts],
    group_name="archive",
    owners=[TEAM],
    kinds={"python", "parquet"},
)
def readings(context: dg.AssetExecutionContext, workplace: Workplace) -> dg.MaterializeResult:
    """Every archived workbook, read once: text, value, repair or problem of each cell.

    One folder of Parquet files per submission; a new reader or template reads it anew. A file that
    nobody can read is refused by name, and the others go on.
    """
    settings = workplace.settings
    receipts = read_receipts(settings.archive)
    summary = read_submissions(settings, receipts, _progress(context), known_at=workplace.knowledge)
    return dg.MaterializeResult(metadata=asdict(summary))


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            ["raw", table],
            deps=[readings],
            description=description,
            group_name="raw",
            owners=[TEAM],
            kinds={"duckdb", "table"},
        )
        for table, description in RAW_TABLES.items()
    ],
    pool=WAREHOUSE_POOL,
)
def raw(workplace: Workplace) -> Iterator[dg.MaterializeResult]:
    """Loads receipts, readings and decisions into the warehouse, all or nothing."""
    settings = workplace.settings
    key = reading_key(settings.seeds, settings.templates)
    warehouse.load_raw(settings, key, workplace.knowledge)
    shapes = tables.describe(settings.warehouse, ["raw"])
    for table in RAW_TABLES:
        metadata = table_metadata(shapes["raw", table])
        yield dg.MaterializeResult(asset_key=["raw", table], metadata=metadata)
