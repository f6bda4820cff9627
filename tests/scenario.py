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
from pipelines.workbook.template import Form, load_template

Row = dict[str, Any]

TEMPLATES = PROJECT_ROOT / "pipelines" / "templates"
FORMS: dict[str, Form] = {
    name: form
    for template in ("nq57-01", "register-01")
    for name, form in load_template(TEMPLATES / f"{template}.yml").forms.items()
}


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

    def send(
        self,
        agency: str,
        form: str,
        on: date,
        *rows: Row,
        received: datetime | None = None,
        **reading: Any,
    ) -> str:
        """A sheet of any form or register; `reading` overrides fields of its reading."""
        return self._send(agency, form, on, rows, received, **reading)

    def report(
        self, agency: str, on: date, *rows: Row, received: datetime | None = None, **reading: Any
    ) -> str:
        """A tasks sheet of an agency; `reading` overrides fields of its reading."""
        return self._send(agency, "tasks", on, rows, received, **reading)

    def decide(
        self,
        key: str,
        answer: str,
        kind: str = "held_submission",
        at: datetime = datetime(2025, 12, 1),
    ) -> None:
        self._add(
            "decisions",
            decided_at=at,
            decided_by="Ban Chỉ đạo",
            kind=kind,
            key=key,
            answer=answer,
            reason="",
        )

    def build(self, as_of: date) -> duckdb.DuckDBPyConnection:
        """Load schema raw, run the first dbt stage with its tests, open what came out."""
        self.load()
        run_dbt(self.settings, as_of, "--exclude", "tag:after_quality")
        return warehouse.connect(self.settings.warehouse, read_only=True)

    def load(self) -> None:
        """Write schema raw."""
        warehouse.load_raw(self.settings, "none")
        with warehouse.connect(self.settings.warehouse) as connection:
            for table, rows in self.tables.items():
                names = sorted({name for row in rows for name in row})
                incoming = pa.table({n: [row.get(n) for row in rows] for n in names})
                connection.register("incoming", incoming)
                connection.execute(f"insert into raw.{table} by name select * from incoming")
                connection.unregister("incoming")

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
        if all(one["submission_id"] != submission for one in self.tables.get("receipts", ())):
            self._receive(submission, agency, on, received, reading)
        self._add(
            "reading_forms",
            submission_id=submission,
            form=form,
            sheet_name="Biểu",
            rows_received=len(rows),
        )
        for number, row in enumerate(rows, start=5):
            self._place(submission, form, number, _cells(row))
        return submission

    def _receive(
        self, submission: str, agency: str, on: date, received: datetime, reading: Row
    ) -> None:
        """A workbook; sheets that the agency sends at the same time are in it together."""
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

    def _place(self, submission: str, form: str, number: int, cells: Row) -> None:
        """A row in its own table, among the rows of all forms, and what in it says nothing."""
        layout = FORMS[form]
        parts = [cells.get(name) for name in layout.key]
        key = "/".join(map(_text, parts)) if all(parts) else None
        place = {"submission_id": submission, "sheet_name": "Biểu", "row_number": number}
        self._add(form, **place, record_key=key, **cells)
        self._add("form_rows", **place, form=form, record_key=key)
        for column in layout.columns:
            state = cells.get(f"{column.name}_state", "present")
            is_excused = column.is_optional or any(
                cells.get(other) in values for other, values in column.excused_when.items()
            )
            if state == "unreadable" or (state != "present" and not is_excused):
                self._add("gaps", **place, form=form, column_name=column.name, state=state)

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
            f"--target-path={settings.dbt_target}",
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
    columns = {column.name for form in FORMS.values() for column in form.columns}
    states = {
        f"{name}_state": "blank" if value is None else "present"
        for name, value in row.items()
        if name in columns
    }
    return {**states, **row}


def _text(part: Any) -> str:
    return "+".join(part) if isinstance(part, list) else str(part)
