"""How long a pull and a load take, and what 5,000 submissions that did not change add to a run.

Run by `make bench`. The files are made up and lie in a temporary folder. Dagster's and dbt's own
time is no part of it.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from pipelines import raw_schema, warehouse
from pipelines.intake import archive
from pipelines.intake.channels import pull
from pipelines.intake.seen import SETTLED_SECONDS
from pipelines.settings import Settings
from pipelines.workbook.reading import read_submissions, reading_key
from pipelines.workbook.template import load_templates

FILES = 5000
ROWS = 50
FLOOR_SECONDS = 2.0
AGENCIES = ("BKHCN", "BTC", "P01")
NOW = datetime(2025, 9, 23, tzinfo=UTC)
VALUES = {
    "varchar": ("present", pa.string()),
    "integer": (4, pa.int32()),
    "date": (date(2025, 12, 31), pa.date32()),
    "double": (50.0, pa.float64()),
    "varchar[]": (["BKHCN"], pa.list_(pa.string())),
}
HEAD = """{{"submission_id": "{0}", "status": "READ", "reporting_date": "2025-09-23",
 "template": "nq57-01", "content_hash": "{0}", "is_invented": true, "notes": [],
 "header_questions": [], "unmatched_sheets": [], "forms": [{{"form": "tasks",
 "sheet_name": "Nhiệm vụ", "header_row": 3, "rows_received": 50, "missing_columns": [],
 "unmatched_columns": [], "other_sheets": []}}]}}"""


def fill_inbox(settings: Settings) -> None:
    for number in range(FILES):
        path = settings.inbox / AGENCIES[number % len(AGENCIES)] / f"{number}.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(random.randbytes(20_000))


def fill_raw(settings: Settings, key: str) -> None:
    columns = raw_schema.raw_tables(load_templates(settings.templates))["tasks"]
    table = pa.table(
        {name: pa.array([VALUES[kind][0]] * ROWS, VALUES[kind][1]) for name, kind in columns}
    )
    numbers = pa.array(range(4, 4 + ROWS), pa.int32())
    for receipt in archive.read_receipts(settings.archive):
        folder = settings.raw / f"{receipt.submission_id}-{key}"
        folder.mkdir(parents=True)
        identity = pa.array([receipt.submission_id] * ROWS, pa.string())
        rows = _with(table, submission_id=identity, row_number=numbers)
        write_plain(rows, folder / "tasks.parquet")
        write_plain(
            rows.select(["submission_id", "sheet_name", "row_number", "record_key"]),
            folder / "form_rows.parquet",
        )
        (folder / "reading.json").write_text(HEAD.format(receipt.submission_id), encoding="utf-8")


def _with(table: pa.Table, **columns: pa.Array) -> pa.Table:
    for name, values in columns.items():
        table = table.set_column(table.schema.get_field_index(name), name, values)
    return table


def write_plain(table: pa.Table, path: Path) -> None:
    parquet.write_table(table, path, compression="none", use_dictionary=False)


def timed(what: str, action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    seconds = time.perf_counter() - started
    print(f"{what:<56}{seconds:8.2f} s", flush=True)
    return seconds


def second_run(settings: Settings, key: str) -> float:
    """What a run does with submissions of which it has seen, read and loaded every one."""
    receipts = archive.read_receipts(settings.archive)
    return (
        timed("  look at the channels", lambda: pull(settings, NOW))
        + timed("  list what is archived", lambda: archive.read_receipts(settings.archive))
        + timed("  look for readings", lambda: read_submissions(settings, receipts))
        + timed("  load schema raw", lambda: warehouse.load_raw(settings, key))
    )


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="nq57-bench-") as folder:
        settings = Settings(data_root=Path(folder), real_input=Path(folder))
        key = reading_key(settings.seeds, settings.templates)
        fill_inbox(settings)
        time.sleep(SETTLED_SECONDS + 0.1)
        timed(f"pull, {FILES} new files of 20 kB", lambda: pull(settings, NOW))
        fill_raw(settings, key)
        timed(
            f"load schema raw, {FILES} readings of {ROWS} rows",
            lambda: warehouse.load_raw(settings, key),
        )
        print("second run, nothing has changed:")
        seconds = second_run(settings, key)
        verdict = "holds" if seconds < FLOOR_SECONDS else "DOES NOT HOLD"
        print(f"{'  in all':<56}{seconds:8.2f} s  under {FLOOR_SECONDS:g} s: {verdict}")
        sys.exit(seconds >= FLOOR_SECONDS)


if __name__ == "__main__":
    main()
