"""Decisions in the terminal: what waits for one, what stands by one, and what to type.

What belongs here: the lines that are shown. What does not: which there are (`waiting.py`,
`corrections.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.markup import escape

from pipelines.corrections import Standing
from pipelines.waiting import Question, Waiting


def waiting_lines(found: Waiting) -> Iterator[str]:
    """All that waits, oldest first."""
    yield from map(_question, found.questions)
    if found.busy:
        yield escape(found.busy)
    elif not found.questions:
        yield "Không có gì chờ quyết định · Nothing waits for a decision."


def standing_lines(found: Sequence[Standing]) -> Iterator[str]:
    """Withdrawals and exceptions in force."""
    yield from map(_correction, found)
    if not found:
        yield "Không có gì đã rút hay ngoại lệ · Nothing is taken back or excepted."


def _question(question: Question) -> str:
    """What is asked, and the exact command to answer with."""
    said = question.command
    if question.answer:
        said = f"answered: {question.answer}; counts from the next run on"
    return (
        f"[bold]{escape(f'{question.agency_code}/{question.file_name}')}[/]"
        f" ({escape(question.place)})"
        f"\n  {escape(f'{question.asked_vi} · {question.asked_en}')}\n  {escape(said)}"
    )


def _correction(one: Standing) -> str:
    """What was taken back or excepted, and the exact command to undo it."""
    vi, en = ("đã rút", "taken back") if one.kind == "withdrawal" else ("ngoại lệ", "excepted")
    last = f" → {one.expires_on}" if one.expires_on else ""
    return (
        f"[bold]{escape(f'{one.agency_code}/{one.what}')}[/] ({one.decided_on}{last})"
        f"\n  {escape(f'{vi} · {en}: {one.reason}')}\n  {escape(one.command)}"
    )
