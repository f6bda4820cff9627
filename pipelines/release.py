"""A release: what was said, on which day, from which knowledge, by which rules.

What belongs here: the identity of a release and the steps that make it the published one. What
does not: the frozen tables (`frozen.py`), what the publication holds (`publication.py`), the page
(`report/page.py`) and the proof (`verify.py`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines import durable, frozen, history, publication, restate, retention, warehouse
from pipelines.changes import record
from pipelines.intake import archive
from pipelines.settings import Settings

RULE_SET = (
    "expectations/**/*",
    "dbt_project/dbt_project.yml",
    "dbt_project/seeds/**/*",
    "dbt_project/models/**/*",
    "dbt_project/macros/**/*",
    "dbt_project/tests/**/*",
    "pipelines/templates/*.yml",
    "pipelines/workbook/**/*.py",
    "pipelines/quality/*.py",
)
"""All that turns the same workbooks into other figures when it changes."""


@dataclass(frozen=True)
class Knowledge:
    """The receipts and decisions that went into a run, oldest first."""

    submissions: tuple[dict[str, Any], ...]
    decisions: tuple[dict[str, Any], ...]
    is_invented: bool


@dataclass(frozen=True)
class Release:
    """One publication of one run."""

    release_id: str
    as_of: date
    rule_set_hash: str
    is_invented: bool
    is_new: bool
    """Whether the run froze it, or found it frozen and equal."""
    is_published: bool
    state: str
    """PROVISIONAL or CERTIFIED."""
    pruned: tuple[str, ...]
    """Publications that were deleted because they need not stay."""
    frozen: Path
    path: Path
    database: Path
    page: Path
    counts: Mapping[str, int]
    """Rows of each frozen table."""


def rule_set_files(project_root: Path, own_templates: Path | None = None) -> dict[str, Path]:
    """The files of the rule set by their name in it, a user's own templates included."""
    found = {
        path.relative_to(project_root).as_posix(): path
        for pattern in RULE_SET
        for path in project_root.glob(pattern)
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    if own_templates is not None:
        found |= {f"templates/{path.name}": path for path in own_templates.glob("*.yml")}
    return dict(sorted(found.items()))


def rule_set_hash(project_root: Path, own_templates: Path | None = None) -> str:
    """The hash of the rules, seeds, templates and models of a project."""
    return hash_files(rule_set_files(project_root, own_templates))


def hash_files(files: Mapping[str, Path]) -> str:
    """The hash of a rule set: of the names of its files, in order, and of their bytes."""
    digest = hashlib.sha256()
    for name, path in files.items():
        digest.update(f"{name}\0{frozen.file_hash(path)}\n".encode())
    return digest.hexdigest()


def identify(settings: Settings, as_of: date, known_at: datetime | None = None) -> dict[str, Any]:
    """The manifest of the release that the warehouse would be frozen as now."""
    knowledge = _knowledge(settings.warehouse)
    rules = rule_set_hash(settings.project_root, settings.templates[0])
    release_id = _release_id(as_of, knowledge, rules)
    # Where nothing is left out, it is the release that a run without the limit makes.
    limit = known_at if known_at and warehouse.leaves_out(settings.archive, known_at) else None
    return _manifest(release_id, as_of, limit, rules, knowledge)


def publish(settings: Settings, as_of: date, known_at: datetime | None = None) -> Release:
    """Freeze what the warehouse says of `as_of`, build the publication aside and flip to it.

    Whatever stops it, the release published before stays valid and the next run completes.

    Raises:
        frozen.ReleaseChangedError: the release exists already and its tables were different.
        publication.PersonalDataError: a table to be published holds a personal column.
    """
    for place in (settings.data_root, settings.releases, settings.archive / "releases"):
        durable.sweep(place)
    files = rule_set_files(settings.project_root, settings.templates[0])
    manifest = identify(settings, as_of, known_at)
    archive.store_rule_set(settings.archive, files, manifest["rule_set_hash"])
    release_id = manifest["release_id"]
    folder = settings.archive / "releases" / release_id
    record.prepare(settings.warehouse, as_of, folder)
    # Written down when it is frozen: made again later, the publication has the same history.
    manifest["releases_before"] = [one.name for one in frozen.releases(settings.archive)]
    is_new = not folder.exists()
    if is_new:
        with durable.folder_aside(folder) as aside:
            manifest |= history.freeze(settings, aside, manifest)
            frozen.freeze(settings.warehouse, as_of, aside, manifest)
    else:
        frozen.compare(settings.warehouse, as_of, folder, manifest)
        history.compare(settings, folder)
    target = settings.releases / release_id
    history.follow(settings, folder)
    _render(settings, folder, target)
    is_published = known_at is None and as_of >= (_published_day(settings) or as_of)
    if is_published:
        durable.flip(settings.published, target)
    restate.bring_up_to_date(settings)
    pruned = retention.prune(settings)
    return _describe(folder, target, is_new=is_new, is_published=is_published, pruned=pruned)


def _render(settings: Settings, folder: Path, target: Path) -> None:
    """Build the publication when it is not there, or when another program built it.

    The warehouse has just been found to say what was frozen, so figures stay as they were, and so
    does the instant of publication.
    """
    is_there = (target / frozen.MANIFEST).exists()
    before = frozen.read_manifest(target) if is_there else {}
    if before.get("program_hash") == publication.program():
        return
    said = before.get("published_at")
    published_at = datetime.fromisoformat(said) if said else datetime.now(UTC)
    with durable.folder_instead(target) as aside:
        publication.build(settings, folder, aside, published_at)


def _describe(
    folder: Path, target: Path, *, is_new: bool, is_published: bool, pruned: tuple[str, ...]
) -> Release:
    manifest = frozen.read_manifest(folder)
    return Release(
        release_id=folder.name,
        as_of=date.fromisoformat(manifest["as_of_date"]),
        rule_set_hash=manifest["rule_set_hash"],
        is_invented=manifest["is_invented"],
        is_new=is_new,
        is_published=is_published,
        state=frozen.read_manifest(target)["state"],
        pruned=pruned,
        frozen=folder,
        path=target,
        database=target / publication.DATABASE,
        page=target / publication.PAGE,
        counts={name: table["rows"] for name, table in manifest["tables"].items()},
    )


def _release_id(as_of: date, knowledge: Knowledge, rules: str) -> str:
    # All receipts and decisions, not the newest alone: where the channel's clock is trusted, a file
    # from the past goes in behind the newest and changes the figures without changing the newest.
    known = json.dumps([as_of.isoformat(), rules, knowledge.submissions, knowledge.decisions])
    return f"{as_of.isoformat()}-{hashlib.sha256(known.encode()).hexdigest()[:12]}"


def _manifest(
    release_id: str, as_of: date, known_at: datetime | None, rules: str, knowledge: Knowledge
) -> dict[str, Any]:
    submissions, decisions = knowledge.submissions, knowledge.decisions
    return {
        "release_id": release_id,
        "notice": publication.NOTICE if knowledge.is_invented else None,
        "as_of_date": as_of.isoformat(),
        "known_at": known_at.isoformat() if known_at else None,
        "rule_set_hash": rules,
        "is_invented": knowledge.is_invented,
        "newest_receipt": submissions[-1] if submissions else None,
        "newest_decision": decisions[-1] if decisions else None,
        "submissions": submissions,
        "decisions": decisions,
    }


def _knowledge(path: Path) -> Knowledge:
    with duckdb.connect(str(path), read_only=True) as connection:
        submissions = _records(
            connection,
            """
            select strftime(receipts.received_at, '%Y-%m-%dT%H:%M:%SZ') as received_at,
                receipts.submission_id, receipts.agency_code, receipts.file_name, receipts.sha256,
                coalesce(readings.status, receipts.status) as status
            from raw.receipts left join raw.readings using (submission_id)
            order by receipts.received_at, receipts.submission_id""",
        )
        decisions = _records(
            connection,
            """
            select strftime(decisions.decided_at, '%Y-%m-%dT%H:%M:%SZ') as decided_at, kind, key,
                answer
            from raw.decisions order by all""",
        )
        invented = connection.execute(
            "select coalesce(bool_or(is_invented), false) from raw.readings"
        ).fetchall()
    return Knowledge(tuple(submissions), tuple(decisions), is_invented=invented[0][0])


def _records(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _published_day(settings: Settings) -> date | None:
    """The as-of date of the release that is published now."""
    if not (settings.published / frozen.MANIFEST).exists():
        return None
    return date.fromisoformat(frozen.read_manifest(settings.published)["as_of_date"])
