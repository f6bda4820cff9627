"""How commands speak to people: the terminal, and sentences in place of a program's trace.

What belongs here: where words are printed, and which errors are something that people can mend.
What does not: the commands (`cli.py`, `cli_releases.py`) and how results look (`report/`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click
from rich.console import Console
from rich.markup import escape


class Stop(click.ClickException):
    """Something to mend: one sentence, exit code 1."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence where errors are looked for."""
        screen(file or sys.stderr).print(f"[red]✗[/] {escape(self.message)}")


def screen(file: IO[Any] | None = None) -> Console:
    """The terminal as it is now: a run sends the standard streams elsewhere."""
    return Console(file=file or sys.stdout, highlight=False, soft_wrap=True)


@contextmanager
def for_people() -> Iterator[None]:
    """Say what people can mend in one sentence, without a trace of the program."""
    from pipelines.certify import NotCertified, NotShown
    from pipelines.changes.difference import NotComparable
    from pipelines.corrections import UnknownQuestion
    from pipelines.intake.archive import ArchiveDamaged
    from pipelines.intake.channel_list import ChannelsError
    from pipelines.published import NothingPublished, UnknownName
    from pipelines.run import UnknownDay
    from pipelines.warehouse import WarehouseBusy

    sentences = (
        *(ArchiveDamaged, ChannelsError, NothingPublished),
        *(NotCertified, NotComparable, NotShown),
        *(UnknownDay, UnknownName, UnknownQuestion),
    )
    try:
        yield
    except (*sentences, WarehouseBusy) as error:
        raise Stop(str(error)) from error
