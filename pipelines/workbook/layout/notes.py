"""What a receipt says of a reading beside its figures: where the table was, what was left aside.

What belongs here: the record of one note. What does not: the sentences, which are data (seed
`reading_notes.csv`, one line per code, with `{detail}` where the detail goes); findings (rules).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """One thing that the reader did or met; `form` and `sheet_name` are None for a whole file."""

    form: str | None
    sheet_name: str | None
    code: str
    detail: str
