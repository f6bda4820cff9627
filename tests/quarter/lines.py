"""Runs in processes of their own, which can be killed at any moment.

What belongs here: a process that runs one day after the other over a data root, and its end. What
does not: the steps of a run (`pipelines/day.py`).
"""

from __future__ import annotations

import os
import signal
from datetime import date, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Self
from unittest.mock import patch

from pipelines.day import DayRunner
from pipelines.report import chart
from pipelines.settings import Settings


class RunFailed(Exception):
    """A run stopped by itself; the text is its traceback."""


class Line:
    """Days run in one process, with dbt's beside it. Use it in a `with` block."""

    def __init__(self, settings: Settings) -> None:
        context = get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, settings))
        self._process.start()
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def begin(self, as_of: date, now: datetime, known_at: datetime | None = None) -> None:
        """Start the run of a day; `end` or `kill` comes after."""
        self._ours.send((as_of, now, known_at))

    def wait(self, seconds: float | None = None) -> bool:
        """Whether the run has come to an end within these seconds."""
        return self._ours.poll(seconds)

    def end(self) -> str:
        """The release that the run made."""
        try:
            is_well, said = self._ours.recv()
        except EOFError:
            is_well, said = False, "The process is gone."
        if not is_well:
            raise RunFailed(said)
        return said

    def run(self, as_of: date, now: datetime, known_at: datetime | None = None) -> str:
        """The release of a day."""
        self.begin(as_of, now, known_at)
        return self.end()

    def kill(self) -> None:
        """End the process, dbt's and the reader's at once, without a chance to tidy up."""
        try:
            os.killpg(self._process.pid or 0, signal.SIGKILL)
        except ProcessLookupError:  # it had not come to lead a group of its own
            self._process.kill()
        self._process.join()
        self._ours.close()


def _serve(orders: Connection, settings: Settings) -> None:
    """Run days as ordered. Without charts, which take seconds and change no figure."""
    os.setpgrp()
    nothing: Any = lambda *_: ""  # noqa: E731
    with patch.multiple(chart, trend=nothing, shares=nothing), DayRunner(settings) as runner:
        while True:
            as_of, now, known_at = orders.recv()
            try:
                runner.intake(now)
                release = runner.run(as_of, known_at)
                orders.send((True, release.release_id if release else ""))
            except Exception:  # noqa: BLE001 - whatever it was is told to whoever asked
                import traceback

                orders.send((False, traceback.format_exc()))
