"""`nq57`: the commands of the terminal.

What belongs here: arguments, what is shown, and exit codes: 0 when the work was done whatever the
data look like, 1 when there is something to mend, 2 when the command itself was wrong. What does
not: the work; each command calls one function of another module, and imports it then, so that
`--help` does not wait for Dagster.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
from rich.markup import escape

from pipelines import cli_releases
from pipelines.screen import Stop, for_people, screen
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.run import Outcome

DAY = click.DateTime(["%Y-%m-%d"])
INSTANT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="nq57-monitor")
def main() -> None:
    """NQ57 Monitor: workbooks of 56 agencies in, provable figures on Resolution 57 out.

    The data root is `data/`, or the folder that NQ57_DATA names.
    """


@main.command()
@click.option("--as-of", type=DAY, help="The day to report; default: the newest report at hand.")
@click.option(
    "--known-at", type=INSTANT, help="Leave out what came later (UTC); changes no publication."
)
def run(as_of: datetime | None, known_at: datetime | None) -> None:
    """Pull, read, compute, measure and publish: the daily job, here and now.

    \b
    Example:
      nq57 run --as-of 2025-09-23
    """
    settings = Settings.from_environment()
    known = known_at.replace(tzinfo=UTC) if known_at else None
    if as_of is None:
        _execute(settings, "intake", None, known)
        outcome = _execute(settings, "report", _newest(settings), known)
    else:
        outcome = _execute(settings, "daily", as_of.date(), known)
    _summarise(settings, outcome)


@main.command()
def sample() -> None:
    """Write a made-up register and workbooks into the inbox, marked INVENTED DATA.

    What is already there stays; an inbox with files of another origin is refused.

    \b
    Example:
      nq57 sample
    """
    from pipelines.sample.write import write_sample

    with for_people():
        made = write_sample(Settings.from_environment())
    files = f"{made.written} workbooks written, {made.already_there} already there"
    world = f"{made.agencies} agencies, {len(made.dates)} reporting dates"
    screen().print(f"[green]✓[/] INVENTED DATA: {files} ({world})")


@main.command()
@click.argument("agency")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path))
def template(agency: str, output: Path | None) -> None:
    """Write the form that AGENCY (a code such as BKHCN) fills in, with its rows of the register.

    \b
    Example:
      nq57 template BKHCN -o BKHCN.xlsx
    """
    from pipelines.published import write_blank

    path = output or Path(f"{agency}.xlsx")
    with for_people():
        counts = write_blank(Settings.from_environment(), agency, path)
    sheets = ", ".join(f"{sheet} {count:,}" for sheet, count in counts.items())
    screen().print(f"[green]✓[/] {path}: rows of {agency} in the register: {sheets}")


@main.command()
@click.argument("key", required=False)
@click.argument("answer", required=False)
@click.option("--by", "decided_by", help="Who decides.")
@click.option("--reason", help="Why, in one sentence.")
@click.option("--until", type=DAY, help="Last day of an exception; default: until it is ended.")
@click.option("--standing", is_flag=True, help="Show withdrawals and exceptions in force.")
def decide(  # noqa: PLR0913, PLR0917 - one argument per option
    key: str | None,
    answer: str | None,
    decided_by: str | None,
    reason: str | None,
    until: datetime | None,
    standing: bool,
) -> None:
    """Show what waits for a person, each with the command to answer it; or answer.

    A held file is answered accept or refuse; a header that is like a column, with the name of the
    column or none; a row that is like one of the register, with the key of that or none. Any file
    can be taken back with withdraw, so that the version before stands again, and brought back with
    keep. A finding (its finding_id in quality.findings) is excepted with accept, and counts again
    with end, or after --until. An answer is kept for ever, counts from the next run on, and may be
    followed by another.

    \b
    Examples:
      nq57 decide
      nq57 decide 5f0c1e7a9b2d4c68 accept --by "Nguyễn An" --reason "Confirmed by telephone"
      nq57 decide 'BTC|tasks|noi dung' title --by "Nguyễn An" --reason "As the ministry said"
      nq57 decide 5f0c1e7a9b2d4c68 withdraw --by "Nguyễn An" --reason "Sent by mistake"
      nq57 decide 8a41d0b7e2c95f36 accept --until 2026-03-31 --by "Nguyễn An" --reason "New system"
      nq57 decide --standing
    """
    from pipelines import corrections, waiting
    from pipelines.report import decisions

    settings, shown, now = Settings.from_environment(), screen(), datetime.now(UTC)
    if key is None:
        with for_people():
            lines = (
                decisions.standing_lines(corrections.standing(settings, now))
                if standing
                else decisions.waiting_lines(waiting.waiting(settings))
            )
        for line in lines:
            shown.print(line)
        return
    if not (answer and decided_by and reason):
        raise click.UsageError("An answer needs the answer itself, --by and --reason.")
    with for_people():
        try:
            last_day = until.date() if until else None
            waiting.decide(settings, key, answer, decided_by, reason, now, last_day)
        except corrections.NoAnswer as error:
            raise click.UsageError(str(error)) from error
    shown.print(f"[green]✓[/] {escape(f'{key}: {answer}')}. It counts from the next run on.")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--agency", help="Code of the sender; default: the agency that the cover names.")
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
def check(file: Path, agency: str | None, language: Literal["vi", "en"]) -> None:
    """Say before FILE is sent what a run would find in it: every cell to mend, in one pass.

    The rules and the reading are those of a run; registers and earlier reports come from the data
    root, which is only read. Exit code 0: nothing to mend.

    \b
    Example:
      nq57 check BKHCN.xlsx --language en
    """
    from pipelines.checking import check as checking
    from pipelines.intake.channels import reporting_agencies
    from pipelines.report.checked import lines

    settings, started = Settings.from_environment(), time.monotonic()
    codes = sorted(reporting_agencies(settings.seeds))
    if agency is not None and agency not in codes:
        raise click.UsageError(f"No agency has the code {agency}. Codes: {', '.join(codes)}")
    with for_people():
        try:
            found = checking.check(settings, file, agency, datetime.now(UTC))
        except checking.AgencyUnknown as error:
            raise click.UsageError(str(error)) from error
    for line in lines(found, settings.seeds, language, time.monotonic() - started):
        screen().print(line)
    sys.exit(0 if found.is_clean else 1)


@main.command()
@click.argument("what", nargs=-1, required=True, metavar="FIGURE | TABLE KEY COLUMN")
def trace(what: tuple[str, ...]) -> None:
    """Follow a published figure, or one value of a table, down to the cells it comes from.

    \b
    Examples:
      nq57 trace F003
      nq57 trace fct_tasks NQ71-001 status
    """
    if len(what) not in (1, 3):
        raise click.UsageError("Give a figure, or a table, a key and a column.")
    from pipelines.tracing import trace as tracing

    with for_people():
        screen().print(tracing.trace(Settings.from_environment(), *what))


@main.command()
@click.argument("release", required=False)
def verify(release: str | None) -> None:
    """Prove RELEASE (default: the published one) again from the archive alone.

    \b
    Example:
      nq57 verify
    """
    from pipelines import verify as proving

    with for_people():
        proof = proving.verify(Settings.from_environment(), release)
    screen().print(proof)
    sys.exit(0 if proof.holds else 1)


main.add_command(cli_releases.certify)
main.add_command(cli_releases.diff)
main.add_command(cli_releases.releases)


def _execute(settings: Settings, job: str, day: date | None, known: datetime | None) -> Outcome:
    """Run a job with a line per step; a pipeline that fails is something to mend."""
    from pipelines.report.terminal import Steps
    from pipelines.run import execute

    before = settings.published.resolve()
    with for_people(), Steps(screen()) as steps:
        outcome = execute(settings, job, steps, day, known)
    if outcome.failure:
        after = settings.published.resolve()
        published = "Nothing was published." if after == before else f"Published: {after.name}."
        said = published if job != "intake" else ""
        raise Stop(f"{outcome.failure}\n  {said} Everything it said: {outcome.log}")
    return outcome


def _summarise(settings: Settings, outcome: Outcome) -> None:
    """Where things stand after a run, and where its results are."""
    from pipelines.report.terminal import summary

    database = outcome.database
    if database is None:
        raise Stop(f"The run ended without a release: {outcome.log}")
    shown = screen()
    shown.print()
    for line in summary(database):
        shown.print(line)
    is_newest = settings.published.resolve() == database.parent.resolve()
    folder = settings.published if is_newest else database.parent
    if outcome.pruned:
        shown.print(f"\n{outcome.pruned} older publications pruned: nq57 releases")
    shown.print(f"\nPage      {folder / 'index.html'}")
    shown.print(f"Database  {folder / database.name}")
    shown.print(f"Log       {outcome.log}")


def _newest(settings: Settings) -> date:
    from pipelines.warehouse import newest_reporting_date

    day = newest_reporting_date(settings.warehouse)
    if day is None:
        raise Stop(
            f"No agency's report was read from {settings.inbox}. For a made-up one: nq57 sample"
        )
    return day
