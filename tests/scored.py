"""A country in which every agency has the same tasks and datasets, and most sent the same reports.

Each agency's report of a form is the clean one but for one change, so that the effect of each
change on the scores can be read off.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from scenario import Row, Scenario, run_dbt

from pipelines.quality.engine import measure
from pipelines.settings import PROJECT_ROOT
from pipelines.warehouse import connect

D1, D2, D3 = date(2025, 7, 20), date(2025, 9, 23), date(2025, 9, 25)
LATER = date(2025, 12, 31)
DONE, GOING, IDLE, LATE, REGULAR = (f"NQ71-{n:03d}" for n in range(1, 6))


@dataclass(frozen=True)
class Sheet:
    """The clean report of a form, and what may be changed in it."""

    form: str
    key: str
    rows: dict[str, Row]
    required: dict[str, tuple[str, ...]]
    """Columns of a row whose blank is a fault."""
    filled: tuple[tuple[str, str], ...]
    """Cells that somebody fills with a word that says nothing."""
    faults: dict[str, tuple[str, str, Any]]
    """A row, a column, and a value there that fails a rule."""

    def report(self, changes: dict[str, Row | None] | None = None) -> list[Row]:
        """Rows of a report; `changes` by code, None for a row that is left out."""
        made = []
        for code, row in self.rows.items():
            change = (changes or {}).get(code, {})
            if change is not None:
                made.append({self.key: code, f"{self.key}_raw": code, **row, **change})
        return made

    def variants(self) -> Iterator[tuple[str, str, list[Row]]]:
        """What one agency each sends: its name, that of the base, and a change of the base."""
        for code, columns in self.required.items():
            for column in columns:
                yield f"blank {code} {column}", "clean", self.report({code: blank(column)})
        for code, column in self.filled:
            yield f"fill {column}", "clean", self.report({code: blank(column, "filler")})
        for code in self.rows:
            yield f"delete {code}", "clean", self.report({code: None})
        for name, (code, column, value) in self.faults.items():
            state = "unreadable" if name.startswith("unreadable") else "present"
            faulty = {column: value, f"{column}_state": state, f"{column}_raw": "?"}
            yield f"fault {name}", "clean", self.report({code: faulty})
            yield f"blank {name}", f"fault {name}", self.report({code: blank(column)})
            yield f"delete {name}", f"fault {name}", self.report({code: None})


def blank(column: str, state: str = "blank") -> Row:
    raw = None if state == "blank" else "không"
    return {column: None, f"{column}_state": state, f"{column}_raw": raw}


REGISTERED = {
    "title": "Nhiệm vụ",
    "lead_agency": ["G-ALL"],
    "lead_agency_raw": "Các bộ, ngành, địa phương",
    "assigned_on": date(2025, 5, 1),
    "deadline": LATER,
    "deadline_kind": "fixed",
    "deliverable": "Báo cáo",
    "legal_basis": "Nghị quyết 71/NQ-CP",
}
SENT = {
    **{key: value for key, value in REGISTERED.items() if key != "legal_basis"},
    "started_on": date(2025, 5, 2),
    "completed_on": None,
    "evidence": None,
    "responsible_person": "Nguyễn Văn A",
    "obstacles": None,
    "proposal": None,
}
TASKS = Sheet(
    "tasks",
    "task_code",
    rows={
        DONE: {**SENT, "status": "DONE", "percent_complete": 100.0,
               "completed_on": date(2025, 7, 1), "evidence": "123/BC"},
        GOING: {**SENT, "status": "IN_PROGRESS", "percent_complete": 40.0},
        IDLE: {**SENT, "status": "NOT_STARTED", "percent_complete": 0.0, "started_on": None},
        LATE: {**SENT, "status": "IN_PROGRESS", "percent_complete": 40.0,
               "deadline": date(2025, 7, 10), "obstacles": "Thiếu kinh phí"},
        REGULAR: {**SENT, "status": "REGULAR", "percent_complete": None, "started_on": None,
                  "deadline": None, "deadline_kind": "regular"},
    },
    required={
        DONE: (
            "title", "lead_agency", "assigned_on", "deadline", "status", "percent_complete",
            "started_on", "completed_on", "deliverable", "evidence", "responsible_person",
        ),
        GOING: ("status", "percent_complete", "started_on", "responsible_person"),
        LATE: ("obstacles", "status", "deadline"),
        IDLE: ("status", "percent_complete"),
    },
    filled=((DONE, "title"), (DONE, "status"), (DONE, "evidence"), (LATE, "obstacles")),
    faults={
        "percent out of range": (GOING, "percent_complete", 150.0),
        "completed before assigned": (DONE, "completed_on", date(2024, 7, 1)),
        "another lead": (GOING, "lead_agency", ["BCA"]),
        "reopened": (DONE, "status", "IN_PROGRESS"),
        "unreadable status": (GOING, "status", None),
    },
)  # fmt: skip

HELD = {
    "dataset_name": "Cơ sở dữ liệu",
    "records_expected": 1000,
    "records_held": 900,
    "records_verified": 800,
    "records_duplicate": 3,
    "last_updated_on": date(2025, 9, 20),
    "update_cycle_days": 30,
    "is_connected": True,
    "consumer_count": 4,
    "self_score_correct": 90.0,
    "self_score_sufficient": 90.0,
    "self_score_clean": 90.0,
    "self_score_living": 90.0,
}
DATASETS = Sheet(
    "datasets",
    "dataset_code",
    rows={"DB-01": HELD, "DB-02": {**HELD, "is_connected": False, "consumer_count": 0}},
    required={"DB-01": tuple(name for name in HELD if name != "dataset_name")},
    filled=(("DB-02", "records_held"), ("DB-02", "last_updated_on")),
    faults={
        "more verified than held": ("DB-01", "records_verified", 901),
        "updated after the report": ("DB-01", "last_updated_on", date(2026, 9, 20)),
        "older than its cycle": ("DB-02", "last_updated_on", date(2025, 8, 23)),
        "not as registered": ("DB-01", "records_expected", 1001),
        "score out of range": ("DB-02", "self_score_clean", 150.0),
        "unreadable count": ("DB-02", "records_duplicate", None),
    },
)


def agencies() -> list[str]:
    with (PROJECT_ROOT / "dbt_project" / "seeds" / "agencies.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return sorted({row["agency_code"] for row in rows
                   if row["peer_group"] and (row["valid_to"] or "9999") > str(D3)})  # fmt: skip


SILENT, HELD_BACK, LIVELY, *OTHERS = agencies()
AGENCY_OF = {
    sheet.form: dict(zip(["clean", *(v[0] for v in sheet.variants())], OTHERS, strict=False))
    for sheet in (TASKS, DATASETS)
}


def finding_id(rule_id: str, agency: str, code: str, column: str, occurrence: int = 1) -> str:
    text = f"{rule_id}|{agency}|tasks|{code}|{column}|{occurrence}"
    return hashlib.md5(text.encode()).hexdigest()[:16]


GOING_WRONG = AGENCY_OF["tasks"]["fault percent out of range"]
EXPIRED = finding_id("TSK-COR-001", GOING_WRONG, GOING, "percent_complete")
REOPENED = finding_id("TSK-LIV-002", AGENCY_OF["tasks"]["fault reopened"], DONE, "status")
LIMITED = (
    (
        datetime(2025, 9, 24, 2),
        EXPIRED,
        "accept until 2025-09-24",
        "Hệ thống mới",
        date(2025, 9, 24),
    ),
    (datetime(2025, 9, 23, 2), REOPENED, "accept", "Nhầm", None),
    (datetime(2025, 9, 23, 16), REOPENED, "end", "Không đúng", None),
    (datetime(2025, 9, 23, 18), REOPENED, "accept until 2025-12-31", "Chờ", date(2025, 12, 31)),
    (datetime(2025, 9, 25, 2), REOPENED, "end", "Xong", None),
    (datetime(2025, 9, 25, 2), "no-such-finding", "accept", "?", None),
    (datetime(2025, 9, 25, 18), EXPIRED, "accept", "Sau ngày báo cáo", None),
)
"""When, which finding, the answer, why, the last day. 16:00 UTC is 23:00, 18:00 the next day."""


def build(folder: Path) -> Path:
    """Everything sent, measured and scored on D3; gives the warehouse."""
    scenario = Scenario(folder)
    _send_registers(scenario)
    for sheet in (TASKS, DATASETS):
        of = AGENCY_OF[sheet.form]
        scenario.send(of["clean"], sheet.form, D2, *sheet.report())
        for name, _, rows in sheet.variants():
            scenario.send(of[name], sheet.form, D2, *rows)
    for agency in (*AGENCY_OF["tasks"].values(), HELD_BACK):
        scenario.report(agency, D1, *TASKS.report())
    _send_living_faults(scenario)
    scenario.build(D3).close()
    warehouse = scenario.settings.warehouse
    with connect(warehouse) as connection:
        connection.execute(
            "insert into raw.decisions values (?, 'BCĐ', 'exception', ?, 'accept', '', null)",
            [datetime(2025, 9, 24, 2), finding_id("TSK-COR-001", LIVELY, LATE, "percent_complete")],
        )
        connection.executemany(
            "insert into raw.decisions values (?, 'Ban Chỉ đạo', 'exception', ?, ?, ?, ?)",
            [list(one) for one in LIMITED],
        )
    assert measure(warehouse, scenario.settings.expectations, D3).errors == ()
    run_dbt(scenario.settings, D3, "--select", "tag:after_quality")
    return warehouse


def _send_registers(scenario: Scenario) -> None:
    own = ("deadline", "deadline_kind")
    tasks = [
        {"programme_code": "NQ71", "task_code": code, **REGISTERED}
        | {name: row[name] for name in own if name in row}
        for code, row in TASKS.rows.items()
    ]
    scenario.register(D1, *tasks)
    scenario.register(D3, *tasks, {**tasks[0], "task_code": "NQ71-006"})
    shared = ("dataset_name", "records_expected", "update_cycle_days")
    datasets = [
        {"dataset_code": code, "agency_code": ["G-ALL"], "list_source": "Danh mục A"}
        | {name: HELD[name] for name in shared}
        for code in DATASETS.rows
    ]
    scenario.send("BCD", "register_datasets", D2, *datasets)


def _send_living_faults(scenario: Scenario) -> None:
    """One agency whose faults live: mended, moved, blanked, deleted, excepted, twice, foreign."""
    bad = {"percent_complete": 150.0, "percent_complete_raw": "150"}
    first = TASKS.report(dict.fromkeys((DONE, GOING, IDLE, LATE), bad))
    stranger = {**first[0], "task_code": "NQ71-900", "task_code_raw": "NQ71-900"}
    scenario.report(LIVELY, D1, *first, first[0], stranger, {**first[0], "task_code": None})
    mended = TASKS.report({GOING: blank("percent_complete"), IDLE: None, LATE: bad})
    scenario.report(LIVELY, D2, *reversed(mended))
