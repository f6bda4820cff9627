"""The steps of a run in this process, without Dagster, for as many days as are asked for.

What belongs here: the order of the steps. What does not: any of the steps themselves, and the runs
of people and of the schedule, which go through Dagster (`run.py`, `defs/`).

dbt starts and parses the project once for all days.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date, datetime
from threading import Thread
from typing import Self

from pipelines import release, warehouse
from pipelines.dbt_process import DbtProcess
from pipelines.intake.archive import read_receipts
from pipelines.intake.channels import pull
from pipelines.quality.engine import measure, preload
from pipelines.release import Release, rule_set_hash
from pipelines.settings import Settings
from pipelines.workbook.reading import read_submissions, reading_key

FACTS = ("--exclude", "tag:after_quality")
SCORES = ("--select", "tag:after_quality")


class DayRunner:
    """The steps of a run over one data root, held alone. Use it in a `with` block."""

    def __init__(
        self, settings: Settings, gates: bool = False, parsed_by: Settings | None = None
    ) -> None:
        """`gates`: dbt's tests run too, as in a run of Dagster's; they write nothing.

        `parsed_by`: a data root in which dbt may have parsed this project.
        """
        self.settings = settings
        self._gates = gates
        self._parsed_by = parsed_by
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(warehouse.lock(self.settings, "days in one process"))
            self.dbt = stack.enter_context(DbtProcess(self.settings, self._gates, self._parsed_by))
            self._stack = stack.pop_all()
        Thread(target=preload, daemon=True).start()  # seconds of imports, while dbt parses
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def intake(self, now: datetime) -> None:
        """Pull what the channels have, as seen at `now`, and read it."""
        pull(self.settings, now)
        self.read()

    def run(
        self, as_of: date, known_at: datetime | None = None, publish: bool = True
    ) -> Release | None:
        """All that follows the intake, for the day `as_of` as known at `known_at` (None: all)."""
        self.load(known_at)
        self.build(as_of)
        return release.publish(self.settings, as_of, known_at) if publish else None

    def read(self, known_at: datetime | None = None) -> None:
        """Read what has no reading yet."""
        receipts = read_receipts(self.settings.archive)
        read_submissions(self.settings, receipts, known_at=known_at)

    def load(self, known_at: datetime | None = None) -> None:
        """Bring schema `raw` to what was known."""
        key = reading_key(self.settings.seeds, self.settings.templates)
        warehouse.load_raw(self.settings, key, known_at)

    def build(self, as_of: date) -> None:
        """Facts, measurement and scores of `as_of` and of every earlier day that needs it."""
        path = self.settings.warehouse
        self.begin(as_of)
        self.dbt.build(*FACTS)
        warehouse.note_step(path, "facts")
        measure(path, self.settings.expectations, as_of)
        warehouse.note_step(path, "quality")
        self.dbt.build(*SCORES)
        warehouse.note_step(path, "scores")

    def begin(self, as_of: date) -> None:
        """Say which day is built, under which rules."""
        rules = rule_set_hash(self.settings.project_root, self.settings.templates[0])
        warehouse.write_run(self.settings.warehouse, as_of, rules)
