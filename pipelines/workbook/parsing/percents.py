"""Percentages, which one column writes as 69.98, 69,98% or 0.6998.

What belongs here: the scale that the numbers of a column prove, and reading a cell by it. What does
not: other numbers (`numbers.py`), a quantity beside its unit (`beside_unit.py`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from pipelines.workbook.cells import Cell
from pipelines.workbook.parsing.dates import Problem
from pipelines.workbook.parsing.numbers import slip, tidy

Scale = Literal["percent", "fraction", "unclear"]

_PERCENT = re.compile(r"(-?[0-9]{1,3}(?:[.,][0-9]+)?) ?(%?)")


def percent_scale(cells: Sequence[Cell | None]) -> Scale:
    """Whether the bare numbers of a column count to 100 or to 1; a `%` sign needs no scale.

    `percent` when one is above 1 and none lies strictly between 0 and 1; `fraction` when one lies
    there and none is above 1. Both, or only zeros and ones: `unclear`, and then only 0 is certain.
    A number in a mixed column that is above 1 can only be a percentage.
    """
    found = [_number(cell) for cell in cells if cell is not None]
    bare = [one[0] for one in found if one is not None and not one[1]]
    has_parts = any(0 < number < 1 for number in bare)
    if any(number > 1 for number in bare):
        return "unclear" if has_parts else "percent"
    return "fraction" if has_parts else "unclear"


def parse_percent(cell: Cell, scale: Scale) -> tuple[float, str | None] | Problem:
    """A percentage from 0 to 100, and what was done to read it."""
    found = _number(cell)
    if found is None:
        return slip(cell.text)
    number, has_sign = found
    if has_sign:
        return number, "percent_sign"
    if scale == "fraction":
        return round(number * 100, 10), "fraction_to_percent"
    if scale == "unclear" and 0 < number <= 1:
        return Problem("ambiguous_percent")
    is_mended = cell.kind == "text" and tidy(cell.text) != cell.text
    return number, "number_text" if is_mended else None


def _number(cell: Cell) -> tuple[float, bool] | None:
    """The number of a cell, and whether a `%` sign stands beside it."""
    if isinstance(cell.value, float):
        return cell.value, False
    match = _PERCENT.fullmatch(tidy(cell.text)) if cell.kind == "text" else None
    return (float(match[1].replace(",", ".")), bool(match[2])) if match else None
