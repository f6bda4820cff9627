"""Quantities that cannot be read with certainty beside the unit of their row.

What belongs here: what a number means only together with the unit in another column. What does not:
the number by itself and the unit by itself (`numbers.py`, `values.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipelines.workbook.cells import Cell
from pipelines.workbook.parsing.numbers import Quantity, Unit
from pipelines.workbook.template import Column
from pipelines.workbook.values import Parsed

MOST = 1e18
"""Some ninety times what Viet Nam earns in a year, in dong: nothing that is reported is larger."""
_PERCENT = "percent"

Columns = tuple[tuple[Column, Sequence[Parsed]], ...]


def judge_quantities(columns: Columns, cells: Mapping[str, Sequence[Cell | None]]) -> Columns:
    """The columns, with no value where number and unit together do not say what is meant."""
    read = {column.name: parsed for column, parsed in columns}

    def judged(column: Column, parsed: Sequence[Parsed]) -> Sequence[Parsed]:
        if column.unit_column is None:
            return parsed
        rows = zip(parsed, cells[column.name], read[column.unit_column], strict=True)
        return [_judged(*row) for row in rows]

    return tuple((column, judged(column, parsed)) for column, parsed in columns)


def _judged(parsed: Parsed, cell: Cell | None, unit_cell: Parsed) -> Parsed:
    quantity, unit = parsed.value, unit_cell.value
    if cell is None or not isinstance(quantity, Quantity):
        return parsed
    problem = _problem(quantity, unit if isinstance(unit, Unit) else None, cell)
    return Parsed(parsed.raw, None, "unreadable", problem) if problem else parsed


def _problem(quantity: Quantity, unit: Unit | None, cell: Cell) -> str | None:
    """`ambiguous_percent`: a cell that shows 80 % holds 0.8, and so does one that shows 0.8."""
    scale = unit.scale if unit and quantity.unit is None else 1.0
    largest = max(abs(quantity.main), abs(quantity.upper_bound or 0.0)) * scale
    if largest > MOST:  # also infinity
        return "too_large"
    if unit and quantity.unit not in (None, unit.main):
        return "units_differ"
    is_part = cell.kind == "number" and 0 < abs(quantity.main) < 1
    return "ambiguous_percent" if is_part and unit and unit.main == _PERCENT else None
