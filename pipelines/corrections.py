"""Corrections by decision: a submission taken back, a finding excepted, and both undone.

What belongs here: which answers make sense, what stands, the command that undoes it. What does not:
what waits for an answer (`waiting.py`), what follows from one (dbt), how it is kept
(`intake/archive.py`).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from pipelines.intake.archive import Decision, Receipt, read_decisions, read_receipts
from pipelines.published import NothingPublished, connect
from pipelines.settings import Settings

Kind = Literal["withdrawal", "exception"]
OF_FILES = ("withdraw", "keep")
OF_FINDINGS = ("accept", "end")
LOCAL = timedelta(hours=7)
"""Asia/Ho_Chi_Minh, all year."""

FINDING = """
    select agency_code, rule_id || ' ' || record_key || coalesce(' ' || column_name, '')
    from quality.findings where finding_id = ?
    order by episode desc limit 1"""


class UnknownQuestion(Exception):
    """Nothing of this name was ever asked; the sentence says so in both languages."""


class NoAnswer(Exception):
    """The question cannot be answered so; the sentence says which answers there are."""


@dataclass(frozen=True)
class Standing:
    """A withdrawal or an exception in force."""

    kind: Kind
    key: str
    agency_code: str
    what: str
    """The file, or the rule, the row and the column."""
    decided_on: date
    expires_on: date | None
    reason: str

    @property
    def command(self) -> str:
        """What to type to undo it."""
        undo = "keep" if self.kind == "withdrawal" else "end"
        return f'{shlex.join(["nq57", "decide", self.key, undo])} --by "…" --reason "…"'


def local_day(instant: datetime) -> date:
    """The day of an instant in Asia/Ho_Chi_Minh."""
    return (instant.astimezone(UTC) + LOCAL).date()


def of_file(settings: Settings, key: str, answer: str) -> Kind:
    """Taking back a file that is known, or keeping one that was taken back. Raises NoAnswer."""
    is_withdrawn = _newest(settings, "withdrawal", key) == "withdraw"
    if (answer == "withdraw") == is_withdrawn:
        already = "đã được rút rồi" if is_withdrawn else "chưa được rút"
        said = "is taken back already" if is_withdrawn else "was never taken back"
        raise NoAnswer(f"{key} {already} · {key} {said}")
    return "withdrawal"


def of_finding(
    settings: Settings, key: str, answer: str, until: date | None, now: datetime
) -> tuple[Kind, str]:
    """An exception and its answer as it is kept. Raises UnknownQuestion, NoAnswer."""
    if found_at(settings, key) is None:
        raise UnknownQuestion(
            f"Không có tệp hay phát hiện nào mang mã {key} · No file with the submission id {key},"
            " and no finding of the newest release: nq57 decide lists files,"
            " quality.findings findings"
        )
    if answer not in OF_FINDINGS:
        raise NoAnswer("Hãy trả lời accept hoặc end · A finding is answered accept or end.")
    if answer == "end" and (_newest(settings, "exception", key) or "end") == "end":
        raise NoAnswer(f"{key} không phải ngoại lệ · {key} is no exception: nothing to end")
    if until is None:
        return "exception", answer
    if answer == "end" or until < local_day(now):
        raise NoAnswer(
            "--until là ngày cuối của ngoại lệ, không sớm hơn hôm nay"
            " · --until is the last day of an exception, today or later"
        )
    return "exception", f"accept until {until.isoformat()}"


def found_at(settings: Settings, key: str) -> tuple[str, str] | None:
    """Agency and place of a finding of the newest release."""
    try:
        with connect(settings) as release:
            return release.execute(FINDING, [key]).fetchone()
    except NothingPublished:
        return None


def standing(settings: Settings, now: datetime) -> Sequence[Standing]:
    """Withdrawals and exceptions in force, oldest first."""
    receipts = {one.submission_id: one for one in read_receipts(settings.archive)}
    newest = {(one.kind, one.key): one for one in _by_time(settings)}
    found = (_standing(settings, one, receipts, local_day(now)) for one in newest.values())
    return sorted((one for one in found if one), key=lambda one: (one.decided_on, one.key))


def _standing(
    settings: Settings, one: Decision, receipts: dict[str, Receipt], today: date
) -> Standing | None:
    key, expires_on, reason = one.key, one.expires_on, one.reason
    day = local_day(one.decided_at)
    if one.kind == "withdrawal" and one.answer == "withdraw":
        receipt = receipts.get(key)
        agency, what = (receipt.agency_code, receipt.file_name) if receipt else ("?", "?")
        return Standing("withdrawal", key, agency, what, day, None, reason)
    if one.kind == "exception" and one.answer != "end" and (expires_on or today) >= today:
        agency, what = found_at(settings, key) or ("?", "?")
        return Standing("exception", key, agency, what, day, expires_on, reason)
    return None


def _newest(settings: Settings, kind: Kind, key: str) -> str | None:
    answers = [one.answer for one in _by_time(settings) if (one.kind, one.key) == (kind, key)]
    return answers[-1] if answers else None


def _by_time(settings: Settings) -> Iterator[Decision]:
    decisions = read_decisions(settings.archive)
    yield from sorted(decisions, key=lambda one: (one.decided_at, one.answer))
