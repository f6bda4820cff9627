"""Numbers and days the way Vietnamese readers write them: 1.234,5, 3,2 triệu tỷ đồng, 31/12/2025.

What belongs here: pure functions from a published value to its text. What does not: words of the
page (the templates) and any rounding that changes what is said: a scale word stands only where it
leaves the number exact.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from math import isclose

LOCAL = timedelta(hours=7)
"""Asia/Ho_Chi_Minh keeps no summer time."""
NOTHING = "–"
SCALES = ((1e15, "triệu tỷ"), (1e12, "nghìn tỷ"), (1e9, "tỷ"), (1e6, "triệu"))
"""Below a million people read the digits themselves."""
SIGNS = {"=": "", ">": "> ", ">=": "≥ ", "<": "< ", "<=": "≤ ", "~": "≈ "}


def count(value: float | None) -> str:
    """A whole number: 1.234."""
    return NOTHING if value is None else decimal(value, 0)


def decimal(value: float | None, digits: int = 1) -> str:
    """A number with so many digits after the comma: 1.234,5."""
    if value is None:
        return NOTHING
    return f"{value:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def percent(share: float | None, digits: int = 1) -> str:
    """A share (0..1) in percent: 39,98 %."""
    return NOTHING if share is None else f"{decimal(share * 100, digits)} %"


def quantity(
    value: float | None, unit: str = "", operator: str | None = "=", upper: float | None = None
) -> str:
    """A value of any size with its sign and unit: > 3,2 triệu tỷ đồng; 10–12 %."""
    if value is None:
        return NOTHING
    factor, scale = _scale(value) if upper is None else (1.0, "")
    bounds = [_shortest(bound / factor) for bound in (value, upper) if bound is not None]
    words = " ".join(word for word in ("–".join(bounds), scale, unit) if word)
    return SIGNS.get(operator or "=", f"{operator} ") + words


def day(value: date | None) -> str:
    """31/12/2025."""
    return NOTHING if value is None else value.strftime("%d/%m/%Y")


def instant(value: datetime | None) -> str:
    """An instant (UTC) on the clock of Hanoi."""
    return NOTHING if value is None else (value + LOCAL).strftime("%d/%m/%Y %H:%M")


def _scale(value: float) -> tuple[float, str]:
    """The largest scale that leaves at most two digits after the comma, and none that rounds."""
    for factor, word in SCALES:
        scaled = value / factor
        if abs(scaled) >= 1 and isclose(scaled, round(scaled, 2), rel_tol=1e-12):
            return factor, word
    return 1.0, ""


def _shortest(value: float) -> str:
    """As many digits after the comma as it has, six at most."""
    return decimal(value, 6).rstrip("0").rstrip(",")
