"""Whether what changed between two releases is split by cause without a rest.

What belongs here: sums of the parts, against both releases as they were published. What does not:
the split itself (`pipelines/changes`).
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from pipelines.changes.difference import Difference
from pipelines.warehouse import connect

_TOLERANCE = 1e-6
_RANKS = """
    with ranks as (
        select release_id, programme_scope, agency_code, rank_in_peer_group as rank
        from history.release_scorecards
    )
    select programme_scope, agency_code, before.rank, after.rank
    from (from ranks where release_id = $1) as before
    full join (from ranks where release_id = $2) as after using (programme_scope, agency_code)
    where before.rank is distinct from after.rank
"""

Key = tuple[Any, ...]


def rests(found: Difference) -> list[str]:
    """Figures, ranks and scores whose parts do not add up to their change."""
    parts: defaultdict[Key, float] = defaultdict(float)
    ends: dict[Key, tuple[Any, Any]] = {}
    for row in found.rows:
        key = tuple(row[name] for name in (
            "kind", "measure", "programme_scope", "agency_code", "subject", "dimension",
            "window_start",
        ))  # fmt: skip
        ends[key] = row["value_before"], row["value_after"]
        if row["difference"] is not None:
            parts[key] += row["difference"]
    return [
        f"{key}: {before} → {after}, parts {parts[key]}"
        for key, (before, after) in ends.items()
        if None not in (before, after) and abs(after - before - parts[key]) > _TOLERANCE
    ]


def moved_ranks(found: Difference) -> dict[Key, tuple[Any, Any]]:
    """Ranks that the split says have changed: before and after, by scope and agency."""
    return {
        (row["programme_scope"], row["agency_code"]): (row["value_before"], row["value_after"])
        for row in found.rows
        if row["kind"] == "rank" and row["value_before"] != row["value_after"]
    }


def published_ranks(database: Path, before: str, after: str) -> dict[Key, tuple[Any, Any]]:
    """Ranks that were published differently in two releases."""
    with connect(database, read_only=True) as connection:
        found = connection.execute(_RANKS, [before, after]).fetchall()
    return {(scope, agency): (old, new) for scope, agency, old, new in found}
