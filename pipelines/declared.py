"""Measures of row forms as the seeds declare them: of which form, which rows, which columns.

What belongs here: declarations as records, read from the seeds or from the published copies of
them. What does not: reading values (`recompute_rows.py`) and addresses of cells (`trace_rows.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

INDICATOR = "indicator:"
"""Before the code of an indicator, in lower case, this makes a measure of the reconciliation."""
PERIOD_END = "period_end"
TASKS = "tasks"
PERIOD_SPANS = ("year", "latest")
"""Spans that look at the period of a row; `standing` takes every row of the day."""

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Slice:
    """Rows of a form in which columns have one of a few values; without a condition all rows."""

    conditions: tuple[tuple[str, frozenset[str]], ...] = ()

    @property
    def columns(self) -> set[str]:
        return {column for column, _ in self.conditions}

    def holds(self, row: Record) -> bool:
        """Whether a row belongs to the slice; what was not read belongs to none."""
        return all(as_text(row.get(column)) in codes for column, codes in self.conditions)


@dataclass(frozen=True)
class Measure:
    """What one measure adds up: `rows`, `distinct <column>`, or the values of a column."""

    name: str
    unit: str
    form: str
    slice: Slice
    numerator_slice: Slice | None
    """Rows of the numerator, where they are not those of the slice."""
    numerator: str
    denominator: str
    span: str
    scope: str

    @property
    def is_by_period(self) -> bool:
        return self.span in PERIOD_SPANS

    def sources(self, columns: Iterable[str]) -> tuple[str, ...]:
        """The columns of a sheet that say whether and how much a row counts, in its order.

        Rows that are merely counted are told apart by their codes.
        """
        named = {column_of(self.numerator), column_of(self.denominator), *self.slice.columns}
        if self.numerator_slice:
            named |= self.numerator_slice.columns
        if self.is_by_period:
            named.add(PERIOD_END)
        is_merely_counted = not named & set(columns)
        return tuple(
            column
            for column in columns
            if column in named or (is_merely_counted and column.endswith("_code"))
        )


@dataclass(frozen=True)
class Declared:
    """All that is declared of row forms."""

    measures: Mapping[str, Measure]
    shares: frozenset[str]
    """Measures between 0 and 1, those of tasks too."""
    undeclared: frozenset[str]
    """Measures of row forms that are no sum of columns."""
    aliases: Mapping[str, tuple[str, str]]
    """Measures that are another one of one agency code."""
    accumulating: frozenset[str]
    registers: frozenset[str]
    marts: Mapping[str, str]

    def only(self, measure: str) -> Declared:
        """The same with one measure."""
        known = {name: one for name, one in self.measures.items() if name == measure}
        return replace(self, measures=known)

    def alias(self, measure: str, agency: str) -> tuple[str, str]:
        """The measure and agency code that a printed figure means."""
        return self.aliases.get(measure, (measure, agency))


def declare(
    measures: Iterable[Record],
    slices: Iterable[Record] = (),
    forms: Iterable[Record] = (),
    aliases: Iterable[Record] = (),
) -> Declared:
    """Read the declarations; a rule set from before there were row forms declares none."""
    known: dict[tuple[str, str], Slice] = {}
    for row in slices:
        before = known.get((row["form"], row["slice"]), Slice())
        condition = row["column_name"], frozenset(row["codes"].split("|"))
        known[row["form"], row["slice"]] = Slice((*before.conditions, condition))
    measures = list(measures)
    of_rows = [row for row in measures if (row.get("form") or TASKS) != TASKS]
    forms = list(forms)
    return Declared(
        measures={row["measure"]: _measure(row, known) for row in of_rows if row["numerator"]},
        shares=frozenset(row["measure"] for row in measures if row["unit"] == "share"),
        undeclared=frozenset(row["measure"] for row in of_rows if not row["numerator"]),
        aliases={row["measure"]: (row["of_measure"], row["agency_code"]) for row in aliases},
        accumulating=frozenset(row["form"] for row in forms if row["time"] == "accumulating"),
        registers=frozenset(row["form"] for row in forms if row["sender"] == "committee"),
        marts={row["form"]: row["mart"] for row in forms},
    )


def _measure(row: Record, slices: Mapping[tuple[str, str], Slice]) -> Measure:
    form, name, of_numerator = row["form"], row["slice"] or "all", row["numerator_slice"]
    return Measure(
        name=row["measure"],
        unit=row["unit"],
        form=form,
        slice=Slice() if name == "all" else slices[form, name],
        numerator_slice=slices[form, of_numerator] if of_numerator else None,
        numerator=row["numerator"],
        denominator=row["denominator"] or "",
        span=row["span"] or "standing",
        scope=row["programme_scope"] or "",
    )


def column_of(total: str) -> str:
    """The column that a numerator or denominator reads; blank for `rows`."""
    return "" if total == "rows" else total.removeprefix("distinct ")


def year_start(day: date) -> date:
    """The first day of the administrative year, which runs from 15 December to 14 December."""
    start = date(day.year, 12, 15)
    return start if start <= day else date(day.year - 1, 12, 15)


def as_text(value: object) -> str | None:
    """A value as seeds write it."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
