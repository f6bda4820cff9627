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

_TOLERANCE = 1e-8
_KEY = (
    "kind", "measure", "programme_scope", "agency_code", "subject", "dimension", "window_start",
)  # fmt: skip
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
    """Figures, ranks and scores whose parts do not lead from the first value to the last.

    A figure may be absent under some of the causes (no task is done once the register has changed,
    and new reports tell of others): then two of its parts are no numbers, and only their ends meet.
    """
    parts: defaultdict[Key, list[dict[str, Any]]] = defaultdict(list)
    for row in found.rows:
        parts[tuple(row[name] for name in _KEY)].append(row)
    return [f"{key}: {rest}" for key, of_key in parts.items() if (rest := _rest(of_key))]


def _rest(parts: list[dict[str, Any]]) -> str:
    """What is wrong with the parts of one figure; blank when nothing is."""
    parts = sorted(parts, key=lambda one: one["cause_order"])
    before, after = parts[0]["value_before"], parts[0]["value_after"]
    met = [before, *(one["value_with"] for one in parts)]
    left = [*(one["value_without"] for one in parts), after]
    if not all(map(_is_same, met, left)):
        return f"ends do not meet: {met} and {left}"
    moved = [one["difference"] for one in parts]
    if None not in (before, after, *moved) and not _is_same(before + sum(moved), after):
        return f"{before} → {after} by {moved}"
    return ""


def _is_same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= _TOLERANCE


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
