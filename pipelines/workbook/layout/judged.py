"""Cells that lose or change their value because of what stands beside them.

What belongs here: putting such cells back into the columns that were read. What does not: which
they are (`shifted.py`, `shared_cells.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipelines.workbook.template import Column
from pipelines.workbook.values import Parsed

ReadColumns = tuple[tuple[Column, Sequence[Parsed]], ...]
Judged = Mapping[str, Mapping[int, Parsed]]
"""By name of the column: cells by number of their data row, from 0."""


def unreadable(raw: str | None, problem: str) -> Parsed:
    """A cell without value, as it stands."""
    return Parsed(raw, None, "unreadable", problem)


def with_judged(columns: ReadColumns, judged: Judged) -> ReadColumns:
    """The columns with the judged cells in the place of those that were read."""
    if not judged:
        return columns
    return tuple(
        (column, [judged.get(column.name, {}).get(n, cell) for n, cell in enumerate(cells)])
        for column, cells in columns
    )
