"""A small world of receipts and rows, put straight into schema `raw`, and dbt run over it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines import warehouse
from pipelines.settings import PROJECT_ROOT, Settings

Row = dict[str, Any]


@dataclass
class Scenario:
    """What agencies and the committee sent; `build` makes the facts of every day."""

    folder: Path
    tables: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return Settings(data_root=self.folder, real_input=self.folder)

    def register(self, on: date, *rows: Row, received: datetime | None = None) -> str:
        """A register; rows give code, programme, lead, coordinating, deadline and what differs."""
        return self._send("BCD", "register_tasks", on, rows, received)

    def report(
        self, agency: str, on: date, *rows: Row, received: datetime | None = None, **reading: Any
    ) -> str:
        """A tasks sheet of an agency; `reading` overrides fields of its reading."""
        return self._send(agency, "tasks", on, rows, received, **reading)

    def decide(self, submission: str, answer: str) -> None:
        self._add(
            "decisions",
            decided_at=datetime(2025, 12, 1),
            decided_by="Ban Chỉ đạo",
            kind="held_submission",
            key=submission,
            answer=answer,
            reason="",
        )

    def build(self, as_of: date) -> duckdb.DuckDBPyConnection:
        """Load schema raw, run the first dbt stage with its tests, open what came out."""
        warehouse.load_raw(self.settings, "none")
        with warehouse.connect(self.settings.warehouse) as connection:
            for table, rows in self.tables.items():
                names = sorted({name for row in rows for name in row})
                incoming = pa.table({n: [row.get(n) for row in rows] for n in names})
                connection.register("incoming", incoming)
                connection.execute(f"insert into raw.{table} by name select * from incoming")
                connection.unregister("incoming")
        run_dbt(self.settings, as_of, "--exclude", "tag:after_quality")
        return warehouse.connect(self.settings.warehouse, read_only=True)

    def _send(
        self,
        agency: str,
        form: str,
        on: date,
        rows: tuple[Row, ...],
        received: datetime | None,
        **reading: Any,
    ) -> str:
        received = received or datetime.combine(on, datetime.min.time()) + timedelta(hours=3)
        submission = f"{agency}-{on}-{received:%d%H}"
        self._add(
            "receipts",
            submission_id=submission,
            agency_code=agency,
            file_name=f"{submission}.xlsx",
            received_at=received,
            status="RECEIVED",
        )
        read = {"status": "READ", "reporting_date": on, "claimed_agency_raw": agency}
        self._add(
            "readings",
            submission_id=submission,
            **{**read, "claimed_agency_code": agency, **reading},
        )
        self._add(
            "reading_forms",
            submission_id=submission,
            form=form,
            sheet_name="Biểu",
            rows_received=len(rows),
        )
        for number, row in enumerate(rows, start=5):
            self._add(
                form,
                submission_id=submission,
                sheet_name="Biểu",
                row_number=number,
                **_cells(row),
            )
        return submission

    def _add(self, table: str, **row: Any) -> None:
        self.tables.setdefault(table, []).append(row)


def run_dbt(settings: Settings, as_of: date, *arguments: str) -> None:
    """One dbt call as the job makes it; its output is shown when it fails."""
    warehouse.write_run(settings.warehouse, as_of, "rules")
    ended = subprocess.run(
        [
            Path(sys.executable).with_name("dbt"),
            "build",
            "--exclude-resource-type=unit_test",
            f"--project-dir={settings.dbt_project}",
            f"--profiles-dir={settings.dbt_project}",
            f"--target-path={settings.data_root / 'dbt'}",
            f"--log-path={settings.data_root / 'logs'}",
            *arguments,
        ],
        cwd=PROJECT_ROOT,
        env={**os.environ, "NQ57_WAREHOUSE": str(settings.warehouse)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-4000:]


def _cells(row: Row) -> Row:
    """Values with the state that a reader would give them."""
    states = {
        f"{name}_state": "blank" if value is None else "present"
        for name, value in row.items()
        if not name.endswith(("_state", "_kind", "_precision", "_raw"))
    }
    return {**states, **row}
