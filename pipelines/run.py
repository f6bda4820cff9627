"""A job in this process, step by step, for whoever waits at the terminal.

What belongs here: starting one of Dagster's jobs and telling what it does. What does not: the jobs
(`defs/`), and what a terminal shows (`cli.py`). Dagster comes in through `definitions.py` alone,
and late: its import takes 4 s.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy.exc import DBAPIError

from pipelines.settings import Settings


@dataclass(frozen=True)
class Said:
    """What a step says while it works: how far it is, or what somebody should know."""

    text: str
    is_warning: bool = False


Listener = Callable[[str, "float | Said | None"], None]
"""Told the name of a step when it starts (nothing beside it), what it says meanwhile, and when it
has ended well (its seconds)."""

TALKING = {"archive__receipts", "archive__readings"}
"""Steps whose words are for whoever waits; those of the others are Dagster's and dbt's own."""

FAILURES = {"STEP_FAILURE", "RESOURCE_INIT_FAILURE", "PIPELINE_FAILURE"}


class UnknownDay(Exception):
    """A day that no run can report; the sentence says which can be chosen."""


@dataclass
class Outcome:
    """What came of a job; `failure` is a sentence when something stopped it."""

    run_id: str
    log: Path
    seconds: dict[str, float] = field(default_factory=dict)
    failure: str | None = None
    database: Path | None = None
    """The publication that the job made, if it made one."""
    pruned: int = 0
    """How many older publications it deleted."""


def execute(
    settings: Settings,
    job: str,
    tell: Listener,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> Outcome:
    """Run a job here and now; Dagster's own words go to a file of the data root's `logs/`.

    Raises:
        UnknownDay: the day is before the first that can be reported, or has not come yet.
    """
    run_id = str(uuid.uuid4())
    outcome = Outcome(run_id, settings.logs / f"{job}-{run_id[:8]}.log")
    try:
        with _everything_to(outcome.log) as log:
            is_done = _execute(settings, job, _Watch(outcome, tell, log), as_of, known_at)
    except OSError as error:  # a full disk: the log itself may be what cannot grow
        outcome.failure = outcome.failure or error.strerror or f"{error}"
        return outcome
    except DBAPIError as error:  # or Dagster's own records
        outcome.failure = outcome.failure or f"Dagster's records: {error.orig}"
        return outcome
    if not is_done and outcome.failure is None:
        outcome.failure = "The run was stopped."
    return outcome


def _execute(
    settings: Settings, job: str, watch: _Watch, as_of: date | None, known_at: datetime | None
) -> bool:
    """Whether the job came to its end; `watch` hears of everything on the way."""
    watch.tell("start", None)
    started = time.monotonic()
    from pipelines.definitions import defs  # noqa: PLC0415
    from pipelines.defs.resources import instance  # noqa: PLC0415

    if as_of:
        _insist_on_a_known_day(as_of)
    definition = defs().resolve_job_def(job)
    watch.outcome.seconds["start"] = time.monotonic() - started
    watch.tell("start", watch.outcome.seconds["start"])
    records = instance(settings)
    records.add_event_listener(watch.outcome.run_id, watch)
    known = known_at.isoformat() if known_at else ""
    result = definition.execute_in_process(
        instance=records,
        run_id=watch.outcome.run_id,
        partition_key=as_of.isoformat() if as_of else None,
        run_config={
            "resources": {"workplace": {"config": {"known_at": known}}},
            "loggers": {"console": {"config": {"log_level": "ERROR"}}},
        },
        raise_on_error=False,
    )
    return result.success


@contextmanager
def _everything_to(path: Path) -> Iterator[TextIO]:
    """Send what libraries print to a file; the terminal belongs to the caller."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as log, redirect_stdout(log), redirect_stderr(log):
        yield log


def _insist_on_a_known_day(day: date) -> None:
    from pipelines.defs.resources import DAYS  # noqa: PLC0415

    first, last = DAYS.get_first_partition_key(), DAYS.get_last_partition_key()
    if not DAYS.has_partition_key(day.isoformat()):
        raise UnknownDay(
            f"No run can report {day}, the day chosen or that of the newest report: days go from "
            f"{first} to {last}, today. Choose one of them: nq57 run --as-of {first}"
        )


class _Watch:
    """Hears every event of a run: writes it down, and tells of steps and of the first failure."""

    def __init__(self, outcome: Outcome, tell: Listener, log: TextIO) -> None:
        self.outcome, self.tell, self._log = outcome, tell, log
        self._started: dict[str, float] = {}

    def __call__(self, entry: Any) -> None:  # noqa: ANN401
        event = entry.dagster_event
        self._log.write(f"{datetime.now():%H:%M:%S} {entry.user_message}\n")
        if event is None:
            if entry.step_key in TALKING and entry.level in (logging.INFO, logging.WARNING):
                said = Said(entry.user_message, entry.level == logging.WARNING)
                self.tell(entry.step_key, said)
            return
        kind, step = event.event_type_value, event.step_key
        if kind == "STEP_START":
            self._started[step] = time.monotonic()
            self.tell(step, None)
        elif kind == "STEP_SUCCESS":
            self.outcome.seconds[step] = time.monotonic() - self._started[step]
            self.tell(step, self.outcome.seconds[step])
        elif kind == "ASSET_MATERIALIZATION" and "database" in event.materialization.metadata:
            said = event.materialization.metadata
            self.outcome.database = Path(said["database"].value)
            self.outcome.pruned = said["releases_pruned"].value
        elif kind in FAILURES:
            self._fail(getattr(event.event_specific_data, "error", None), step)

    def _fail(self, error: Any, step: str | None) -> None:  # noqa: ANN401
        """Keep what Dagster's own errors were caused by, in its own words; the first one only."""
        if error is None:
            return
        self._log.write(error.to_string())
        while error.cause and error.cls_name.startswith("Dagster"):
            error = error.cause
        if self.outcome.failure is None:
            words = re.sub(rf"^[\w.]*{error.cls_name}: ", "", error.message.strip())
            self.outcome.failure = f"{step}: {words}" if step else words
