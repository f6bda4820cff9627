"""Which rules `nq57 check` runs on a file, and why it leaves out the others.

What belongs here: choosing rules by what they read. What does not: the rules (`expectations/`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.quality.register import Rule, Suite, load_rules, load_suites

_TABLE = re.compile(r"\bintermediate\.(\w+)")
_OF_THE_REGISTER = re.compile(r"\bint_(registered|expected|rule|task_agency)_")
"""Tables that are empty where no register is known: their rules would find nothing, or all."""


@dataclass(frozen=True)
class Selection:
    """Rules that run, and those that do not by what is missing for them."""

    rules: tuple[Rule, ...]
    left_out: Mapping[str, tuple[Rule, ...]]
    """By `other_agencies`, `earlier_reports` or `register`."""


def select_rules(
    expectations: Path,
    *,
    responsible: str,
    forms: Collection[str],
    has_register: bool,
    earlier_forms: Collection[str],
) -> Selection:
    """Rules about the forms of a file, for whoever has to mend them."""
    suites = {suite.form: suite for suite in load_suites(expectations).values()}
    chosen: list[Rule] = []
    left_out: dict[str, list[Rule]] = {}
    for rule in load_rules(expectations):
        if rule.form not in forms or rule.responsible != responsible:
            continue
        beyond = suites[rule.form].beyond
        if rule.rule_id in beyond.get("other_agencies", ()):
            left_out.setdefault("other_agencies", []).append(rule)
        elif rule.form not in earlier_forms and rule.rule_id in beyond.get("earlier_reports", ()):
            left_out.setdefault("earlier_reports", []).append(rule)
        elif not has_register and rule.is_query and _reads_register(rule, expectations):
            left_out.setdefault("register", []).append(rule)
        else:
            chosen.append(rule)
    return Selection(tuple(chosen), {reason: tuple(rules) for reason, rules in left_out.items()})


def tables_of(
    expectations: Path, suites: Mapping[str, Suite], rules: Sequence[Rule]
) -> tuple[str, ...]:
    """Models that rules are judged on, by name."""
    forms = {rule.form for rule in rules}
    texts = [rule.query(expectations) for rule in rules if rule.is_query]
    for suite in suites.values():
        if suite.form in forms:
            texts += [suite.rows, suite.days]
    return tuple(sorted({name for text in texts for name in _TABLE.findall(text)}))


def _reads_register(rule: Rule, expectations: Path) -> bool:
    return bool(_OF_THE_REGISTER.search(rule.query(expectations)))
