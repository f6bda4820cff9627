"""Whether a release is certified: what people decided about it.

What belongs here: decisions of kind `certified_release` and the state that follows from them. What
does not: taking one (`certify.py`), keeping it (`intake/archive.py`). Such a decision is about what
we published, not about what agencies sent: it is no knowledge, and changes neither a fact nor the
identity of a release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import duckdb

from pipelines.intake.archive import Decision

CERTIFIED_RELEASE = "certified_release"
"""The kind of the decisions; their key is the release, their answer one of STATES."""

State = Literal["PROVISIONAL", "CERTIFIED"]
STATES: dict[str, State] = {"certified": "CERTIFIED", "withdrawn": "PROVISIONAL"}


@dataclass(frozen=True)
class Standing:
    """The state of a release, and who decided it, when, with which note; nobody at first."""

    state: State = "PROVISIONAL"
    by: str | None = None
    at: datetime | None = None
    note: str | None = None

    def as_json(self) -> dict[str, str | None]:
        """As a manifest keeps it."""
        at = self.at.isoformat() if self.at else None
        return {"state": self.state, "by": self.by, "at": at, "note": self.note}


def standings(
    decisions: Iterable[Decision], known_at: datetime | None = None
) -> dict[str, Standing]:
    """The standing of every release that was decided about; the last answer written counts."""
    return {
        one.key: Standing(STATES[one.answer], one.decided_by, one.decided_at, one.reason)
        for one in decisions
        if one.kind == CERTIFIED_RELEASE
        and one.answer in STATES
        and (known_at is None or one.decided_at <= known_at.astimezone(UTC))
    }


def in_history(decisions: Iterable[Decision], manifest: Mapping[str, Any]) -> dict[str, Standing]:
    """The standing of a release and of those before it, where anything was decided.

    Under `--known-at` the others stand as they were known then; itself as it is, for nobody can
    have certified before that instant what is made later.
    """
    decisions = list(decisions)
    limit = datetime.fromisoformat(manifest["known_at"]) if manifest["known_at"] else None
    own = manifest["release_id"]
    others = {
        release: standing
        for release, standing in standings(decisions, limit).items()
        if release in manifest["releases_before"] and release != own
    }
    return others | {
        release: standing for release, standing in standings(decisions).items() if release == own
    }


def in_manifest(manifest: Mapping[str, Any], standings: Mapping[str, Standing]) -> dict[str, Any]:
    """What the manifest of a publication says of its state and of those before it."""
    return {
        "state": standings.get(manifest["release_id"], Standing()).state,
        "standings": {release: one.as_json() for release, one in sorted(standings.items())},
    }


def write_standings(
    connection: duckdb.DuckDBPyConnection, standings: Mapping[str, Standing]
) -> None:
    """Say in `history.releases` what is decided about each release; of all others, nothing is."""
    connection.execute(
        "update history.releases "
        "set state = 'PROVISIONAL', state_by = null, state_at = null, state_note = null"
    )
    for release, one in standings.items():
        at = one.at.replace(tzinfo=None) if one.at else None
        connection.execute(
            "update history.releases set state = $2, state_by = $3, state_at = $4, "
            "state_note = $5 where release_id = $1",
            [release, one.state, one.by, at, one.note],
        )
