"""The difference between two releases, as lines of the terminal and as a CSV file.

What belongs here: how it looks. What does not: computing it (`changes/difference.py`).
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from pipelines import durable
from pipelines.changes.difference import Difference, Row

SHOWN = 15
KINDS = ("figure", "rank", "score")
PLACE = ("measure", "programme_scope", "agency_code", "subject", "dimension", "window_start")
COLUMNS = ("kind", *PLACE, "value_before", "value_after", "cause", "difference")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def lines(found: Difference) -> Iterator[RenderableType]:
    """What changed, by cause; the largest movements; and what is behind each cause."""
    ends = (found.before["release_id"], found.after["release_id"])
    yield escape(f"{ends[0]} → {ends[1]}")
    if not found.causes():
        yield "Không có gì thay đổi · Nothing changed."
        return
    yield _by_cause(found)
    for kind in KINDS:
        rows = [row for row in found.rows if row["kind"] == kind]
        if rows:
            yield _largest(kind, rows)
    for cause in found.causes():
        yield from _sources(cause, [row for row in found.sources if row["cause"] == cause])


def write_csv(found: Difference, path: Path) -> None:
    """Every figure, rank and score that a cause moved; no text in it becomes a formula."""
    with (
        durable.file_aside(path) as aside,
        aside.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([_safe(row[name]) for name in COLUMNS] for row in found.rows)


def _safe(value: Any) -> Any:  # noqa: ANN401 - any value of a table
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _by_cause(found: Difference) -> Table:
    """Counts by cause and kind; the causes in the order in which they were let in."""
    table = Table("Cause", "sources", *(f"{kind}s" for kind in KINDS), box=None, pad_edge=False)
    counts = Counter((row["cause"], row["kind"]) for row in found.rows)
    behind = Counter(row["cause"] for row in found.sources)
    for cause in found.causes():
        numbers = (behind[cause], *(counts[cause, kind] for kind in KINDS))
        table.add_row(cause, *(f"{number:,}" for number in numbers))
    keys = {kind: {_key(row) for row in found.rows if row["kind"] == kind} for kind in KINDS}
    changed = (f"{len(keys[kind]):,}" for kind in KINDS)
    table.add_row("all, each counted once", f"{behind.total():,}", *changed)
    return table


def _key(row: Row) -> tuple[Any, ...]:
    return row["kind"], *(row[name] for name in PLACE)


def _largest(kind: str, rows: Sequence[Row]) -> Table:
    """The largest movements of a kind, each with its parts."""
    parts: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        parts.setdefault(_key(row), []).append(row)
    table = Table(f"{kind}s: {len(parts):,}", "before", "after", "due to", box=None, pad_edge=False)
    for key, moved in sorted(parts.items(), key=_rank)[:SHOWN]:
        # Of a rank and a score the kind says which measure it is.
        place = key[1:] if kind == "figure" else key[2:]
        name = " ".join(f"{part}" for part in place if part not in (None, ""))
        first = moved[0]
        due = ", ".join(f"{row['cause']} {_number(row['difference'], '+')}" for row in moved)
        table.add_row(
            escape(name), _number(first["value_before"]), _number(first["value_after"]), due
        )
    if len(parts) > SHOWN:
        table.add_row(f"… {len(parts) - SHOWN:,} more: --csv FILE has all")
    return table


def _rank(item: tuple[tuple[Any, ...], Sequence[Row]]) -> tuple[bool, float, tuple[str, ...]]:
    """Those first that moved most against their size; those that came or went, last."""
    key, moved = item
    before, after = moved[0]["value_before"], moved[0]["value_after"]
    if before is None or after is None:
        return True, 0.0, tuple(map(str, key))
    size = max(abs(before), abs(after)) or 1.0
    return False, -abs(after - before) / size, tuple(map(str, key))


def _number(value: float | None, sign: str = "") -> str:
    return "–" if value is None else f"{value:{sign},.6g}"


def _sources(cause: str, rows: Sequence[Row]) -> Iterator[RenderableType]:
    if not rows:
        return
    table = Table(f"{cause}: {len(rows):,}", "", "", "", box=None, pad_edge=False)
    for row in rows[:SHOWN]:
        name = row["file_name"] or row["key"]
        answer = f": {row['answer']}" if row["answer"] else ""
        gone = "" if row["is_added"] else " (no longer there)"
        day = f"{row['reporting_date'] or ''}"
        agency = row["agency_code"] or ""
        table.add_row(agency, escape(f"{name}{answer}{gone}"), day, escape(row["forms"] or ""))
    if len(rows) > SHOWN:
        table.add_row(f"… {len(rows) - SHOWN:,} more")
    yield table
