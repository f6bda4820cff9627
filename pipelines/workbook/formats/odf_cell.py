"""One cell of an OpenDocument spreadsheet: from its attributes and paragraphs to what it says.

What belongs here: value types of the format, and errors, for which it has no type of its own. What
does not: repeats, rows and sheets (`opendocument.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime

from pipelines.workbook.sheet import Cell, cell_of

Attributes = Mapping[str, str]
_ERROR = re.compile(r"#[A-ZÀ-Ỹ][A-ZÀ-Ỹ/0]*[!?]?|Err:\d{3}")
_NUMBERS = {"float", "percentage", "currency"}
_TIME = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S")
_VOCABULARY = re.compile(r"^[\w.]+:(?==)")


def cell_from(attributes: Attributes, paragraphs: Sequence[str]) -> Cell | None:
    """What a cell says.

    An error is shown as a text over a value of 0 or nothing; only LibreOffice marks it.
    """
    text = "\n".join(paragraphs)
    kind = attributes.get("office:value-type", "")
    formula = attributes.get("table:formula")
    is_counted = formula is not None or kind in _NUMBERS
    is_error = attributes.get("calcext:value-type") == "error"
    if is_error or (is_counted and _ERROR.fullmatch(text)):
        return Cell(text or "#", "error", None)
    if formula is not None and not kind and not paragraphs:
        return Cell(_VOCABULARY.sub("", formula), "formula_without_value", None)
    if kind == "string" or not kind:
        return cell_of(text or attributes.get("office:string-value", ""))
    with suppress(ValueError, KeyError):
        return cell_of(_value(kind, attributes))
    return cell_of(text)


def _value(kind: str, attributes: Attributes) -> object:
    """The value of a cell that is not text; raises `ValueError` when it is none of its type."""
    if kind in _NUMBERS:
        return float(attributes["office:value"])
    if kind == "boolean":
        return attributes["office:boolean-value"] == "true"
    if kind == "date":
        stated = attributes["office:date-value"]
        return datetime.fromisoformat(stated) if "T" in stated else date.fromisoformat(stated)
    if kind == "time":
        stated = attributes["office:time-value"]
        match = _TIME.fullmatch(stated)
        return ":".join(part.zfill(2) for part in match.groups()) if match else stated
    raise ValueError(kind)
