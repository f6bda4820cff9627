"""The release that a run is about to make, compared with the one that is published.

What belongs here: which two are compared, and the way through the causes between them. What does
not: any of the parts (`causes.py`, `worlds.py`, `split.py`, `record.py`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pipelines import frozen, release, warehouse
from pipelines.changes import record
from pipelines.changes.causes import (
    UNEXPLAINED,
    Inputs,
    Slot,
    Source,
    causes_of,
    ladder,
    sources_between,
)
from pipelines.changes.split import Ladder
from pipelines.changes.worlds import Worlds
from pipelines.intake import archive
from pipelines.settings import Settings

log = logging.getLogger(__name__)

SLOTS = """
    select readings.submission_id, forms.form, readings.reporting_date
    from raw.readings as readings inner join raw.reading_forms as forms using (submission_id)
    where readings.reporting_date is not null and forms.rows_received > 0
"""
COUNTS = """
    select cause, kind, count(*) from history.release_changes where release_id = $1
    group by all order by min(cause_order), kind
"""


@dataclass(frozen=True)
class Comparison:
    """What came of it: changes by cause and kind, and why they are not split, if they are not."""

    release_id: str
    release_before: str | None = None
    counts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    worlds: int = 0
    seconds: float = 0.0
    fault: str | None = None


def compare_with_published(
    settings: Settings, as_of: date, known_at: datetime | None = None
) -> Comparison:
    """Write what changes when the warehouse's day `as_of` takes the place of what is published.

    A release that was frozen before keeps its comparison. Nothing is compared when nothing is
    published, or when this release will not be: of an earlier day or of restated knowledge.
    """
    after = release.identify(settings, as_of, known_at)
    files = release.rule_set_files(settings.project_root, settings.templates[0])
    archive.store_rule_set(settings.archive, files, after["rule_set_hash"])
    folder = settings.archive / "releases" / after["release_id"]
    record.prepare(settings.warehouse, as_of, folder)
    before = _published(settings)
    found = Comparison(after["release_id"])
    if not folder.is_dir() and before and not known_at and before["as_of_date"] <= f"{as_of}":
        found = replace(found, release_before=before["release_id"])
        # A run that was killed after this step has left the answer in the warehouse.
        if not record.holds(settings.warehouse, after["release_id"], before["release_id"]):
            found = _compare(settings, before, after)
    with warehouse.connect(settings.warehouse, read_only=True) as connection:
        counts = connection.execute(COUNTS, [found.release_id]).fetchall()
    counted = {(cause, kind): number for cause, kind, number in counts}
    return replace(found, counts=counted)


def _compare(settings: Settings, before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    started = time.monotonic()
    sources = find_sources(settings, before, after)
    causes, fault = causes_of(sources), None
    try:
        steps = climb(settings, before, after, sources)
    except Exception as error:
        # Whatever broke, the figures themselves stand: say what changed, and not why.
        log.exception("The changes since %s are not split by cause", before["release_id"])
        fault, causes = f"{error}".split("\n")[0], []
        steps = _start(settings, before)
        steps.let_in(UNEXPLAINED, settings.warehouse, Inputs.of(after).day)
    pair = record.Pair(after["release_id"], before["release_id"], after["as_of_date"])
    record.write(settings.warehouse, pair, steps.split().to_arrow_table(), sources)
    return Comparison(
        release_id=after["release_id"],
        release_before=before["release_id"],
        worlds=max(len(causes) - 1, 0),
        seconds=time.monotonic() - started,
        fault=fault,
    )


def find_sources(
    settings: Settings, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[Source]:
    """Everything that lies between two releases, by cause."""
    rule_sets = settings.archive / "rule_sets"
    return sources_between(before, after, _slots(settings.warehouse), rule_sets)


def climb(
    settings: Settings,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    sources: Sequence[Source],
    is_proved: bool = False,
) -> Ladder:
    """The figures before the first cause and after each.

    The first are frozen and the last are those of the release itself, frozen or about to be: so
    many causes take one world less, and one cause alone takes none. `is_proved`: a world is made
    for the last cause too, and what it leaves is said to be unexplained.
    """
    start, end = Inputs.of(before), Inputs.of(after)
    causes, states = causes_of(sources), list(ladder(start, end, sources))
    steps = _start(settings, before)
    with ExitStack() as stack:
        needed = len(causes) if is_proved else len(causes) - 1
        if needed > 0:
            worlds = stack.enter_context(Worlds(settings))
            for cause, state in zip(causes[:needed], states, strict=False):
                steps.let_in(cause, worlds.build(state), state.day)
    last = UNEXPLAINED if is_proved or not causes else causes[-1]
    _finish(settings, steps, last, after)
    return steps


def _start(settings: Settings, before: Mapping[str, Any]) -> Ladder:
    steps = Ladder()
    steps.start(_folder(settings, before), Inputs.of(before).day)
    return steps


def _finish(settings: Settings, steps: Ladder, cause: str, after: Mapping[str, Any]) -> None:
    """The figures of the later release: frozen, or else still in the warehouse alone."""
    day, folder = Inputs.of(after).day, _folder(settings, after)
    if folder.is_dir():
        steps.end(cause, folder, day)
    else:
        steps.let_in(cause, settings.warehouse, day)


def _folder(settings: Settings, manifest: Mapping[str, Any]) -> Path:
    return settings.archive / "releases" / manifest["release_id"]


def _published(settings: Settings) -> dict[str, Any] | None:
    if not (settings.published / frozen.MANIFEST).is_file():
        return None
    return frozen.read_manifest(settings.published)


def _slots(path: Path) -> dict[str, frozenset[Slot]]:
    """What each submission speaks of, as far as it was read."""
    with warehouse.connect(path, read_only=True) as connection:
        found: dict[str, set[Slot]] = {}
        for submission, form, day in connection.execute(SLOTS).fetchall():
            found.setdefault(submission, set()).add((form, day))
    return {submission: frozenset(slots) for submission, slots in found.items()}
