"""`nq57`: the commands about releases.

What belongs here: as in `cli.py`, arguments, what is shown, and exit codes. What does not: the
work, and commands about files, figures and runs (`cli.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from rich.markup import escape

from pipelines.screen import for_people, screen
from pipelines.settings import Settings


@click.command()
@click.argument("release")
@click.option("--by", required=True, help="The office or person that certifies; it is published.")
@click.option("--note", required=True, help="On what ground, in one sentence; it is published.")
@click.option("--withdraw", is_flag=True, help="Take the certificate back.")
def certify(release: str, by: str, note: str, withdraw: bool) -> None:
    """Say that RELEASE (or `published`) is official: CERTIFIED instead of PROVISIONAL.

    It changes no figure and no release, stays in the archive for ever, and keeps the publication
    from being pruned.

    \b
    Examples:
      nq57 certify published --by "Văn phòng Ban Chỉ đạo" --note "Session of 29 October"
      nq57 certify published --withdraw --by "Văn phòng Ban Chỉ đạo" --note "Figures under review"
    """
    from pipelines import certify as certifying

    with for_people():
        made = certifying.certify(
            Settings.from_environment(), release, by, note, datetime.now(UTC), withdraw=withdraw
        )
    shown = screen()
    shown.print(f"[green]✓[/] {escape(f'{made.release_id} {made.standing.state}')}")
    if not made.is_shown:
        shown.print(
            "Chỉ được ghi lại: bản công bố không còn, hoặc không nguyên vẹn"
            " · Only recorded: its publication is pruned, or not whole"
        )


@click.command()
def releases() -> None:
    """List every release: its day, its state, and whether its publication is still there.

    \b
    Example:
      nq57 releases
    """
    from pipelines import retention
    from pipelines.report.terminal import release_table

    screen().print(release_table(retention.listing(Settings.from_environment())))


@click.command()
@click.argument("before")
@click.argument("after", default="published")
@click.option(
    "--csv", "table", type=click.Path(dir_okay=False, path_type=Path), help="Write every change."
)
@click.option("--prove", is_flag=True, help="Compute anew, and show what no cause explains.")
def diff(before: str, after: str, table: Path | None, prove: bool) -> None:
    """Say which figures, ranks and scores changed from release BEFORE to AFTER, and why.

    A release is named by its id or the beginning of it, by its day, or `published`. Each change is
    split without remainder among changed rules, the passing of days, registers, new submissions,
    corrections and decisions, let in one after another in this order.

    \b
    Examples:
      nq57 diff 2025-09-23 2025-10-28
      nq57 diff 2025-10-27 published --csv changes.csv
    """
    from pipelines.changes.difference import difference
    from pipelines.report.difference import lines, write_csv

    with for_people():
        found = difference(Settings.from_environment(), before, after, is_proved=prove)
    for line in lines(found):
        screen().print(line)
    if table:
        write_csv(found, table)
        screen().print(f"[green]✓[/] {escape(f'{table}: {len(found.rows):,} rows')}")
