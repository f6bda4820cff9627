"""Readings of all archived files, each made once and kept.

What belongs here: which files still need reading, the folder of each reading, the key that says
when all must be read anew. What does not: the reading of one file (`submission.py`).

A reading is a folder `raw/<submission_id>-<reading_key>/`, complete once it has its name.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from pipelines import durable
from pipelines.intake.archive import Receipt, read_decisions, stored_file
from pipelines.settings import Settings
from pipelines.workbook.child import ReadingPool
from pipelines.workbook.guard import DEFAULT_LIMITS, Limits
from pipelines.workbook.layout.header_answers import ByForm, HeaderAnswers
from pipelines.workbook.parsing.vocabulary import SEEDS
from pipelines.workbook.record import write_head
from pipelines.workbook.submission import Reading

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Told after each file: how many are done, of how many."""


@dataclass(frozen=True)
class ReadSummary:
    """What a call did: files read now, refused now by reason, and those that had a reading."""

    read: int
    refused: int
    cached: int
    by_reason: dict[str, int] = field(default_factory=dict)


def reading_key(seeds: Path, template_folders: Iterable[Path]) -> str:
    """Changes with anything that a reading depends on but the file: code, templates, word lists."""
    code = sorted(Path(__file__).parent.rglob("*.py"))
    templates = [path for folder in template_folders for path in sorted(folder.glob("*.yml"))]
    digest = hashlib.sha256()
    for path in (*code, *templates, *(seeds / name for name in SEEDS)):
        content = path.read_bytes()
        digest.update(f"{path.name}\x1f{len(content)}\x1f".encode() + content)
    for library in ("python-calamine", "openpyxl", "xlrd", "odfpy", "pyarrow", "rapidfuzz"):
        digest.update(f"{library} {version(library)}".encode())
    return digest.hexdigest()[:16]


def readings(raw: Path, key: str) -> list[Path]:
    """Folders of all readings under a key, by submission."""
    return sorted(raw.glob(f"*-{key}"))


def read_submissions(  # noqa: PLR0913, PLR0917 - what is read, and how
    settings: Settings,
    receipts: Iterable[Receipt],
    progress: Progress | None = None,
    limits: Limits = DEFAULT_LIMITS,
    processes: int = 2,
    known_at: datetime | None = None,
    pool: ReadingPool | None = None,
) -> ReadSummary:
    """Read every received file that has no reading yet, in guarded child processes.

    Headers are read as people answered until `known_at` (None: all answers). A `pool` that is
    given is used, and left running.

    Raises `ReaderBroken` only when the fault is ours, such as a full disk.
    """
    base = reading_key(settings.seeds, settings.templates)
    decisions = read_decisions(settings.archive)
    answers = HeaderAnswers.of(
        one for one in decisions if known_at is None or one.decided_at <= known_at
    )
    received = [receipt for receipt in receipts if receipt.status == "RECEIVED"]
    folders = _folders(settings.raw, received, answers, base)
    todo = [one for one in received if not folders[one.submission_id].exists()]
    reasons: Counter[str] = Counter()
    mine = ReadingPool(settings.seeds, settings.templates, limits, processes)
    # Two threads for each child: it reads one file while the disk takes what it read before.
    with (
        mine if pool is None else nullcontext(pool) as used,
        ThreadPoolExecutor(2 * processes) as threads,
    ):

        def read(receipt: Receipt) -> str | None:
            target = folders[receipt.submission_id]
            return _read_one(used, settings, receipt, target, answers.about(receipt.agency_code))

        for number, reason in enumerate(threads.map(read, todo), start=1):
            if reason is not None:
                reasons[reason] += 1
            if progress:
                progress(number, len(todo))
    return _summary(len(received), len(todo), reasons)


def _summary(received: int, todo: int, reasons: Counter[str]) -> ReadSummary:
    refused = reasons.total()
    return ReadSummary(todo - refused, refused, received - todo, dict(sorted(reasons.items())))


def _folders(
    raw: Path, received: Iterable[Receipt], answers: HeaderAnswers, base: str
) -> dict[str, Path]:
    """Where the reading of each submission is, or will be."""
    return {
        one.submission_id: raw / f"{one.submission_id}-{answers.reading_key(base, one.agency_code)}"
        for one in received
    }


def _read_one(
    pool: ReadingPool,
    settings: Settings,
    receipt: Receipt,
    target: Path,
    answers: ByForm,
) -> str | None:
    """Make one reading; gives the reason when the file is refused."""
    key = target.name.partition("-")[2]
    with durable.folder_aside(target) as folder:
        refusal = pool.read(
            {
                "path": str(stored_file(settings.archive, receipt)),
                "agency_code": receipt.agency_code,
                "file_name": receipt.file_name,
                "submission_id": receipt.submission_id,
                "reading_key": key,
                "folder": str(folder),
                "answers": answers,
            }
        )
        if refusal is not None:
            for path in folder.iterdir():
                path.unlink()
            refused = Reading().refused(refusal.reason_code, refusal.detail)
            write_head(refused, receipt.submission_id, key, folder)
        said = json.loads((folder / "reading.json").read_bytes())
    if said["status"] != "READ":
        sentence = "%s of %s refused: %s (%s)"
        name, reason = receipt.file_name, said["reason_code"]
        log.warning(sentence, name, receipt.agency_code, reason, said["detail"])
    return said["reason_code"]
