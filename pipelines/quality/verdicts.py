"""Per rule, for the nation: did it run, do its rows add up, has the data become worse?

What belongs here: what a person watching the daily run should see of a rule. What does not: scores
(dbt models of schema `quality`) and gates (dbt tests).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

COUNTS = """
    select
        rule_id,
        sum(applicable_count)::bigint as applicable,
        sum(failed_count)::bigint as failed,
        sum(missing_count)::bigint as missing,
        bool_or(status = 'ERROR') as is_broken
    from {source} where as_of_date = $1 group by rule_id order by rule_id"""
FINDINGS = """
    select rule_id, count(*) from quality.findings
    where opened_on <= $1 and (closed_on is null or closed_on > $1) group by rule_id"""


@dataclass(frozen=True)
class Verdict:
    """One rule on one day, all agencies together."""

    rule_id: str
    applicable: int
    failed: int
    missing: int
    findings: int
    is_broken: bool
    share_before: float | None
    """Pass share in the newest release of an earlier day; None when there is none."""

    @property
    def share(self) -> float | None:
        """Share of what the rule applies to that is there and passes, 0..1."""
        return _share(self.applicable, self.failed, self.missing)

    @property
    def is_sound(self) -> bool:
        """The rule ran, and every failure that it counted is a finding."""
        return not self.is_broken and self.failed == self.findings

    @property
    def has_fallen(self) -> bool:
        """Less passes than in the release before."""
        before, now = self.share_before, self.share
        return before is not None and now is not None and now < before

    @property
    def sentence(self) -> str:
        """What to say of it in one line."""
        if self.is_broken:
            return "The rule itself broke: nothing is known of the data."
        if not self.is_sound:
            return f"{self.failed} failures were counted and {self.findings} findings written."
        if self.share is None:
            return "Applies to nothing on this day."
        fell = f", {self.share_before:.1%} in the release before" if self.has_fallen else ""
        return f"{self.share:.1%} of {self.applicable} pass{fell}."


def verdicts(warehouse: Path, releases: Path, as_of: date) -> tuple[Verdict, ...]:
    """The verdict on every rule; one that concerns nobody on the day applies to nothing."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        before = _shares_before(connection, releases, as_of)
        findings = dict(connection.execute(FINDINGS, [as_of]).fetchall())
        counted = {
            rule_id: tuple(counts)
            for rule_id, *counts in connection.execute(
                COUNTS.format(source="quality.rule_results"), [as_of]
            ).fetchall()
        }
        rules = connection.execute("select distinct rule_id from quality.rules order by rule_id")
        return tuple(
            _verdict(
                rule_id,
                counted.get(rule_id, (0, 0, 0, False)),
                findings.get(rule_id, 0),
                before.get(rule_id),
            )
            for (rule_id,) in rules.fetchall()
        )


def _verdict(
    rule_id: str, counts: tuple[int, int, int, bool], findings: int, share_before: float | None
) -> Verdict:
    applicable, failed, missing, is_broken = counts
    return Verdict(rule_id, applicable, failed, missing, findings, is_broken, share_before)


def _shares_before(
    connection: duckdb.DuckDBPyConnection, releases: Path, as_of: date
) -> dict[str, float | None]:
    """Pass shares of the newest frozen release of an earlier day; its name starts with the day."""
    days = {path: path.parent.name[:10] for path in releases.glob("[!.]*/rule_results.parquet")}
    earlier = [path for path, day in days.items() if day < as_of.isoformat()]
    if not earlier:
        return {}
    newest = max(earlier, key=lambda path: (days[path], path.stat().st_mtime))
    counts = connection.execute(
        COUNTS.format(source=f"read_parquet('{newest}')"), [date.fromisoformat(days[newest])]
    )
    return {
        rule_id: _share(applicable, failed, missing)
        for rule_id, applicable, failed, missing, _ in counts.fetchall()
    }


def _share(applicable: int, failed: int, missing: int) -> float | None:
    return 1 - (failed + missing) / applicable if applicable else None
