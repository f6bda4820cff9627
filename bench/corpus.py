"""How many cells are right, flagged and silently wrong on the deformation corpus.

Run by `make bench`. Ours, pandas.read_excel and bare python-calamine read the same files; what
counts as what says `deformation/score.py`, and docs/corpus.md what the corpus is.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from deformation.answers import ours
from deformation.cases import Case, clean_cases, combined_cases, single_cases
from deformation.clean import Shelf, desk
from deformation.judged import Judged, judge
from deformation.libraries import calamine_reader, pandas_reader
from deformation.score import Score, score_case
from rich.console import Console
from rich.table import Table

SEEDS = range(2)
COMBINED = range(150)
JUDGED = ("BKHCN", "P66")
HEADINGS = ("reader", "cells right", "flagged", "silently wrong", "right where certain",
            "clean cells flagged", "headers matched", "faults at their cell")  # fmt: skip


def cases(shelf: Shelf, folder: Path) -> Iterator[Case]:
    return chain(
        clean_cases(shelf, folder / "clean"),
        single_cases(shelf, folder / "single", SEEDS),
        combined_cases(shelf, folder / "combined", COMBINED),
    )


def main() -> None:
    started = time.perf_counter()
    shelf = Shelf()
    readers = {
        "NQ57 Monitor": ours(desk(shelf)),
        "pandas.read_excel": pandas_reader(shelf),
        "python-calamine": calamine_reader(shelf),
    }
    scores = {name: Score() for name in readers}
    count = 0
    with tempfile.TemporaryDirectory(prefix="nq57-corpus-") as folder:
        for case in cases(shelf, Path(folder)):
            count += 1
            for name, reader in readers.items():
                score_case(scores[name], case, reader)
    took = time.perf_counter() - started
    table = Table(*HEADINGS, title=f"Deformation corpus: {count:,} workbooks, {took:.0f} s")
    for name, score in scores.items():
        table.add_row(name, *score.row())
    console = Console()
    console.width = max(console.width, 130)
    console.print(table)
    with tempfile.TemporaryDirectory(prefix="nq57-judged-") as folder:
        for agency in JUDGED:
            show_judged(agency, judge(shelf, agency, Path(folder) / agency))
    if "--why" in sys.argv:
        explain(scores["NQ57 Monitor"])


def show_judged(agency: str, judged: Judged) -> None:
    """What only rules can find, and what they say of cells without fault."""
    print(
        f"{agency}: contradictions found at their cell by the rules"
        f" {judged.located} of {len(judged.faults)}; other findings on"
        f" {len(judged.clean_found)} of {judged.clean:,} cells"
        + (f"; missed: {', '.join(judged.missed)}" if judged.missed else "")
    )


def explain(score: Score) -> None:
    """Causes by number of cells, each with an example: for whoever mends the reader."""
    for title, counted, prefix in (
        ("silently wrong", score.wrong, ""),
        ("flagged though certain", score.refused, "refused "),
        ("faults not at their cell", score.unlocated, "unlocated "),
    ):
        print(f"\n{title}:")
        for cause, number in counted.most_common():
            print(f"{number:6} {cause}: {score.examples.get(prefix + cause, '')}")


if __name__ == "__main__":
    main()
