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
from pipelines.sample.deform import deform_cover, deform_table
from pipelines.sample.draft import (
    INVENTED,
    Deformation,
    Draft,
    DraftRow,
    DraftTable,
    draft_cover,
    draft_table,
    record_rows,
    register_task_rows,
    task_rows,
)
from pipelines.sample.records import REPORTING_DATES, Truth
from pipelines.sample.render import to_workbook
from pipelines.sample.row_truth import RowTruth
from pipelines.sample.truth import make_truth
from pipelines.settings import Settings
from pipelines.workbook.forms import form_words, save
from pipelines.workbook.looks import Words
from pipelines.workbook.template import Form, Template, load_template

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
    rows: RowTruth
    form: Template
    register: Template
    words: Words

    @property
    def dates(self) -> tuple[date, ...]:
        """Every day for which somebody sends something."""
        return tuple(sorted({*REPORTING_DATES, *self.rows.dates}))

    def files(self, dates: Sequence[date]) -> Iterator[SampleFile]:
        """The workbooks of these dates; who did not send, or had nothing to send, has none."""
        for on in dates:
            for agency in (REGISTER_AGENCY, *self.truth.agencies):
                name = "register" if agency == REGISTER_AGENCY else f"NQ57-01_{agency}"
                sent_at = _sent_at(agency, on, (agency, on) in self.truth.sent_late)
                file = SampleFile(f"{agency}/{name}_{on}.xlsx", agency, on, sent_at)
                sender = None if agency == REGISTER_AGENCY else agency
                has_rows = on in REPORTING_DATES or self.rows.speaks(on, sender)
                if has_rows and (agency, on) not in self.truth.not_sent:
                    yield file

    def draft(self, file: SampleFile) -> tuple[Draft, list[Deformation]]:
        """The workbook with its distortions, and a record of each of them."""
        template = self._template(file)
        draft = Draft(
            cover=draft_cover(template, file.agency, file.on),
            tables=list(self._tables(file)),
            agency_name=self.truth.names.get(file.agency, ""),
        )
        held = self._held(file)
        found: list[Deformation] = []
        for table in draft.tables:
            rng = random.Random(f"{file.agency}|{file.on}|{table.form}")
            form, is_first = template.forms[table.form], file.on == REPORTING_DATES[0]
            found += deform_table(table, form, rng, held, is_first=is_first)
        rng = random.Random(f"{file.agency}|{file.on}")
        return draft, [*found, *deform_cover(draft, rng)]

    def _template(self, file: SampleFile) -> Template:
        return self.register if file.agency == REGISTER_AGENCY else self.form

    def _tables(self, file: SampleFile) -> Iterator[DraftTable]:
        """The sheets of a workbook without any distortion; tasks even where there are none."""
        for name, form in self._template(file).forms.items():
            if form.layout == "table":
                rows = self._table_rows(name, form, file)
                if rows or (name == "tasks" and file.on in REPORTING_DATES):
                    yield draft_table(name, form, rows)

    def _table_rows(self, name: str, form: Form, file: SampleFile) -> list[DraftRow]:
        if name == "tasks":
            return task_rows(self.truth, file.agency, file.on, self.words["status"])
        if name == "register_tasks":
            return register_task_rows(self.truth, file.on) if file.on in REPORTING_DATES else []
        sender = None if file.agency == REGISTER_AGENCY else file.agency
        return record_rows(form, self.rows.rows(name, file.on, sender), self.words)

    def _held(self, file: SampleFile) -> frozenset[str]:
        """Keys of the tasks that the agency leads: they make the national figures."""
        led = (task for task in self.truth.tasks if self.truth.is_lead(file.agency, task))
        return frozenset(task.task_code for task in led)


def load_sample(settings: Settings, agencies: Sequence[str] | None = None) -> Sample:
    """The sample of all agencies, or of the small world that these agencies lead."""
    truth = make_truth(settings.seeds)
    if agencies is not None:
        if unknown := sorted(set(agencies) - set(truth.agencies)):
            raise ValueError(f"not among the agencies that report: {', '.join(unknown)}")
        truth = truth.restricted(tuple(agencies))
    folder = settings.project_root / "pipelines" / "templates"
    form = load_template(folder / "nq57-01.yml")
    register = load_template(folder / "register-01.yml")
    return Sample(
        truth,
        RowTruth(settings.seeds, truth.not_sent, agencies),
        form,
        register,
        {**form_words(form, settings.seeds), **form_words(register, settings.seeds)},
    )


def write_sample(
    settings: Settings, agencies: Sequence[str] | None = None, dates: Sequence[date] | None = None
) -> SampleSummary:
    """Write what is missing of the sample into the inbox, and the list of channels.

    Raises:
        SampleRefused: the inbox or the list of channels holds what the sample did not write.
    """
    sample = load_sample(settings, agencies)
    wanted = tuple(dates or sample.dates)
    files = list(sample.files(wanted))
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
    return SampleSummary(written, len(files) - written, len(scope), wanted, deformations)


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
