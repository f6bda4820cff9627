"""Which of the files that came stand, as known at any instant, and which slots they fill.

Independent of the models: plain Python over the events, by the rules of the design document. What
belongs here: versions, held and withdrawn files, timeliness. What does not: what the files that
stand say (`truth.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import PurePath
from typing import Any

from quarter.events import Decided, Quarter, Register, Sent, instant

Fact = dict[str, Any]
FORMS = ("tasks", "services")


@dataclass(frozen=True)
class Slot:
    """When a month's report may be dated, and until when it is in time."""

    opens: date
    closes: date
    due_on: date

    def takes(self, on: date) -> bool:
        return self.opens <= on <= self.closes

    @property
    def due(self) -> datetime:
        return instant(self.due_on, 23, 59, 59)


SLOTS = {
    # 25 January 2026 is a Sunday: due on Monday.
    date(2026, 1, 25): Slot(date(2026, 1, 14), date(2026, 1, 26), date(2026, 1, 26)),
    date(2026, 2, 25): Slot(date(2026, 2, 14), date(2026, 2, 25), date(2026, 2, 25)),
    date(2026, 3, 25): Slot(date(2026, 3, 14), date(2026, 3, 25), date(2026, 3, 25)),
}
"""What was due in the quarter, by hand: no rule of the calendar is asked."""


class Standing:
    """What stands of all that was known at an instant."""

    def __init__(self, quarter: Quarter, known_at: datetime) -> None:
        events = quarter.known(known_at)
        self.quarter = quarter
        self.sent = [event for event in events if isinstance(event, Sent)]
        self.registers = [event for event in events if isinstance(event, Register)]
        decided = [event for event in events if isinstance(event, Decided)]
        self._answers = {one.about: one.answer for one in decided if one.kind == "held_submission"}
        self._withdrawn = {one.about for one in decided if one.kind == "withdrawal"}
        self._stood: set[tuple[str, Sent]] = set()

    # Which version of a report stands

    @cached_property
    def standing(self) -> dict[tuple[str, str, date], Sent]:
        """The file that speaks for a form, an agency and a reporting date."""
        stands: dict[tuple[str, str, date], Sent] = {}
        for sent in self.sent:
            for form in FORMS:
                key = (form, sent.agency, sent.on)
                before = stands.get(key)
                if self._may_count(sent, form) and not self._has_fallen(sent, form, before):
                    stands[key] = sent
                    self._stood.add((form, sent))
        return stands

    @property
    def first_day(self) -> date:
        """The first day that anybody reported; there are facts from then on."""
        return min(on for _, _, on in self.standing)

    def statuses(self) -> Iterator[tuple[Sent, str, str]]:
        """Every file and form with its standing."""
        for sent in self.sent:
            for form in FORMS:
                if sent.rows(form):
                    yield sent, form, self._status(sent, form)

    def _may_count(self, sent: Sent, form: str) -> bool:
        answer = self._answers.get(sent)
        is_own = sent.claims == sent.agency or answer == "accept"
        return bool(sent.rows(form)) and is_own and not self._is_out(sent)

    def _is_out(self, sent: Sent) -> bool:
        return sent in self._withdrawn or self._answers.get(sent) == "refuse"

    def _has_fallen(self, sent: Sent, form: str, before: Sent | None) -> bool:
        if before is None or sent in self._answers:
            return False
        return sent.rows(form) * 10 < before.rows(form) * 7

    def _status(self, sent: Sent, form: str) -> str:
        self.standing  # noqa: B018 - it notes down what stood
        if self._answers.get(sent) == "refuse":
            return "REFUSED"
        if sent in self._withdrawn:
            return "WITHDRAWN"
        if self.standing.get((form, sent.agency, sent.on)) == sent:
            return "ACCEPTED"
        return "SUPERSEDED" if (form, sent) in self._stood else "HELD"

    def files(self, day: date) -> dict[tuple[str, str, str], Fact]:
        """Every file that speaks of a day until this one: agency, name and form."""
        return {
            (sent.agency, PurePath(sent.path).name, form): {
                "status": status,
                "reporting_date": sent.on,
                "received_at": sent.at.replace(tzinfo=None),
            }
            for sent, form, status in self.statuses()
            if sent.on <= day
        }

    # Slots of the calendar

    def timeliness(self, day: date) -> dict[tuple[str, str, date], str]:
        """What became of each slot of the quarter that had opened by a day: form, agency, slot."""
        served: dict[tuple[str, str, date], list[datetime]] = {}
        for sent, form, status in self.statuses():
            slot = next((one for one in SLOTS if SLOTS[one].takes(sent.on)), None)
            if slot and sent.on <= day and status in ("ACCEPTED", "SUPERSEDED"):
                served.setdefault((form, sent.agency, slot), []).append(sent.at)
        return {
            (form, agency, slot): self._slot(served, form, agency, slot, day)
            for slot in SLOTS
            if SLOTS[slot].opens <= day
            for form in FORMS
            for agency in self._reporters(form)
        }

    def _slot(self, served, form: str, agency: str, slot: date, day: date) -> str:
        if came := served.get((form, agency, slot)):
            return "ON_TIME" if min(came) <= SLOTS[slot].due else "LATE"
        if SLOTS[slot].due_on > day:
            return "NOT_YET_DUE"
        has_sent = any(
            one.agency == agency and one.on <= day and one.rows(form) for one in self.sent
        )
        return "MISSING" if has_sent else "NEVER_SENT"

    def _reporters(self, form: str) -> list[str]:
        if form == "tasks":
            return [code for code in self.quarter.names if code not in self.quarter.members]
        registered = self.registers[0].services if self.registers else ()
        return list(dict.fromkeys(one["agency_code"] for one in registered))
