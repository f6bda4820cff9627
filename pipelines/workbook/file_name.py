"""The day in the name of a file, against the day on its cover.

What belongs here: telling that the two cannot both be right. What does not: which one is; the cover
stands, and the disagreement is noted at its cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from pipelines.workbook.addresses import column_letter
from pipelines.workbook.layout.cover import Field
from pipelines.workbook.layout.notes import Note

_DAYS = (
    re.compile(r"(?<!\d)(?P<year>20\d\d)([-_.]?)(?P<month>\d\d)\2(?P<day>\d\d)(?!\d)"),
    re.compile(r"(?<!\d)(?P<day>\d\d)([-_.])(?P<month>\d\d)\2(?P<year>20\d\d)(?!\d)"),
)
_SLACK = timedelta(days=45)
"""A file may bear the first day of its period, or the day on which it was sent (late, too)."""


def name_notes(
    file_name: str, cover: Mapping[str, Field], reporting_date: date, period_start: date | None
) -> Iterator[Note]:
    """The name of a file against the reporting date on its cover, if there is one."""
    field = cover.get("reporting_date")
    if field is None:
        return
    for day in _days_that_disagree(file_name, reporting_date, period_start):
        cell = f"{field.sheet_name}!{column_letter(field.place)}{field.row_number}"
        detail = f"{cell}: {reporting_date} ≠ {day}"
        yield Note(None, field.sheet_name, "name_disagrees", detail)


def _days_that_disagree(
    file_name: str, reporting_date: date, period_start: date | None
) -> Iterator[date]:
    """Days in a name that lie before the period of a report, or long after it."""
    first = min(period_start or reporting_date, reporting_date - _SLACK)
    for pattern in _DAYS:
        for found in pattern.finditer(file_name):
            try:
                day = date(int(found["year"]), int(found["month"]), int(found["day"]))
            except ValueError:  # eight digits that are no day
                continue
            if not first <= day <= reporting_date + _SLACK:
                yield day
