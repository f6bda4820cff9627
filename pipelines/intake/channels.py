"""The pull: takes what the channels offer into the archive, once.

What belongs here: which files are taken, and why one is refused at the door. What does not: whose
channels there are (`channel_list.py`), how they are opened (`sources.py`, `remote.py`), what is
inside a file (`workbook/`).
"""

from __future__ import annotations

import csv
import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from pipelines import durable
from pipelines.intake import archive
from pipelines.intake.archive import Receipt
from pipelines.intake.channel_list import Channel, load_channels
from pipelines.intake.remote import Remote
from pipelines.intake.seen import Seen
from pipelines.intake.sources import ChannelDown, Folder, Listed, Source, TooLarge, counts
from pipelines.settings import Settings

log = logging.getLogger(__name__)

MAX_BYTES = 100_000_000
_AT_ONCE = 16
"""Channels listed at the same time: servers that do not answer are waited for together."""

Progress = Callable[[int, int], None]
"""Called with the number of files done and the number of files found."""


@dataclass(frozen=True)
class PullSummary:
    """How many files a pull saw: `new`, `known` from before, or `refused` (now or before)."""

    new: int = 0
    known: int = 0
    refused: int = 0
    by_reason: dict[str, int] = field(default_factory=dict)
    down: list[str] = field(default_factory=list)
    """A sentence for each channel that could not be used, or not to its end."""


@dataclass
class _Offer:
    """What a channel offers, and what is wrong with it."""

    channel: Channel
    source: Source
    files: list[Listed]
    fault: str | None = None


def pull(settings: Settings, now: datetime, progress: Progress | None = None) -> PullSummary:
    """Take every file of every channel into the archive, once. Only for who holds the lock.

    A channel that is down is named in the summary, and the others go on.
    """
    durable.sweep(settings.archive)
    durable.sweep(settings.archive / "receipts")
    durable.discard(settings.seen.with_name(f".{settings.seen.name}.new"))
    channels = load_channels(settings)
    receipts = {one.submission_id: one for one in archive.read_receipts(settings.archive)}
    agencies, seen = reporting_agencies(settings.seeds), Seen(settings.seen)
    desk = _Desk(settings.archive, agencies, receipts, seen, now)
    outcomes = Counter(_refused_at_the_door(settings.inbox, channels))
    with _offers(settings, channels) as offers:
        try:
            outcomes.update(_told(desk.take_all(offers), offers, progress))
        finally:
            seen.save()
    down = [offer.fault for offer in offers if offer.fault]
    for fault in down:
        log.warning("%s", fault)
    new, known = outcomes.pop("new", 0), outcomes.pop("known", 0)
    return PullSummary(new, known, outcomes.total(), dict(sorted(outcomes.items())), down)


def arrivals(settings: Settings) -> frozenset[str]:
    """A short mark of each file that no pull has taken yet; a file that changes changes its mark.

    Only listings are looked at. A channel that is down has none.
    """
    seen = Seen(settings.seen)
    with _offers(settings, load_channels(settings)) as offers:
        return frozenset(
            hashlib.sha256(
                f"{offer.channel.agency_code}|{listed.path}|{listed.stamp}".encode(
                    errors="backslashreplace"
                )
            ).hexdigest()[:12]
            for offer in offers
            for listed in offer.files
            if listed.refusal is None and seen.submission_id(offer.channel, listed) is None
        )


def reporting_agencies(seeds: Path) -> frozenset[str]:
    """Codes that may send files: agencies that report or once did, and the committee's own.

    Whether an abolished one still existed on the day of a report is judged by that day.
    """
    with (seeds / "agencies.csv").open(encoding="utf-8", newline="") as handle:
        return frozenset(
            row["agency_code"] for row in csv.DictReader(handle) if row["kind"] != "group"
        )


def _told(
    outcomes: Iterator[str], offers: list[_Offer], progress: Progress | None
) -> Iterator[str]:
    found = sum(len(offer.files) for offer in offers)
    for done, outcome in enumerate(outcomes, start=1):
        if progress:
            progress(done, found)
        yield outcome


@contextmanager
def _offers(settings: Settings, channels: list[Channel]) -> Iterator[list[_Offer]]:
    """Every channel, opened and listed."""

    def look(channel: Channel) -> _Offer:
        offer = _Offer(channel, _source(settings, channel), [])
        try:
            offer.files.extend(offer.source.listing())
        except ChannelDown as error:
            offer.fault = str(error)
        return offer

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        offers = list(threads.map(look, channels))
    try:
        yield offers
    finally:
        for offer in offers:
            offer.source.close()


def _source(settings: Settings, channel: Channel) -> Source:
    if channel.folder is not None:
        return Folder(channel.agency_code, channel.folder)
    return Remote(channel, settings.access(channel.agency_code), settings.known_hosts)


