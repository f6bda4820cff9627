"""The clean truth of the forms of rows: one query per form, run over the seeds.

What belongs here: running `rows/<form>.sql` and handing out rows by form, day and agency. What
does not: any form by name, the tasks (`truth.py`), how a row is written (`draft.py`).

A query gives `agency_code` (blank when the row is nobody's in particular), `reporting_date`, then
the columns of its form by canonical name, words and agencies as codes, parts as in the raw tables.
It draws by `draw(text, low, high)`, which is always the same; reports may read the registers.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

Record = dict[str, Any]
"""A row of a form by column name."""

_HERE = Path(__file__).parent
_DRAW = """
    create macro draw(words, low, high) as
        low + (md5_number_lower(words) % (high - low + 1)::ubigint)::bigint
"""


class RowTruth:
    """Rows of every form, as one table of an in-memory database for each."""

    def __init__(
        self,
        seeds: Path,
        not_sent: Collection[tuple[str, date]] = (),
        agencies: Sequence[str] | None = None,
    ) -> None:
        """Run all queries; keep the rows of reports that were sent, and of these agencies."""
        self.connection = duckdb.connect()
        self.connection.execute(_DRAW)
        self._load("seeds", seeds)
        self._load("invented", _HERE)
        paths = sorted((_HERE / "rows").glob("*.sql"))
        queries = sorted(paths, key=lambda path: not _is_register(path.stem))
        self.forms = tuple(path.stem for path in queries)
        for path in queries:
            query = path.read_text(encoding="utf-8")
            self.connection.execute(f"create table {path.stem} as {query} order by all")
        for form in self.forms:
            self._keep(form, not_sent, agencies)

    def relation(self, form: str) -> duckdb.DuckDBPyRelation:
        """All rows of a form, to be queried."""
        return self.connection.table(form)

    def rows(self, form: str, on: date, agency: str | None = None) -> Sequence[Record]:
        """What is said on a day: by one agency, or the whole register."""
        return self._rows.get((form, on, agency), ())

    def speaks(self, on: date, agency: str | None = None) -> bool:
        """Whether the agency, or the register, has any row on this day."""
        return any((form, on, agency) in self._rows for form in self.forms)

    @property
    def dates(self) -> frozenset[date]:
        """The days on which something is said."""
        return frozenset(on for _, on, _ in self._rows)

    @cached_property
    def _rows(self) -> dict[tuple[str, date, str | None], list[Record]]:
        found: dict[tuple[str, date, str | None], list[Record]] = {}
        for form in self.forms:
            relation = self.relation(form)
            names = relation.columns
            for values in relation.fetchall():
                record = dict(zip(names, values, strict=True))
                sender = None if _is_register(form) else record["agency_code"]
                found.setdefault((form, record["reporting_date"], sender), []).append(record)
        return found

    def _load(self, schema: str, folder: Path) -> None:
        self.connection.execute(f"create schema {schema}")
        for path in sorted(folder.glob("*.csv")):
            self.connection.execute(
                f"create table {schema}.{path.stem} as "
                "from read_csv(?, all_varchar = true, header = true, delim = ',', quote = '\"')",
                [str(path)],
            )

    def _keep(
        self, form: str, not_sent: Collection[tuple[str, date]], agencies: Sequence[str] | None
    ) -> None:
        if "agency_code" not in self.relation(form).columns:
            return
        if agencies is not None:
            self.connection.execute(
                f"delete from {form} where not list_contains(?, agency_code)", [list(agencies)]
            )
        if not _is_register(form):
            for agency, on in not_sent:
                self.connection.execute(
                    f"delete from {form} where agency_code = ? and reporting_date = ?", [agency, on]
                )


def _is_register(form: str) -> bool:
    return form.startswith("register_")
