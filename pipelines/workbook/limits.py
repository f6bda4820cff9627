"""How large a file may be, how long it may take, and the words of a refusal.

What belongs here: the numbers and the record that every module of the door shares. What does not:
looking at files (`guard.py`, `container.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

BLOCK = 1 << 20


@dataclass(frozen=True)
class Limits:
    """How large a file may be, and how long the child process may work on it."""

    file_bytes: int = 100_000_000
    inflated_bytes: int = 500_000_000
    ratio: int = 200
    cells: int = 20_000_000
    columns: int = 2_000
    sheets: int = 255
    seconds: int = 120
    address_space: int = 4 << 30


@dataclass(frozen=True)
class Refusal:
    """Why a file or a layout was not accepted: a code of the closed list and a short detail."""

    reason_code: str
    detail: str


DEFAULT_LIMITS = Limits()
