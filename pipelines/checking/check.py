"""`nq57 check`: what a run would find in one workbook, before its agency sends it.

What belongs here: a small data root of its own (the registers, what the agency sent before, the
file), made in a temporary folder and thrown away; the steps of a run over it. What does not: any
rule, reading or SQL of the domain, which are those of a run; how the answer is shown
(`report/checked.py`).

The data root is only read, so that a run may go on meanwhile. Dagster is not imported.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

from pipelines import warehouse
from pipelines.checking.check_rules import Selection, select_rules, tables_of
from pipelines.checking.checked import Checked, ask, earlier_forms, same_content, standing
from pipelines.dbt_process import DbtProcess
from pipelines.intake import archive
from pipelines.intake.archive import Decision, Receipt
from pipelines.intake.channels import MAX_BYTES
from pipelines.quality.engine import measure, preload
from pipelines.quality.register import load_suites
from pipelines.settings import Settings
from pipelines.workbook.child import ReadingProcess
from pipelines.workbook.reading import read_submissions, reading_key

COMMITTEE = "BCD"
"""Who sends the registers."""
_ALWAYS = ("+findings", "+int_submissions", "+int_expected_submissions")
"""What the answer itself is asked of, whatever the rules read."""


class AgencyUnknown(Exception):
    """Nobody said whose file it is, and its cover does not either."""


@dataclass(frozen=True)
class _Bench:
    """A data root in a temporary folder, and the receipt of the file in it."""

    settings: Settings
    receipt: Receipt
    key: str

    def load(self) -> None:
        """Read what has no reading yet and load all into the warehouse."""
        receipts = archive.read_receipts(self.settings.archive)
        read_submissions(self.settings, receipts, processes=1)
        warehouse.load_raw(self.settings, self.key)

    def drop(self, submissions: Sequence[str]) -> None:
        """Leave out earlier submissions."""
        for submission in submissions:
            (self.settings.archive / "receipts" / f"{submission}.json").unlink()

    def accept(self, now: datetime) -> None:
        """Take the file whatever speaks against it, for the rules to judge its rows."""
        answer = Decision(
            now, "nq57 check", "held_submission", self.receipt.submission_id, "accept", "check"
        )
        archive.append_decision(self.settings.archive, answer)


def check(settings: Settings, path: Path, agency_code: str | None, now: datetime) -> Checked:
    """All that a run would say of a file, as if it had come now. Raises AgencyUnknown."""
    if path.stat().st_size > MAX_BYTES:
        return Checked(path.name, agency_code, refusal=("too_large", f"> {MAX_BYTES} bytes"))
    with TemporaryDirectory(prefix="nq57-check-") as folder:
        place = _place(settings, Path(folder))
        if agency_code is None:
            said = _reading_alone(place, path)
            if said["status"] != "READ":
                refusal = (said["reason_code"], said["detail"])
                return Checked(path.name, None, refusal=refusal)
            agency_code = said["claimed_agency_code"]
            if agency_code is None:
                raise AgencyUnknown(
                    f"{path.name}: trang Thông tin không cho biết cơ quan nào; hãy thêm --agency MÃ"
                    " · the cover names no agency that is known; add --agency CODE"
                )
        bench = _bench(settings, place, path, agency_code, now)
        bench.load()
        if doubles := same_content(place.warehouse, bench.receipt.submission_id):
            bench.drop(doubles)
            bench.load()
        return _judged(bench, agency_code, now)


def _judged(bench: _Bench, agency_code: str, now: datetime) -> Checked:
    """The steps of a run after its intake, and the answer."""
    place, submission = bench.settings, bench.receipt.submission_id
    checked = ask(place, bench.receipt)
    if checked.refusal or checked.reporting_date is None:
        return checked
    with DbtProcess(place) as dbt:
        Thread(target=preload, daemon=True).start()  # seconds of imports, while dbt parses
        selection = select_rules(
            place.expectations,
            responsible="committee" if agency_code == COMMITTEE else "agency",
            forms=checked.forms,
            has_register=checked.has_register,
            earlier_forms=earlier_forms(place.warehouse, submission),
        )
        held = _facts(bench, dbt, selection, checked.reporting_date, now)
        measure(place.warehouse, place.expectations, checked.reporting_date, selection.rules)
        dbt.build("--select", "+findings,tag:after_quality")
    return ask(place, bench.receipt, selection, held)


def _facts(
    bench: _Bench, dbt: DbtProcess, selection: Selection, as_of: date, now: datetime
) -> tuple[tuple[str, str], ...]:
    """Build what the rules read; a file that would be held is judged all the same.

    Gives the forms that would be held, each with its reason.
    """
    settings = bench.settings
    suites = load_suites(settings.expectations)
    wanted = [f"+{table}" for table in tables_of(settings.expectations, suites, selection.rules)]
    facts = ("--select", *_ALWAYS, *wanted, "--exclude", "tag:after_quality")
    warehouse.write_run(settings.warehouse, as_of, "check")
    dbt.build(*facts)
    held = standing(settings.warehouse, bench.receipt.submission_id)
    if held:
        bench.accept(now)
        bench.load()
        dbt.build(*facts)
    return held


def _place(settings: Settings, folder: Path) -> Settings:
    """Settings of a data root in a temporary folder, with the templates of the real one."""
    place = Settings(folder / "data", settings.real_input, settings.project_root)
    place.data_root.mkdir()
    if settings.templates[0].is_dir():
        place.templates[0].symlink_to(settings.templates[0])
    return place


def _reading_alone(place: Settings, path: Path) -> dict[str, Any]:
    """What `reading.json` says of the file; then it is read again for the agency on its cover."""
    folder = place.data_root / "alone"
    folder.mkdir()
    with ReadingProcess(place.seeds, place.templates) as process:
        refusal = process.read(
            {
                "path": str(path.absolute()),
                "agency_code": "",
                "file_name": archive.printable(path.name),
                "submission_id": "",
                "reading_key": "",
                "folder": str(folder),
            }
        )
    if refusal is not None:
        return {
            "status": "REFUSED",
            "reason_code": refusal.reason_code,
            "detail": refusal.detail,
        }
    return json.loads((folder / "reading.json").read_bytes())


def _bench(
    settings: Settings, place: Settings, path: Path, agency_code: str, now: datetime
) -> _Bench:
    """An archive of the registers, what the agency and its kin sent before, and the file."""
    key = reading_key(settings.seeds, settings.templates)
    receipt = archive.store(place.archive, agency_code, "nq57 check", path, now, now)
    senders = {COMMITTEE, *_kin(settings.seeds, agency_code)}
    place.raw.mkdir()
    for earlier in archive.read_receipts(settings.archive):
        is_other = earlier.submission_id != receipt.submission_id
        if is_other and earlier.agency_code in senders and earlier.status == "RECEIVED":
            _borrow(settings, place, earlier, key)
    decisions = settings.archive / "decisions.jsonl"
    if decisions.is_file():
        shutil.copyfile(decisions, place.archive / decisions.name)
    return _Bench(place, receipt, key)


def _borrow(settings: Settings, place: Settings, receipt: Receipt, key: str) -> None:
    """An archived file with its receipt, and its reading where one is at hand."""
    archive.write_receipt(place.archive, receipt)
    stored = archive.stored_file(place.archive, receipt)
    if not stored.exists():
        stored.symlink_to(archive.stored_file(settings.archive, receipt))
    for folder in settings.raw.glob(f"{receipt.submission_id}-{key}*"):
        shutil.copytree(folder, place.raw / folder.name)


def _kin(seeds: Path, agency_code: str) -> set[str]:
    """The agency, those that it took over and those that took it over: periods may overlap."""
    with (seeds / "agencies.csv").open(encoding="utf-8", newline="") as file:
        pairs = [
            {row["agency_code"], row["successor_code"]}
            for row in csv.DictReader(file)
            if row["successor_code"]
        ]
    kin = {agency_code}
    while further := set[str]().union(*(pair for pair in pairs if pair & kin)) - kin:
        kin |= further
    return kin
