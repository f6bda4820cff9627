"""The register of rules: what is measured, why, and what to say to whoever must mend it.

What belongs here: reading `expectations/` and refusing a register that contradicts itself. What
does not: running a rule (`engine.py`), counting and scoring (dbt models of schema `quality`).
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

DIMENSIONS = {
    "correct": "COR",
    "sufficient": "SUF",
    "clean": "CLN",
    "living": "LIV",
    "unified": "UNI",
    "shared": "SHA",
}
"""Dimensions and how each is written in a rule_id. The last two are measured, never scored."""
RULE_ID = re.compile(rf"[A-Z]{{3}}-({'|'.join(DIMENSIONS.values())})-\d{{3}}")
CODES = {
    "dimension": set(DIMENSIONS),
    "level": {"cell", "row", "table", "cross", "time"},
    "severity": {"critical", "warning", "info"},
    "responsible": {"agency", "committee"},
    "is_identifier": {"true", "false"},
}

ONCE = {"cell", "row"}
"""Levels of rules that depend on the submission alone: each is judged once by them."""
_READ = re.compile(r"\b(?:from|join)\s+(\w+\.\w+)")


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
    def is_once(self) -> bool:
        """Whether a submission is judged once by the rule, whatever the day."""
        return self.level in ONCE

    def query(self, expectations: Path) -> str:
        """The query of a rule that is one, its placeholders filled in."""
        text = (expectations / self.definition).read_text(encoding="utf-8")
        return text.replace("{form}", self.form).replace("{column}", self.column_names[0])

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns that the rule reads, one by one."""
        return tuple(self.columns.split(";"))


@dataclass(frozen=True)
class Suite:
    """The rules of one form: entries about its rows, and the tables that they are judged on."""

    form: str
    subject: str
    """What the form is about; scores are given by subject."""
    rows: str
    """Table of the rows as they were sent, one per key."""
    days: str
    """Table whose rows the queries of the form speak of: those of `rows`, or of every day."""
    personal: tuple[str, ...]
    """Columns whose text is never shown."""
    entries: dict[str, dict[str, Any]]
    """Expectations by rule_id, as Great Expectations reads them."""
    beyond: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Rules by what they read beside the file and the register: `other_agencies`, or
    `earlier_reports` of the same one. `nq57 check` runs them only where that is at hand."""


def load_rules(expectations: Path) -> tuple[Rule, ...]:
    """Read all rules in the order of `rules.csv`. Raises RegisterError naming the rule at fault."""
    with (expectations / "rules.csv").open(encoding="utf-8", newline="") as file:
        rules = tuple(Rule(**row) for row in csv.DictReader(file))
    twice = [rule_id for rule_id, count in Counter(r.rule_id for r in rules).items() if count > 1]
    if twice:
        raise RegisterError(f"{twice[0]}: two rows of rules.csv")
    suites = load_suites(expectations)
    subjects = {suite.form: suite.subject for suite in suites.values()}
    for rule in rules:
        _check_row(rule)
        if subjects.get(rule.form) != rule.subject:
            raise RegisterError(f"{rule.rule_id}: no suite of form and subject as given")
    _check_entries(suites, rules)
    _check_queries(expectations, rules)
    _check_levels(expectations, {suite.form: suite for suite in suites.values()}, rules)
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
    meta = written["meta"]
    return Suite(
        form=written["name"],
        subject=meta["subject"],
        rows=meta["rows"],
        days=meta["days"],
        personal=tuple(meta["personal"]),
        entries=entries,
        beyond={what: tuple(rule_ids) for what, rule_ids in meta.get("beyond", {}).items()},
    )


def _check_row(rule: Rule) -> None:
    if not RULE_ID.fullmatch(rule.rule_id):
        raise RegisterError(f"{rule.rule_id}: a rule_id looks like TSK-COR-001")
    for column in fields(Rule):
        if not getattr(rule, column.name):
            raise RegisterError(f"{rule.rule_id}: {column.name} is blank")
    for name, codes in CODES.items():
        if getattr(rule, name) not in codes:
            raise RegisterError(f"{rule.rule_id}: {name} is none of {sorted(codes)}")
    if rule.rule_id[4:7] != DIMENSIONS[rule.dimension]:
        raise RegisterError(f"{rule.rule_id}: the rule_id says another dimension")
    if not rule.version.isdecimal() or not re.fullmatch(r"\d+(\.\d+)?", rule.weight):
        raise RegisterError(f"{rule.rule_id}: version and weight are numbers")
    for name in ("passing_example", "failing_example"):
        example = json.loads(getattr(rule, name))
        if not isinstance(example, dict) or not example:
            raise RegisterError(f"{rule.rule_id}: {name} is a JSON object")


def _check_entries(suites: Mapping[str, Suite], rules: tuple[Rule, ...]) -> None:
    """Every rule about one row has an entry in the suite of its form, and every entry a rule."""
    defined = {(name, suite.form, id_) for name, suite in suites.items() for id_ in suite.entries}
    wanted = {(rule.definition, rule.form, rule.rule_id) for rule in rules if not rule.is_query}
    for name, _, rule_id in sorted(defined ^ wanted):
        raise RegisterError(f"{rule_id}: in only one of rules.csv and {name}")


def _check_queries(expectations: Path, rules: tuple[Rule, ...]) -> None:
    """Every query that is used is there, every one that is there is used, for one rule each.

    What has placeholders is another query for another form or column.
    """
    queries = {f"sql/{path.name}" for path in (expectations / "sql").glob("*.sql")}
    used = {rule.definition for rule in rules if rule.is_query}
    for name in sorted(queries ^ used):
        raise RegisterError(f"{name}: in only one of rules.csv and the folder")
    texts = Counter((r.definition, r.query(expectations)) for r in rules if r.is_query)
    for (name, _), count in texts.items():
        if count > 1:
            raise RegisterError(f"{name}: the same query defines {count} rules")


def _check_levels(expectations: Path, suites: Mapping[str, Suite], rules: tuple[Rule, ...]) -> None:
    """A rule that is judged once reads nothing but the rows of its form, and speaks of no day.

    An entry of a suite can do no other.
    """
    for rule in rules:
        if not rule.is_query:
            is_true = rule.is_once
        elif rule.is_once:
            query = rule.query(expectations)
            is_without_day = "cast(null as date) as as_of_date" in query
            is_true = is_without_day and set(_READ.findall(query)) == {suites[rule.form].rows}
        else:
            is_true = True
        if not is_true:
            raise RegisterError(f"{rule.rule_id}: its definition is not of level {rule.level}")
