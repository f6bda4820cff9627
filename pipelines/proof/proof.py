"""What proving a release ends in, and how it is told.

What belongs here: the records of a proof and their lines. What does not: proving (`verify.py`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text


@dataclass(frozen=True)
class Proof:
    """One published number, counted again."""

    name: str
    published: float | None
    value: float | None
    numerator: float | None
    denominator: float | None
    cells: int = 0
    files: int = 0
    unequal_files: tuple[str, ...] = ()
    """Files behind it that say different things to the two readers."""
    verdict: str = ""
    """Of a figure of the reconciliation."""
    is_shown: bool = True
    """Has a line of its own; the others are counted together."""
    published_parts: tuple[float | None, float | None] | None = None
    """Numerator and denominator, where they are published beside the value."""
    is_in_both: bool = True
    """Is published and was counted again; a number that is only one of the two proves nothing."""

    @property
    def holds(self) -> bool:
        """Whether the number and its parts are the same, from cells that were read the same twice.

        A share can be right where both of its parts are wrong.
        """
        if self.unequal_files or not self.is_in_both:
            return False
        counted = self.value, self.numerator, self.denominator
        published = self.published, *(self.published_parts or counted[1:])
        return all(map(_is_same, published, counted))


@dataclass(frozen=True)
class Verification:
    """All proofs of a release, and every fault found on the way."""

    release_id: str
    rule_set_hash: str
    notes: tuple[str, ...]
    faults: tuple[str, ...]
    proofs: tuple[Proof, ...]
    hashes: Mapping[str, str]

    @property
    def holds(self) -> bool:
        """Whether everything is as published."""
        return not self.faults and all(proof.holds for proof in self.proofs)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Proofs, what differs by name, hashes."""
        yield Text(f"Release {self.release_id}", style="bold")
        yield from (Text(note) for note in self.notes)
        yield Text(_columns("Value", "Numerator", "Denominator", "Cells", "Files") + "Proof")
        for proof in self.proofs:
            if proof.is_shown or not proof.holds:
                yield Text(_line(proof), style="" if proof.holds else "red")
        rest = [proof for proof in self.proofs if not proof.is_shown]
        held = sum(proof.holds for proof in rest)
        yield Text(f"and {held} of {len(rest)} further figures of single agencies, equal")
        yield from (Text(f"✗ {fault}", style="red") for fault in self.faults)
        yield from (Text(f"{name}  {digest}") for name, digest in self.hashes.items())
        verdict = "proved" if self.holds else "NOT proved"
        proved = sum(proof.holds for proof in self.proofs)
        yield Text(
            f"{self.release_id} is {verdict}: {proved} of {len(self.proofs)} figures equal, "
            f"{len(self.faults)} faults",
            style="bold green" if self.holds else "bold red",
        )


def _is_same(published: float | None, value: float | None) -> bool:
    if published is None or value is None:
        return published is value
    return math.isclose(published, value, abs_tol=1e-9)


def _line(proof: Proof) -> str:
    if proof.holds:
        said = "all re-read equal" if proof.cells else "equal"
    elif proof.unequal_files:
        said = f"the readers differ in {', '.join(proof.unequal_files)}"
    else:
        parts = " of ".join(map(_number, proof.published_parts or ()))
        said = f"DIFFERS, published {_number(proof.published)}" + (f" ({parts})" if parts else "")
    counts = (proof.value, proof.numerator, proof.denominator, proof.cells, proof.files)
    words = (said, proof.verdict, proof.name)
    return _columns(*(_number(count) for count in counts)) + " · ".join(w for w in words if w)


def _columns(value: str, *counts: str) -> str:
    return f"{value:>13} " + "".join(f"{count:>12}" for count in counts) + "  "


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.10g}"
