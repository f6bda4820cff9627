"""The proof of a release, from the archive alone.

What belongs here: comparing every figure of a release with the one that follows from reading its
workbooks again (`reread.py`) and counting in plain Python (`recomputed.py`). What does not: whether
agencies' data are right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pipelines import frozen, release
from pipelines.proof.proof import Proof, Verification
from pipelines.proof.recompute import Counted, Figure, Key, is_due
from pipelines.proof.recompute_inputs import Lists, load_declared, load_lists
from pipelines.proof.recompute_rows import RowFigure
from pipelines.proof.recomputed import Recomputed
from pipelines.proof.reread import Evidence, Progress, archived_rule_set, read_again
from pipelines.published import NothingPublished, UnknownName
from pipelines.settings import Settings
from pipelines.tracing.trace_queries import BY_REGISTER, REGISTER, WORD

Row = dict[str, Any]
_UNPUBLISHED: Row = dict.fromkeys(("value", "numerator", "denominator"))


def verify(
    settings: Settings, release_id: str | None = None, progress: Progress | None = None
) -> Verification:
    """Prove a release (default: the published one) from the archive alone.

    Raises:
        NothingPublished: no release was named and none is published.
        UnknownName: the archive holds no release of this name.
    """
    folder = _frozen_release(settings, release_id)
    manifest = frozen.read_manifest(folder)
    rules, faults = archived_rule_set(settings.archive, manifest)
    faults += [f"archive: {fault}" for fault in frozen.check_release(folder)]
    publication = settings.releases / folder.name
    if publication.exists():
        faults += [f"publication: {fault}" for fault in frozen.check_release(publication)]
    proofs: tuple[Proof, ...] = ()
    notes = [_note_on_rules(settings, manifest)]
    if not faults:
        seeds = rules / "dbt_project" / "seeds"
        evidence = read_again(settings.archive, manifest, rules, progress)
        faults += [fault for found in evidence.faults.values() for fault in found]
        notes.append(f"{evidence.cells} cells in {evidence.files} files, read by two readers")
        day = date.fromisoformat(manifest["as_of_date"])
        again = Recomputed(evidence, load_lists(seeds), load_declared(seeds), day)
        proofs = tuple(_proofs(folder, again))
        notes += [_note_on_gaps(folder), _note_on_undeclared(again)]
    if manifest["is_invented"]:
        notes.insert(0, f"{manifest['notice']}: every MATCH is a MATCH (SAMPLE)")
        proofs = tuple(replace(proof, verdict=_of_sample(proof.verdict)) for proof in proofs)
    return Verification(
        release_id=folder.name,
        rule_set_hash=manifest["rule_set_hash"],
        notes=tuple(note for note in notes if note),
        faults=tuple(faults),
        proofs=proofs,
        hashes={name: table["content_hash"] for name, table in manifest["tables"].items()},
    )


def _frozen_release(settings: Settings, release_id: str | None) -> Path:
    if release_id is None or release_id == "published":
        if not (settings.published / frozen.MANIFEST).exists():
            raise NothingPublished(f"Nothing is published in {settings.data_root} yet: nq57 run")
        release_id = frozen.read_manifest(settings.published)["release_id"]
    found = {folder.name: folder for folder in frozen.releases(settings.archive)}
    if release_id not in found:
        names = ", ".join(found) or "none"
        raise UnknownName(f"No release {release_id} in the archive. Releases: {names}")
    return found[release_id]


def _note_on_rules(settings: Settings, manifest: Mapping[str, Any]) -> str:
    now = release.rule_set_hash(settings.project_root, settings.templates[0])
    then = manifest["rule_set_hash"]
    if now == then:
        return f"Rule set {then[:12]}, the one in force"
    return (
        f"Rule set {then[:12]} of the release is not the one in force ({now[:12]}): seeds and "
        "templates are taken from the archive, the code that reads is today's"
    )


def _note_on_gaps(folder: Path) -> str:
    rows = _rows(folder, "reconciliation")
    gaps = [row["figure_id"] for row in rows if row["verdict"] == "NOT_COMPUTABLE"]
    return f"NOT_COMPUTABLE: {', '.join(gaps)}" if gaps else ""


def _note_on_undeclared(again: Recomputed) -> str:
    names = ", ".join(sorted(again.declared.undeclared))
    return f"No sums of columns, not computed again: {names}" if names else ""


def _of_sample(verdict: str) -> str:
    return "MATCH (SAMPLE)" if verdict == "MATCH" else verdict


def _proofs(folder: Path, again: Recomputed) -> Iterator[Proof]:
    """Proofs of the reconciliation, then of measures, tasks and scorecards of the day."""
    for row in _rows(folder, "reconciliation"):
        if row["computed_value"] is not None:
            name = f"{row['figure_id']} {_name(_key(row))} on {row['as_of_date']}"
            figure, value = again.printed(row), row["computed_value"]
            proof = _proof(name, value, figure, row["measure"], again.evidence)
            if proof.value is not None and again.is_printed_in_percent(row):
                proof = replace(proof, value=100 * proof.value)
            yield replace(proof, verdict=row["verdict"])
    published = {
        _key(row): row
        for row in _rows(folder, "measures")
        if row["measure"] not in again.declared.undeclared
    }
    computed = again.figures()
    for key in sorted(published.keys() | computed.keys(), key=_order):
        row = published.get(key, _UNPUBLISHED)
        proof = _proof(_name(key), row["value"], computed.get(key), key[0], again.evidence)
        yield replace(
            proof,
            published_parts=(row["numerator"], row["denominator"]),
            is_shown=key[2] in {"all", "central", "provinces"},
            is_in_both=key in published and key in computed,
        )
    tasks = again.tasks(again.day)
    yield _proof_of_tasks(_rows(folder, "tasks"), tasks["all"])
    for row in _rows(folder, "scorecards"):
        yield from _proofs_of_card(row, tasks, again.lists)
        for name in sorted(row.keys() & again.declared.measures.keys()):
            key = name, again.declared.measures[name].scope, row["agency_code"], None
            figure = computed.get(key)
            title = f"scorecard {_name((name, row['programme_scope'], *key[2:]))}"
            value = figure.value if figure else None
            yield Proof(title, row[name], value, None, None, is_shown=False)


def _proof(
    name: str,
    published: float | None,
    figure: Figure | RowFigure | None,
    measure: str,
    evidence: Evidence,
) -> Proof:
    if figure is None:
        return Proof(name, published, None, None, None, is_in_both=False)
    cells = _cells(figure, measure, evidence)
    return Proof(
        name=name,
        published=published,
        value=figure.value,
        numerator=figure.numerator,
        denominator=figure.denominator,
        cells=sum(cells.values()),
        files=len(cells),
        unequal_files=tuple(sorted(cells.keys() & evidence.faults.keys())),
    )


def _cells(figure: Figure | RowFigure, measure: str, evidence: Evidence) -> Counter[str]:
    """How many cells of each submission stand behind a figure."""
    found = Counter[str]()
    if isinstance(figure, RowFigure):
        for submission, rows in figure.rows_by_file.items():
            of_sheet = evidence.columns[submission, figure.form]
            found[submission] = rows * len(of_sheet.intersection(figure.columns))
        return found
    from_register = {*REGISTER, "coordinating_agencies"} if measure in BY_REGISTER else {*REGISTER}
    for one in figure.counted:
        register = one.task.submission_id
        found[register] += len(from_register & evidence.columns[register, "register_tasks"])
        if measure not in BY_REGISTER:
            for submission, _ in one.word.sources:
                found[submission] += len({*WORD} & evidence.columns[submission, "tasks"])
    return found


def _proof_of_tasks(rows: Sequence[Row], counted: Sequence[Counted]) -> Proof:
    """Status and completion of every task, in one."""
    published = {(row["task_code"], row["status"], row["completed_on"]) for row in rows}
    again = {(one.task.code, one.status, one.word.completed_on) for one in counted}
    differing = sorted({code for code, *_ in published ^ again})
    name = f"status of each task {' '.join(differing)}".strip()
    return Proof(name, len(published), len(published & again), len(again), None)


def _proofs_of_card(
    row: Row, counted: Mapping[str, list[Counted]], lists: Lists
) -> Iterator[Proof]:
    agency, scope, day = row["agency_code"], row["programme_scope"], row["as_of_date"]
    programmes = lists.scopes[scope]
    tasks = [one for one in counted.get(agency, ()) if one.task.programme in programmes]
    led = [one for one in tasks if one.role == "lead"]
    on_time = sum(one.status == "DONE_ON_TIME" for one in tasks)
    done = sum(one.group == "completed" for one in tasks)
    due = sum(is_due(one, day) for one in led)
    led_on_time = sum(one.status == "DONE_ON_TIME" for one in led)
    again: dict[str, float | None] = {
        "tasks_involving": len(tasks),
        "tasks_led": len(led),
        "tasks_completed": done,
        "tasks_completed_on_time": on_time,
        "tasks_in_progress": sum(one.group == "in_progress" for one in tasks),
        "tasks_overdue": sum(one.group == "overdue" for one in tasks),
        "tasks_unknown": sum(one.group == "unknown" for one in tasks),
        "tasks_due": due,
        "on_time_share_of_done": on_time / done if done else None,
        "on_time_share_of_due": led_on_time / due if due else None,
    }
    for column, value in again.items():
        name = f"scorecard {column} {scope or 'all programmes'} {agency}"
        yield Proof(name, row[column], value, None, None, is_shown=False)


def _rows(folder: Path, table: str) -> list[Row]:
    with duckdb.connect() as connection:
        path = frozen.quote(folder / f"{table}.parquet")
        cursor = connection.execute(f"from read_parquet({path})")
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _key(row: Row) -> Key:
    return row["measure"], row["programme_scope"], row["agency_code"], row["window_start"]


def _order(key: Key) -> tuple[str, str, str, date]:
    return key[1], key[2], key[0], key[3] or date.min


def _name(key: Key) -> str:
    measure, scope, agency, window = key
    return " ".join(
        [measure, scope or "all programmes", agency, *([f"since {window}"] if window else [])]
    )
