"""Figures as they would be under other inputs: the steps of a run over a data root made for them.

What belongs here: that data root, which borrows readings and the warehouse and is thrown away. What
does not: any step of a run (`day.py`), and which inputs are asked about (`causes.py`).

Nothing is read twice and the data root itself is only read. A world is filled from what is there
and then builds, for its one day, only what figures, ranks and scores come from. Over the sample
(224 files, 107 MB of warehouse) one takes 19 s of processor time, dbt's start included (2026-11).
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Self

from pipelines import durable, warehouse
from pipelines.changes.causes import Inputs
from pipelines.checking.check_rules import tables_of
from pipelines.day import DayRunner
from pipelines.intake import archive
from pipelines.quality.engine import measure
from pipelines.quality.register import load_rules, load_suites
from pipelines.release import rule_set_hash
from pipelines.settings import Settings
from pipelines.workbook.reading import reading_key

FOLDER = ".worlds.new"
"""Where worlds are made; named so that the next run removes what a kill left."""
DAYS = "+int_day_inputs"
SCORES = "+agency_scorecards,tag:after_quality"
_NO_SEEDS = "--exclude-resource-type=seed"


class Worlds:
    """Worlds of one data root, one at a time. Use it in a `with` block."""

    def __init__(self, settings: Settings) -> None:
        self._real = settings
        self._place = Settings(
            settings.data_root / FOLDER, settings.real_input, settings.project_root
        )
        self._stack = ExitStack()
        self._key = reading_key(settings.seeds, settings.templates)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.callback(durable.discard, self._place.data_root)
            self._furnish()
            self._runner = stack.enter_context(DayRunner(self._place, parsed_by=self._real))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def build(self, inputs: Inputs) -> Path:
        """A warehouse with the figures of the inputs' day; it stands until the next call."""
        self._know(inputs)
        self._runner.read()
        self._runner.load()
        self._tell(inputs.day)
        return self._place.warehouse

    def _tell(self, day: date) -> None:
        """Figures, ranks and scores of one day."""
        path, expectations = self._place.warehouse, self._place.expectations
        # Seeds stand in the copied warehouse, unless a run under other rules has left it.
        seeds = () if self._has_other_rules() else (_NO_SEEDS,)
        self._runner.begin(day)
        self._runner.dbt.build("--select", DAYS, *seeds)
        with warehouse.connect(path) as connection:
            connection.execute("delete from raw.built_days")
            # Whether or not other days stand as they should, nobody asks for them.
            connection.execute(
                "insert into raw.built_days from intermediate.int_day_inputs where as_of_date != ?",
                [day],
            )
        facts = ("--select", *self._facts(), "--exclude", "tag:after_quality", DAYS)
        self._runner.dbt.build(*facts, *seeds)
        measure(path, expectations, day)
        self._runner.dbt.build("--select", SCORES, _NO_SEEDS)

    def _furnish(self) -> None:
        """The warehouse, readings, files and templates of the data root, borrowed."""
        real, place = self._real, self._place
        durable.discard(place.data_root)
        for folder in (place.raw, place.archive):
            folder.mkdir(parents=True)
        for path in (real.warehouse, real.warehouse.with_name(f"{real.warehouse.name}.wal")):
            if path.exists():
                shutil.copyfile(path, place.data_root / path.name)
        for folder in real.raw.glob(f"*-{self._key}*"):
            (place.raw / folder.name).symlink_to(folder)
        if real.templates[0].is_dir():
            place.templates[0].symlink_to(real.templates[0])

    def _know(self, inputs: Inputs) -> None:
        """An archive of the receipts and decisions that are known in the world."""
        real, place = self._real, self._place
        durable.discard(place.archive)
        (place.archive / "receipts").mkdir(parents=True)
        for one in archive.read_receipts(real.archive):
            if inputs.has_receipt(one):
                name = f"receipts/{one.submission_id}.json"
                (place.archive / name).symlink_to(real.archive / name)
                stored = archive.stored_file(place.archive, one)
                if not stored.exists():
                    stored.symlink_to(archive.stored_file(real.archive, one))
        for one in archive.read_decisions(real.archive):
            if inputs.has_decision(one):
                archive.append_decision(place.archive, one)

    def _facts(self) -> list[str]:
        """Models that figures and rules are read from, and all that they are made of."""
        expectations = self._place.expectations
        judged = tables_of(expectations, load_suites(expectations), load_rules(expectations))
        return ["+fct_measures", *(f"+{table}" for table in judged)]

    def _has_other_rules(self) -> bool:
        rules = rule_set_hash(self._place.project_root, self._place.templates[0])
        with warehouse.connect(self._place.warehouse, read_only=True) as connection:
            return connection.execute("select rule_set_hash from raw.run").fetchall() != [(rules,)]
