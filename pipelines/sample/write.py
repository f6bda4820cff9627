"""Write the sample: the register and every agency's workbooks, as they would lie in the inbox.

Deterministic to the byte, times included. What it wrote before is left alone; files that it did not
write make it refuse, so that invented data never mix with real ones. What belongs here: files. What
does not: what is true (`truth.py`) and how it is distorted (`deform.py`).
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import track

from pipelines import durable
from pipelines.sample.deform import deform_agency, deform_register
from pipelines.sample.draft import (
    INVENTED,
    Deformation,
    Draft,
    agency_draft,
    register_draft,
)
from pipelines.sample.records import REPORTING_DATES, Truth
from pipelines.sample.render import to_workbook
from pipelines.sample.truth import make_truth
from pipelines.settings import Settings
from pipelines.workbook.forms import save, status_labels_by_code
from pipelines.workbook.template import Template, load_template

REGISTER_AGENCY = "BCD"
_MANIFEST = ".sample.json"
_LOCAL_OFFSET = timedelta(hours=7)  # Asia/Ho_Chi_Minh, no daylight saving


class SampleRefused(Exception):
    """The data root holds something that the sample did not write."""

    def __init__(self, path: Path, reason_vi: str, reason_en: str) -> None:
        super().__init__(f"{path}: {reason_vi} {reason_en}")
        self.path = path


@dataclass(frozen=True)
class SampleSummary:
    """What a call did."""

    written: int
    already_there: int
    agencies: int
    dates: tuple[date, ...]
    deformations: int
    """Distortions in the files written by this call."""


@dataclass(frozen=True)
class SampleFile:
    """One workbook of the sample, before it is made."""

    path: str
    """Relative to the inbox."""
    agency: str
    on: date
    sent_at: datetime


@dataclass(frozen=True)
class Sample:
    """A truth with all that is needed to tell it badly."""

    truth: Truth
    form: Template
    register: Template
    labels: dict[str, str]

    def files(self, dates: Sequence[date]) -> Iterator[SampleFile]:
        """The workbooks of these dates; agencies that did not send have none."""
        for on in dates:
            name = f"{REGISTER_AGENCY}/register_{on}.xlsx"
            yield SampleFile(name, REGISTER_AGENCY, on, _sent_at(REGISTER_AGENCY, on, False))
            for agency in self.truth.agencies:
                if (agency, on) not in self.truth.not_sent:
                    sent_at = _sent_at(agency, on, (agency, on) in self.truth.sent_late)
                    yield SampleFile(f"{agency}/NQ57-01_{agency}_{on}.xlsx", agency, on, sent_at)

    def draft(self, file: SampleFile) -> tuple[Draft, list[Deformation]]:
        """The workbook with its distortions, and a record of each of them."""
        rng = random.Random(f"{file.agency}|{file.on}")
        if file.agency == REGISTER_AGENCY:
            draft = register_draft(self.truth, self.register, file.on)
            return draft, deform_register(draft, self.register.forms["register_tasks"], rng)
        draft = agency_draft(self.truth, self.form, self.labels, file.agency, file.on)
        led = {t.task_code for t in self.truth.tasks if self.truth.is_lead(file.agency, t)}
        is_first = file.on == REPORTING_DATES[0]
        return draft, deform_agency(draft, self.form.forms["tasks"], rng, led, is_first)


def load_sample(settings: Settings, agencies: Sequence[str] | None = None) -> Sample:
    """The sample of all agencies, or of the small world that these agencies lead."""
    truth = make_truth(settings.seeds)
    if agencies is not None:
        if unknown := sorted(set(agencies) - set(truth.agencies)):
            raise ValueError(f"not among the agencies that report: {', '.join(unknown)}")
        truth = truth.restricted(tuple(agencies))
    folder = settings.project_root / "pipelines" / "templates"
    return Sample(
        truth,
        load_template(folder / "nq57-01.yml"),
        load_template(folder / "register-01.yml"),
        status_labels_by_code(settings.seeds),
    )


def write_sample(
    settings: Settings, agencies: Sequence[str] | None = None, dates: Sequence[date] | None = None
) -> SampleSummary:
    """Write what is missing of the sample into the inbox, and the list of channels.

    Raises:
        SampleRefused: the inbox or the list of channels holds what the sample did not write.
    """
    sample = load_sample(settings, agencies)
    files = list(sample.files(dates or REPORTING_DATES))
    manifest = _read_manifest(settings.inbox)
    scope = sorted(sample.truth.agencies)
    if manifest.get("agencies", scope) != scope:
        raise SampleRefused(
            settings.inbox,
            "hộp thư đã có dữ liệu mẫu của các cơ quan khác.",
            "The inbox already holds the sample of other agencies.",
        )
    hashes: dict[str, str] = dict(manifest.get("files", {}))
    _refuse_foreign(settings.inbox, {file.path for file in files}, hashes)
    _write_channels(settings, sample.truth.agencies)
    written = deformations = 0
    console = Console(stderr=True)
    for file in track(
        files, "Dữ liệu mẫu · Sample", console=console, disable=not console.is_terminal
    ):
        target = settings.inbox / file.path
        if file.path in hashes and target.exists():
            continue
        draft, records = sample.draft(file)
        is_new = _write_file(draft, target, file)
        hashes[file.path] = _sha256(target)
        written += is_new
        deformations += len(records) if is_new else 0
    _write_manifest(settings.inbox, scope, hashes)
    return SampleSummary(
        written, len(files) - written, len(scope), tuple(dates or REPORTING_DATES), deformations
    )


def _sent_at(agency: str, on: date, is_late: bool) -> datetime:
    """Between 08:00 and 16:00 local time of the reporting date, or two days later."""
    minute = random.Random(f"sent|{agency}|{on}").randrange(8 * 60, 16 * 60)
    local = datetime(on.year, on.month, on.day) + timedelta(minutes=minute, days=2 * is_late)
    return (local - _LOCAL_OFFSET).replace(tzinfo=UTC)


def _write_file(draft: Draft, target: Path, file: SampleFile) -> bool:
    """Write the workbook unless the same one is there; False when it was."""
    modified_ns = int(file.sent_at.timestamp()) * 1_000_000_000
    if not target.exists():
        save(to_workbook(draft), target, modified_ns)
        return True
    # Written by a call that was killed before it could note it down; anything else is foreign.
    with TemporaryDirectory() as folder:
        again = Path(folder) / target.name
        save(to_workbook(draft), again)
        if again.read_bytes() != target.read_bytes():
            raise _foreign(target)
    return False


def _read_manifest(inbox: Path) -> dict:
    path = inbox / _MANIFEST
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _write_manifest(inbox: Path, agencies: Sequence[str], hashes: dict[str, str]) -> None:
    text = json.dumps(
        {"note": INVENTED, "agencies": agencies, "files": hashes},
        ensure_ascii=False, indent=1, sort_keys=True,
    )  # fmt: skip
    path = inbox / _MANIFEST
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        with durable.file_aside(path) as aside:
            aside.write_text(text, encoding="utf-8")


def _refuse_foreign(inbox: Path, planned: set[str], hashes: dict[str, str]) -> None:
    """Raise for the first file that is neither noted down nor about to be compared."""
    for path in sorted(inbox.rglob("*")):
        name = path.relative_to(inbox).as_posix()
        if not path.is_file() or name == _MANIFEST or path.suffix == ".new":
            continue
        is_ours = _sha256(path) == hashes[name] if name in hashes else name in planned
        if not is_ours:
            raise _foreign(path)


def _foreign(path: Path) -> SampleRefused:
    return SampleRefused(
        path,
        "không phải do lệnh tạo dữ liệu mẫu ghi ra; dữ liệu giả định không trộn với dữ liệu khác.",
        "Not written by the sample; invented data are not mixed with other data.",
    )


def _write_channels(settings: Settings, agencies: Sequence[str]) -> None:
    lines = [f"# {INVENTED}"]
    for code in (REGISTER_AGENCY, *agencies):
        lines.append(f"- {{agency_code: {code}, url: inbox/{code}, trust_sent_at: true}}")
    text = "\n".join(lines) + "\n"
    path = settings.channels
    if not path.exists():
        with durable.file_aside(path) as aside:
            aside.write_text(text, encoding="utf-8")
    elif path.read_text(encoding="utf-8") != text:
        raise _foreign(path)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
