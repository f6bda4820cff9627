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

    @property
    def needed(self) -> tuple[str, ...]:
        """Columns in which a row must have a value: a share adds up its two over the same rows."""
        if not self.denominator or not is_sum(self.numerator):
            return ()
        return tuple(one for one in (self.numerator, self.denominator) if is_sum(one))

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
    subjects: Mapping[str, str]
    registered_keys: Mapping[str, tuple[str, ...]]
    """Columns of a form whose codes registers give to agencies."""
    marts: Mapping[str, str]

    def only(self, measure: str) -> Declared:
        """The same with one measure."""
        known = {name: one for name, one in self.measures.items() if name == measure}
        return replace(self, measures=known)

    def registers_of(self, form: str) -> frozenset[str]:
        """The registers of the subject of a form."""
        return frozenset(
            one for one in self.registers if self.subjects[one] == self.subjects.get(form)
        )

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
        subjects={row["form"]: row.get("subject", "") for row in forms},
        registered_keys={
            row["form"]: tuple(keys.split("/"))
            for row in forms
            if (keys := row.get("registered_key"))
        },
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


def is_sum(total: str) -> bool:
    """Whether a numerator or denominator adds up a column."""
    return total != "rows" and not total.startswith("distinct ")


def column_of(total: str) -> str:
    """The column that a numerator or denominator reads; blank for `rows`."""
    return "" if total == "rows" else total.removeprefix("distinct ")


def year_that_counts(day: date) -> tuple[date, date]:
    """The first and last day of the administrative year that a day speaks of.

    A year runs from 15 December to 14 December, but counts until 13 January: its last month is
    filed after it has ended, and the first month of the next one has ended on 14 January only.
    """
    year = day.year if day >= date(day.year, 1, 14) else day.year - 1
    return date(year - 1, 12, 15), date(year, 12, 14)


def as_text(value: object) -> str | None:
    """A value as seeds write it."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
