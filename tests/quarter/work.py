"""What agencies do, and say of it: deadlines, progress of tasks, counts of services.

What belongs here: drawing one of these. What does not: who sends what and when (`story.py`).
"""

from __future__ import annotations

import random
from datetime import date, timedelta

from pipelines.sample import titles
from pipelines.sample.records import Deadline, TrueReport, TrueTask
from quarter.events import Record, period

_COUNTS = (
    "dossiers_online", "dossiers_fully_online", "dossiers_resolved", "resolved_on_time",
    "results_digitised", "dossiers_via_vneid", "dossiers_reusing_data",
)  # fmt: skip


def deadline(rng: random.Random) -> Deadline:
    """Mostly a day around the quarter; some a month or a quarter, regular, or none."""
    lot = rng.randrange(12)
    if lot == 0:
        return Deadline(None, None, "regular")
    if lot == 1:
        return Deadline(None, None, "none")
    if lot == 2:
        return Deadline(date(2026, 3, 31), "quarter")
    if lot == 3:
        return Deadline(date(2026, 2, 28), "month")
    return Deadline(date(2025, 12, 20) + timedelta(days=rng.randrange(120)), "day")


def word(rng: random.Random, task: TrueTask, agency: str, on: date, edition: int) -> TrueReport:
    """An agency's row; another edition may say otherwise whether it is done, and since when."""
    begun = task.assigned_on + timedelta(days=rng.randrange(10, 120))
    done = begun + timedelta(days=rng.randrange(20, 150) + 9 * edition)
    is_dated, person = rng.random() < 0.9, titles.person(rng)
    is_done, is_begun = done <= on, begun <= on
    status = "DONE" if is_done else "IN_PROGRESS" if is_begun else "NOT_STARTED"
    if task.deadline.kind == "regular" and not is_done:
        status = "REGULAR"
    return TrueReport(
        status=status,
        percent=100 if is_done else min(95, (on - begun).days + edition) if is_begun else 0,
        started_on=begun if is_begun else None,
        completed_on=done if is_done and is_dated else None,
        evidence=titles.evidence(rng, agency, done) if is_done else None,
        responsible_person=person,
        obstacles=f"Lần gửi {edition + 1}" if edition else None,
        proposal=None,
    )


def count(rng: random.Random, service: Record, on: date) -> Record:
    """A month of a procedure, from a 15th to a 14th."""
    received = rng.randrange(40, 400)
    online = rng.randrange(received // 2, received + 1)
    parts = {name: rng.randrange(online // 2, online + 1) for name in _COUNTS}
    start, end = period(on)
    return {
        "procedure_code": service["procedure_code"],
        "procedure_name": service["procedure_name"],
        "service_level": service["service_level"],
        "period_start": start,
        "period_end": end,
        "dossiers_received": received,
        **parts,
        "dossiers_online": online,
        "resolved_late": rng.randrange(9),
        "dossiers_pending": rng.randrange(40),
    }
