"""How long a pull and a load of schema raw take.

Run by `make bench`. The files are made up and lie in a temporary folder.
"""

import random
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
from pipelines.settings import Settings
from pipelines.workbook.template import load_templates

FILES = 2000
ROWS = 50
AGENCIES = ("BKHCN", "BTC", "P01")
NOW = datetime(2025, 9, 23, tzinfo=UTC)
KEY = "bench"
VALUES = {
    "varchar": ("present", pa.string()),
    "integer": (4, pa.int32()),
    "date": (date(2025, 12, 31), pa.date32()),
    "double": (50.0, pa.float64()),
    "varchar[]": (["BKHCN"], pa.list_(pa.string())),
}


def fill_inbox(settings: Settings) -> None:
    for number in range(FILES):
        path = settings.inbox / AGENCIES[number % len(AGENCIES)] / f"{number}.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(random.randbytes(20_000))


def fill_raw(settings: Settings) -> None:
    columns = raw_schema.raw_tables(load_templates(settings.templates))["tasks"]
    table = pa.table(
        {name: pa.array([VALUES[kind][0]] * ROWS, VALUES[kind][1]) for name, kind in columns}
    )
    for receipt in archive.read_receipts(settings.archive):
        folder = settings.raw / f"{receipt.submission_id}-{KEY}"
        folder.mkdir(parents=True)
        parquet.write_table(table, folder / "tasks.parquet")
        reading = f'{{"submission_id": "{receipt.submission_id}", "forms": []}}'
        (folder / "reading.json").write_text(reading)


def timed(what: str, action: Callable[[], object]) -> None:
    started = time.perf_counter()
    action()
    print(f"{what:<48}{time.perf_counter() - started:8.2f} s")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="nq57-bench-") as folder:
        settings = Settings(data_root=Path(folder), real_input=Path(folder))
        fill_inbox(settings)
        timed(f"pull, {FILES} new files of 20 kB", lambda: pull(settings, NOW))
        timed(f"pull, {FILES} known files", lambda: pull(settings, NOW))
        fill_raw(settings)
        timed(
            f"load schema raw, {FILES} readings of {ROWS} rows",
            lambda: warehouse.load_raw(settings, KEY),
        )


if __name__ == "__main__":
    main()
