"""The difference between two releases of the archive: `nq57 diff A B`.

What belongs here: finding the two, and the cheapest exact split between them. What does not: the
comparison that each run makes (`compare.py`), and how the answer is shown (`report/difference.py`).

Where each release between the two was compared with the one before it, the parts add up along that
way: what was frozen is summed, and nothing is computed. Any other two take worlds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pipelines import frozen, release, warehouse
from pipelines.changes.causes import ORDER, UNEXPLAINED, Inputs, Source
from pipelines.changes.compare import climb, find_sources
from pipelines.changes.split import TOLERANCE, Ladder
from pipelines.published import NothingPublished, UnknownName
from pipelines.settings import Settings

Row = dict[str, Any]

KEY = "kind, measure, programme_scope, agency_code, subject, dimension, window_start"

ALONG = f"""
    with moved as (
        select {KEY}, cause, sum(difference) as difference, bool_or(difference is null) as is_gap
        from read_parquet($files, union_by_name = true) group by all
    ),
    ends as (
        select {KEY}, max(value) filter (step = 0) as value_before,
            max(value) filter (step = 1) as value_after
        from states group by all
    )
    select ends.*, moved.cause, case when not is_gap then moved.difference end as difference
    from moved inner join ends on
        {" and ".join(f"moved.{one} is not distinct from ends.{one}" for one in KEY.split(", "))}
    where is_gap or abs(moved.difference) > {TOLERANCE}
"""


class NotComparable(Exception):
    """Rules that are not in force any more: figures under part of the causes cannot be told."""


@dataclass(frozen=True)
class Difference:
    """Two releases, what changed from the first to the second, and what lies between them."""

    before: Row
    after: Row
    rows: Sequence[Row]
    """Each figure, rank and score that a cause moved, as `history.release_changes` has it."""
    sources: Sequence[Row]
    """As `history.release_causes` has them."""

    def causes(self) -> list[str]:
        """The causes present, in their order."""
        present = {row["cause"] for row in (*self.rows, *self.sources)}
        return [cause for cause in (*ORDER, UNEXPLAINED) if cause in present]


def difference(settings: Settings, before: str, after: str, is_proved: bool = False) -> Difference:
    """What changed between two releases: an id or the beginning of one, a day, or `published`.

    `is_proved`: computed anew, and whether the last cause explains the rest is looked at as well.

    Raises:
        NothingPublished, UnknownName: there is no such release.
        NotComparable: worlds are needed, under rules that are not in force any more.
        warehouse.WarehouseBusy: worlds are needed, and a run is going on.
    """
    old, new = find_release(settings, before), find_release(settings, after)
    if old == new:
        return Difference(frozen.read_manifest(old), frozen.read_manifest(new), (), ())
    way = [] if is_proved else _way(old, new)
    if way:
        return _along(old, new, way)
    with warehouse.lock(settings, "nq57 diff"):
        return _computed(settings, frozen.read_manifest(old), frozen.read_manifest(new), is_proved)


def find_release(settings: Settings, name: str) -> Path:
    """The folder of a release; of several of one day, the one that was made last."""
    known = {folder.name: folder for folder in frozen.releases(settings.archive)}
    if name == "published":
        if not settings.published.exists():
            raise NothingPublished("Chưa công bố gì: nq57 run · Nothing is published yet: nq57 run")
        name = settings.published.resolve().name
    found = [folder for release_id, folder in known.items() if release_id.startswith(name)]
    if len(found) > 1 and _is_day(name):
        found = [max(found, key=_order)]
    if len(found) != 1:
        said = f"{len(found)} releases begin with it" if found else "no release begins with it"
        raise UnknownName(f"{name}: {said}. Releases: {', '.join(sorted(known)) or '–'}")
    return found[0]


def _is_day(name: str) -> bool:
    try:
        return bool(date.fromisoformat(name))
    except ValueError:
        return False


def _order(folder: Path) -> int:
    return len(frozen.read_manifest(folder)["releases_before"])


def _way(old: Path, new: Path) -> list[Path]:
    """The releases after `old` up to `new`, each compared with the one before; blank if broken."""
    way = [new]
    while (before := _compared_with(way[-1])) and len(way) < 10_000:
        if before == old.name:
            return way[::-1]
        way.append(new.parent / before)
    return []


def _compared_with(folder: Path) -> str | None:
    path = folder / "causes.parquet"
    if not path.is_file():
        return None
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select any_value(release_before) from read_parquet({frozen.quote(path)})"
        ).fetchall()
    return found[0][0]


def _along(old: Path, new: Path, way: Sequence[Path]) -> Difference:
    """What was frozen between two releases, summed by cause."""
    before, after = frozen.read_manifest(old), frozen.read_manifest(new)
    ends = Ladder()
    ends.start(old, Inputs.of(before).day)
    ends.end("", new, Inputs.of(after).day)
    connection = ends.connection
    files = {"files": [str(folder / "changes.parquet") for folder in way]}
    rows = _records(connection.execute(ALONG, files))
    listed = [str(folder / "causes.parquet") for folder in way]
    sources = connection.execute("from read_parquet($1, union_by_name = true)", [listed])
    return Difference(before, after, rows, _records(sources))


def _computed(settings: Settings, before: Row, after: Row, is_proved: bool) -> Difference:
    in_force = release.rule_set_hash(settings.project_root, settings.templates[0])
    if after["rule_set_hash"] != in_force:
        raise NotComparable(
            f"{after['release_id']}: được tính theo bộ quy tắc khác với bộ đang có hiệu lực, nên"
            " chỉ so sánh được với bản mà lượt chạy đã so sánh"
            " · it was made under other rules than those in force, so it can be compared only"
            " with the releases that runs have compared it with"
        )
    if not settings.warehouse.exists():
        raise NotComparable(
            "Kho dữ liệu chưa có ở đây: hãy chạy nq57 run"
            " · There is no warehouse here to compare in: nq57 run"
        )
    sources = find_sources(settings, before, after)
    rows = _records(climb(settings, before, after, sources, is_proved).split())
    return Difference(before, after, rows, [_listed(one) for one in sources])


def _listed(source: Source) -> Row:
    record = asdict(source)
    return {**record, "source": record.pop("kind")}


def _records(found: Any) -> list[Row]:  # noqa: ANN401 - a cursor or a relation
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
