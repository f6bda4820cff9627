"""The register of rules: what is measured, why, and what to say to whoever must mend it.

What belongs here: reading `expectations/` and refusing a register that contradicts itself. What
does not: running a rule (`engine.py`), counting and scoring (dbt models of schema `quality`).
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

RULE_ID = re.compile(r"[A-Z]{3}-(COR|SUF|CLN|LIV)-\d{3}")
CODES = {
    "form": {"tasks", "register_tasks"},
    "subject": {"tasks"},
    "dimension": {"correct", "sufficient", "clean", "living"},
    "level": {"cell", "row", "table", "cross", "time"},
    "severity": {"critical", "warning", "info"},
    "responsible": {"agency", "committee"},
    "is_identifier": {"true", "false"},
}


class RegisterError(ValueError):
    """The files of `expectations/` contradict each other or leave something out."""


@dataclass(frozen=True)
class Rule:
    """One row of `rules.csv`; every field is text, as it stands there."""

    rule_id: str
    version: str
    form: str
    subject: str
    dimension: str
    level: str
    columns: str
    """What the rule reads, separated by `;`. The first one is the cell that a finding is at."""
    severity: str
    weight: str
    is_identifier: str
    responsible: str
    definition: str
    """The suite (`tasks.yml`) or the query (`sql/….sql`) that defines the rule."""
    sentence_vi: str
    sentence_en: str
    how_to_fix_vi: str
    how_to_fix_en: str
    basis: str
    passing_example: str
    failing_example: str

    @property
    def is_query(self) -> bool:
        """Whether the rule is a query that returns failing rows, not an entry of a suite."""
        return self.definition.endswith(".sql")

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns that the rule reads, one by one."""
        return tuple(self.columns.split(";"))


@dataclass(frozen=True)
class Suite:
    """The rules of one form: entries about its rows, and the tables that they are judged on."""

    form: str
    rows: str
    """Table of the rows as they were sent, one per key."""
    days: str
    """Table of the same rows on every day; the queries of the form speak of its rows."""
    personal: tuple[str, ...]
    """Columns whose text is never shown."""
    entries: dict[str, dict[str, Any]]
    """Expectations by rule_id, as Great Expectations reads them."""


def load_rules(expectations: Path) -> tuple[Rule, ...]:
    """Read all rules in the order of `rules.csv`. Raises RegisterError naming the rule at fault."""
    with (expectations / "rules.csv").open(encoding="utf-8", newline="") as file:
        rules = tuple(Rule(**row) for row in csv.DictReader(file))
    twice = [rule_id for rule_id, count in Counter(r.rule_id for r in rules).items() if count > 1]
    if twice:
        raise RegisterError(f"{twice[0]}: two rows of rules.csv")
    for rule in rules:
        _check_row(rule)
    _check_definitions(expectations, rules)
    return rules


def load_suites(expectations: Path) -> dict[str, Suite]:
    """Read the suites, one YAML file per form."""
    return {path.name: _suite(path) for path in sorted(expectations.glob("*.yml"))}


def _suite(path: Path) -> Suite:
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    entries: dict[str, dict[str, Any]] = {}
    for entry in written["expectations"]:
        rule_id = entry["meta"]["rule_id"]
        if rule_id in entries:
            raise RegisterError(f"{rule_id}: two entries in {path.name}")
        entries[rule_id] = entry
    return Suite(
        form=written["name"],
        rows=written["meta"]["rows"],
        days=written["meta"]["days"],
        personal=tuple(written["meta"]["personal"]),
        entries=entries,
    )


def _check_row(rule: Rule) -> None:
    if not RULE_ID.fullmatch(rule.rule_id):
        raise RegisterError(f"{rule.rule_id}: a rule_id looks like TSK-COR-001")
    for field in fields(Rule):
        if not getattr(rule, field.name):
            raise RegisterError(f"{rule.rule_id}: {field.name} is blank")
    for name, codes in CODES.items():
        if getattr(rule, name) not in codes:
            raise RegisterError(f"{rule.rule_id}: {name} is none of {sorted(codes)}")
    if not rule.version.isdecimal() or not re.fullmatch(r"\d+(\.\d+)?", rule.weight):
        raise RegisterError(f"{rule.rule_id}: version and weight are numbers")
    for name in ("passing_example", "failing_example"):
        example = json.loads(getattr(rule, name))
        if not isinstance(example, dict) or not example:
            raise RegisterError(f"{rule.rule_id}: {name} is a JSON object")


def _check_definitions(expectations: Path, rules: tuple[Rule, ...]) -> None:
    """Every rule has one definition, and every definition belongs to one rule."""
    defined = {
        (name, rule_id)
        for name, suite in load_suites(expectations).items()
        for rule_id in suite.entries
    }
    wanted = {(rule.definition, rule.rule_id) for rule in rules if not rule.is_query}
    for name, rule_id in sorted(defined ^ wanted):
        raise RegisterError(f"{rule_id}: in only one of rules.csv and {name}")
    queries = {f"sql/{path.name}" for path in (expectations / "sql").glob("*.sql")}
    used = Counter(rule.definition for rule in rules if rule.is_query)
    for name in sorted(queries ^ set(used)):
        raise RegisterError(f"{name}: in only one of rules.csv and the folder")
    for name, count in used.items():
        if count > 1:
            raise RegisterError(f"{name}: defines {count} rules")