@dataclass(frozen=True)
class _Desk:
    """Where files are taken in: what is known already, and who may send."""

    archive: Path
    agencies: frozenset[str]
    receipts: dict[str, Receipt]
    seen: Seen
    now: datetime

    def take_all(self, offers: list[_Offer]) -> Iterator[str]:
        """Archive or refuse each file of each channel, as long as that can be used."""
        for offer in offers:
            yield from self._take_channel(offer)
            if offer.fault is None:
                self.seen.forget_all_but(offer.channel, {listed.path for listed in offer.files})

    def _take_channel(self, offer: _Offer) -> Iterator[str]:
        for number, listed in enumerate(offer.files):
            try:
                yield self._take(offer, listed)
            except ChannelDown as error:
                offer.fault = str(error)
                for _ in offer.files[number:]:
                    yield "not_readable_yet"
                return

    def _take(self, offer: _Offer, listed: Listed) -> str:
        """Gives `new`, `known` or the reason of the refusal."""
        if listed.refusal:
            return _refused(listed, listed.refusal)
        known = self.receipts.get(self.seen.submission_id(offer.channel, listed) or "")
        if known and _judged(known, self.agencies).reason_code == known.reason_code:
            return known.reason_code or "known"
        aside = self.archive / ".incoming.new"
        try:
            receipt = self._received(offer, listed, aside)
        except archive.SourceUnreadable as error:
            log.warning("%s", error)
            return "not_readable_yet"
        finally:
            durable.discard(aside)
        self.seen.remember(offer.channel, listed, receipt.submission_id)
        known = self.receipts.get(receipt.submission_id)
        self.receipts[receipt.submission_id] = receipt
        if known == receipt:
            return receipt.reason_code or "known"
        return _refused(listed, receipt.reason_code) if receipt.reason_code else "new"

    def _received(self, offer: _Offer, listed: Listed, aside: Path) -> Receipt:
        """The file's receipt: the one it has already, or a new one, and then its bytes are kept."""
        if not offer.source.is_here and (listed.size_bytes or 0) > MAX_BYTES:
            return self._unfetched(offer.channel, listed)
        try:
            path = offer.source.fetch(listed, aside, MAX_BYTES)
        except TooLarge:
            return self._unfetched(offer.channel, listed)
        receipt = _judged(self._described(offer.channel, listed, path), self.agencies)
        known = self.receipts.get(receipt.submission_id)
        if known and (known.status == "RECEIVED" or receipt.status == "REFUSED"):
            return known
        if receipt.reason_code == "too_large":
            archive.write_receipt(self.archive, receipt)
        else:
            archive.keep(self.archive, path, receipt)
        return receipt

    def _described(self, channel: Channel, listed: Listed, path: Path) -> Receipt:
        sent_at = listed.sent_at or self.now
        received_at = sent_at if channel.trust_sent_at else self.now
        return archive.describe(
            channel.agency_code, channel.url, path, sent_at, received_at, listed.name
        )

    def _unfetched(self, channel: Channel, listed: Listed) -> Receipt:
        """The receipt of a file whose bytes did not come, nor their hash: there are too many."""
        identity = f"{channel.url} {archive.printable(listed.path)} {listed.stamp}"
        submission_id = archive.submission_id(channel.agency_code, identity)
        if submission_id in self.receipts:
            return self.receipts[submission_id]
        receipt = Receipt(
            submission_id=submission_id,
            agency_code=channel.agency_code,
            channel=channel.url,
            file_name=archive.printable(listed.name),
            sha256="",
            size_bytes=max(listed.size_bytes or 0, MAX_BYTES + 1),
            sent_at=archive.whole_second(listed.sent_at or self.now),
            received_at=archive.whole_second(self.now),
        )
        receipt = _judged(receipt, self.agencies)
        archive.write_receipt(self.archive, receipt)
        return receipt


def _judged(receipt: Receipt, agencies: frozenset[str]) -> Receipt:
    """The receipt with what speaks against its file now."""
    reason = detail = None
    if receipt.size_bytes > MAX_BYTES:
        reason, detail = "too_large", f"{receipt.size_bytes} > {MAX_BYTES} bytes"
    elif receipt.agency_code not in agencies:
        reason, detail = "unknown_agency", receipt.agency_code
    status = "REFUSED" if reason else "RECEIVED"
    return replace(receipt, status=status, reason_code=reason, detail=detail)


def _refused_at_the_door(inbox: Path, channels: list[Channel]) -> Iterator[str]:
    """What lies in the inbox beside the channels: loose files and links, each named in the log."""
    folders = {channel.folder for channel in channels}
    for path in sorted(inbox.glob("[!.]*")):
        listed = Listed(str(path), path.name, None)
        if path.is_symlink() and path not in folders:
            yield _refused(listed, "link_not_followed")
        elif path.is_file() and counts(path.name):
            yield _refused(listed, "no_channel")


def _refused(listed: Listed, reason_code: str) -> str:
    log.warning("refused, %s: %s", reason_code, archive.printable(listed.path))
    return reason_code
