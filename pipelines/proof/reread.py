"""The archive read once more, with another reader: what the proof of a release rests on.

What belongs here: that every file behind a release is the file that came, and says the same to
both readers. What does not: what follows from it (`recompute.py`), comparing figures (`verify.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines import frozen, release
from pipelines.intake.archive import Receipt, read_decisions, read_receipts, stored_file
from pipelines.proof.recompute_inputs import Submission, without_withdrawn
from pipelines.proof.recompute_matches import Told, with_matches
from pipelines.workbook.addresses import column_letter
from pipelines.workbook.cells import Sheet, read_cells
from pipelines.workbook.desk import Desk, Sent
from pipelines.workbook.guard import Refusal
from pipelines.workbook.layout.header_answers import ByForm, HeaderAnswers
from pipelines.workbook.record import record_keys
from pipelines.workbook.submission import FormReading, Reading, content_hash, read_file
from pipelines.workbook.template import COLUMN_TYPES, Column
from pipelines.workbook.values import Parsed

Progress = Callable[[int, int], None]
"""Told after each file: how many are read, of how many."""


@dataclass(frozen=True)
class _Answered:
    """A decision as a release keeps it."""

    decided_at: str
    kind: str
    key: str
    answer: str


@dataclass(frozen=True)
class Evidence:
    """What the archive says to the second reader."""

    submissions: tuple[Submission, ...]
    columns: Mapping[tuple[str, str], frozenset[str]]
    """Columns that the sheet of a form has, by submission and form."""
    files: int
    cells: int
    faults: Mapping[str, tuple[str, ...]]
    """What is wrong, by submission."""


def archived_rule_set(archive: Path, manifest: Mapping[str, Any]) -> tuple[Path, list[str]]:
    """The rule set of a release, and what is wrong with it."""
    expected = manifest["rule_set_hash"]
    folder = archive / "rule_sets" / expected
    files = {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }
    if release.hash_files(dict(sorted(files.items()))) == expected:
        return folder, []
    return folder, [f"rule set {expected[:12]}: missing from the archive, or changed in it"]


def read_again(
    archive: Path, manifest: Mapping[str, Any], rules: Path, progress: Progress | None = None
) -> Evidence:
    """Read every file behind a release with both readers; parse what the second one saw."""
    desk = Desk.set_up(
        rules / "dbt_project" / "seeds", (rules / "templates", rules / "pipelines" / "templates")
    )
    receipts = {receipt.submission_id: receipt for receipt in read_receipts(archive)}
    answers = _answers(manifest)
    faults: dict[str, tuple[str, ...]] = {"decisions": _missing_decisions(archive, manifest)}
    submissions: list[Submission] = []
    told: list[Told] = []
    headers = HeaderAnswers.of(_Answered(**one) for one in manifest["decisions"])
    forms = {template.template: template.forms for template in desk.templates}
    columns: dict[tuple[str, str], frozenset[str]] = {}
    files = cells = 0
    behind = manifest["submissions"]
    for number, sent in enumerate(behind, start=1):
        key = sent["submission_id"]
        receipt = receipts.get(key)
        fault = _changed(archive, receipt, sent["sha256"]) if sent["status"] != "REFUSED" else None
        if fault:
            faults[key] = (fault,)
        elif receipt is not None and sent["status"] == "READ":
            about = headers.about(receipt.agency_code)
            reading, found, differing = _read_both(archive, receipt, desk, about)
            faults[key] = tuple(f"{receipt.file_name}: {place}" for place in differing)
            files, cells = files + 1, cells + found
            followed = forms.get(reading.template or "", {})
            for form in _filled_in(reading):
                submissions.append(_submission(receipt, reading, form, answers.get(key)))
                if form.form in followed and followed[form.form].match is not None:
                    told.append(Told(submissions[-1], form.form, followed[form.form]))
                columns[key, form.raw_table] = frozenset(s.column_name for s in form.source_columns)
        if progress:
            progress(number, len(behind))
    known = {key: found for key, found in faults.items() if found}
    seeds = rules / "dbt_project" / "seeds"
    matched = with_matches(submissions, told, manifest["decisions"], seeds)
    standing = without_withdrawn(matched, manifest["decisions"])
    return Evidence(standing, columns, files, cells, known)


def _filled_in(reading: Reading) -> list[FormReading]:
    """Forms with rows: a sheet that nobody filled in says nothing."""
    return [form for form in reading.forms if form.row_numbers]


def _changed(archive: Path, receipt: Receipt | None, sha256: str) -> str | None:
    """What is wrong with an archived file."""
    if receipt is None:
        return f"{sha256}: the receipt is missing from the archive"
    path = stored_file(archive, receipt)
    if not path.is_file():
        return f"{receipt.file_name}: the bytes are missing from the archive"
    if receipt.sha256 != sha256 or frozen.file_hash(path) != sha256:
        return f"{receipt.file_name}: the bytes are not those that came"
    return None


def _read_both(
    archive: Path, receipt: Receipt, desk: Desk, answers: ByForm
) -> tuple[Reading, int, list[str]]:
    """What the second reader reads, the number of cells, and the cells that the first sees else."""
    path = stored_file(archive, receipt)
    sent = Sent(path, receipt.agency_code, receipt.file_name, answers)
    reading = read_file(sent, desk, reader="openpyxl")
    first = read_cells(path, "calamine")
    if isinstance(first, Refusal) or reading.status != "READ":
        return reading, 0, [f"cannot be read again: {reading.detail or first}"]
    count = sum(cell is not None for sheet in first for row in sheet.rows for cell in row)
    if content_hash(first) == reading.content_hash:
        return reading, count, []
    return reading, count, _differing(first, read_cells(path, "openpyxl"))


def _differing(first: Sequence[Sheet], second: Sequence[Sheet] | Refusal) -> list[str]:
    said, again = _texts(first), _texts(() if isinstance(second, Refusal) else second)
    return [
        f"{place} says {said.get(place)!r} to the first reader, {again.get(place)!r} to the second"
        for place in sorted(said.keys() | again.keys())
        if said.get(place) != again.get(place)
    ]


def _texts(sheets: Sequence[Sheet]) -> dict[str, str]:
    return {
        f"{sheet.name}!{column_letter(place)}{number}": cell.text
        for sheet in sheets
        for number, row in enumerate(sheet.rows, start=1)
        for place, cell in enumerate(row)
        if cell is not None
    }


def _submission(
    receipt: Receipt, reading: Reading, form: FormReading, answer: str | None
) -> Submission:
    if reading.reporting_date is None:
        raise ValueError(f"{receipt.file_name} was read without a reporting date")
    rows: list[dict[str, Any]] = [
        {"row_number": number, "record_key": key}
        for number, key in zip(form.row_numbers, record_keys(form), strict=True)
    ]
    for column, parsed in form.columns:
        for row, cell in zip(rows, parsed, strict=True):
            row.update(_values(column, cell))
    return Submission(
        submission_id=receipt.submission_id,
        agency_code=receipt.agency_code,
        form=form.raw_table,
        reporting_date=reading.reporting_date,
        received_at=receipt.received_at,
        claimed_agency_raw=reading.claimed_agency_raw,
        claimed_agency_code=reading.claimed_agency_code,
        rows=rows,
        answer=answer,
        content_hash=reading.content_hash,
    )


def _values(column: Column, cell: Parsed) -> dict[str, Any]:
    """The value of a cell and what completes it, under the names of the raw columns."""
    _, parts = COLUMN_TYPES[column.type]
    value = cell.value if cell.value != () else None
    if not parts:
        return {column.name: value}
    completed = {f"{column.name}_{part}": getattr(value, part, None) for part in parts}
    return {column.name: getattr(value, "main", None), **completed}


def _answers(manifest: Mapping[str, Any]) -> dict[str, str]:
    """The newest answer to each held submission."""
    decisions = sorted(manifest["decisions"], key=lambda decision: decision["decided_at"])
    return {d["key"]: d["answer"] for d in decisions if d["kind"] == "held_submission"}


def _missing_decisions(archive: Path, manifest: Mapping[str, Any]) -> tuple[str, ...]:
    kept = {(one.kind, one.key, one.answer) for one in read_decisions(archive)}
    return tuple(
        f"the decision on {one['key']} is missing from the archive"
        for one in manifest["decisions"]
        if (one["kind"], one["key"], one["answer"]) not in kept
    )
