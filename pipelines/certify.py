"""Certifying a release: the committee's word that what was published on a day is official.

What belongs here: when that can be said or taken back, and recording it. What does not: the state
that follows (`standing.py`), and publications that then say so (`restate.py`). A certificate is a
decision in the archive; it changes no fact and no release.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines import durable, frozen
from pipelines.intake.archive import (
    Decision,
    append_decision,
    printable,
    read_decisions,
    whole_second,
)
from pipelines.published import NothingPublished, UnknownName
from pipelines.restate import bring_up_to_date, said_by
from pipelines.settings import Settings
from pipelines.standing import CERTIFIED_RELEASE, Standing, standings
from pipelines.warehouse import lock

PUBLISHED = "published"
LONGEST = 1000
"""Letters of a name or a note: both stand on the page."""
DISK = (OSError, duckdb.IOException, duckdb.OutOfMemoryException)


class NotCertified(Exception):
    """Nothing was recorded; the sentence says why, in both languages."""


class NotShown(Exception):
    """The decision is recorded and no publication says so yet; the sentence says why."""


@dataclass(frozen=True)
class Certificate:
    """What was recorded about a release."""

    release_id: str
    standing: Standing
    is_shown: bool
    """Whether its publication says so; one that is pruned or damaged does not."""


def certify(  # noqa: PLR0913 - the fields of a decision
    settings: Settings, release: str, by: str, note: str, now: datetime, *, withdraw: bool = False
) -> Certificate:
    """Record that a release (or `published`) is certified, or is so no longer, and show it.

    Raises:
        NothingPublished, UnknownName: there is no such release.
        NotCertified: the release is not whole, or stands so already; nothing was recorded.
        NotShown: recorded, but a publication could not be written again; the next run does it.
        WarehouseBusy: another run or command holds the data root.
    """
    folder = _frozen(settings, release)
    answer = "withdrawn" if withdraw else "certified"
    decision = Decision(
        whole_second(now), _line(by), CERTIFIED_RELEASE, folder.name, answer, _line(note)
    )
    with lock(settings, f"nq57 certify {folder.name}"):
        durable.sweep(settings.releases)
        _insist_that_it_can_be_said(settings, folder, withdraw)
        append_decision(settings.archive, decision)
        try:
            bring_up_to_date(settings)
        except DISK as error:
            raise NotShown(
                f"Quyết định về {folder.name} đã được ghi; chưa viết lại được bản công bố, lượt"
                f" chạy sau sẽ làm ({error}) · The decision about {folder.name} is recorded; its"
                f" publication could not be written again, the next run will ({error})"
            ) from error
    standing = standings([decision])[folder.name]
    said = said_by(settings.releases / folder.name).get(folder.name)
    return Certificate(folder.name, standing, said == standing.as_json())


def _insist_that_it_can_be_said(settings: Settings, folder: Path, withdraw: bool) -> None:
    name = folder.name
    known = standings(read_decisions(settings.archive)).get(name, Standing())
    if (known.state == "CERTIFIED") is not withdraw:
        if not withdraw:
            bring_up_to_date(settings)  # what a kill left unsaid
            raise NotCertified(
                f"{name} đã được chứng nhận: {known.by}, {known.at:%d/%m/%Y}"
                f" · {name} is certified already: by {known.by}, on {known.at:%Y-%m-%d}"
            )
        raise NotCertified(
            f"{name} chưa được chứng nhận, không có gì để rút"
            f" · {name} is not certified: there is nothing to take back"
        )
    faults = frozen.check_release(folder)
    published = settings.releases / name
    if published.exists():
        faults += [f"releases/{name}: {fault}" for fault in frozen.check_release(published)]
    if faults and not withdraw:
        raise NotCertified(
            f"{name} không còn nguyên vẹn, không thể chứng nhận: {'; '.join(faults)}"
            f" · {name} is not whole and cannot be certified: {'; '.join(faults)}"
        )


def _frozen(settings: Settings, release: str) -> Path:
    if release == PUBLISHED:
        if not (settings.published / frozen.MANIFEST).exists():
            raise NothingPublished(
                f"Chưa công bố gì trong {settings.data_root}: nq57 run"
                f" · Nothing is published in {settings.data_root} yet: nq57 run"
            )
        release = frozen.read_manifest(settings.published)["release_id"]
    found = {folder.name: folder for folder in frozen.releases(settings.archive)}
    if release not in found:
        name = printable(release)
        raise UnknownName(
            f"Kho lưu trữ không có bản phát hành {name}; xem nq57 releases"
            f" · No release {name} in the archive: nq57 releases lists them"
        )
    return found[release]


def _line(text: str) -> str:
    """A name or a note as one line that a page and a terminal show and do not obey."""
    line = printable(" ".join(text.split()))
    if not line or len(line) > LONGEST:
        raise NotCertified(
            f"Tên và ghi chú có từ 1 đến {LONGEST} chữ"
            f" · A name and a note have 1 to {LONGEST} letters"
        )
    return line
