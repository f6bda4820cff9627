"""What following a number ends in, and how it is told.

What belongs here: the cells behind a number, and their lines. What does not: finding them
(`trace.py`, `trace_rows.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

MOST_ROWS_SHOWN = 30
"""More rows than these are told file by file; the record holds them all."""
SUMMED = ("numerator", "denominator")


@dataclass(frozen=True)
class SourceCell:
    """One cell behind a number; without an address when the agency never spoke of the record."""

    record_key: str
    agency_code: str
    role: str
    submission_id: str | None
    file_name: str | None
    sheet_name: str | None
    row_number: int | None
    column_name: str
    cell: str | None
    value: str | None


@dataclass(frozen=True)
class Trace:
    """A number, what it counts, and every cell behind it."""

    title: str
    notes: tuple[str, ...]
    cells: tuple[SourceCell, ...]
    subject: Literal["tasks", "rows"] = "tasks"

    @property
    def record_keys(self) -> tuple[str, ...]:
        """The records counted."""
        return tuple(dict.fromkeys(cell.record_key for cell in self.cells))

    @property
    def row_count(self) -> int:
        """The rows of workbooks behind it."""
        return len({_row_of(cell) for cell in self.cells})

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Each record, the rows that speak of it, and what their cells say; of many rows, files."""
        yield Text(self.title, style="bold")
        yield from (Text(note) for note in self.notes)
        is_long = self.subject == "rows" and self.row_count > MOST_ROWS_SHOWN
        yield from _by_file(self.cells) if is_long else _by_record(self.cells)
        cells = {(one.submission_id, one.sheet_name, one.cell) for one in self.cells if one.cell}
        files = {cell.submission_id for cell in self.cells if cell.cell}
        count = len(self.record_keys) if self.subject == "tasks" else self.row_count
        if self.cells:
            yield Text(f"{count} {self.subject}, {len(cells)} cells in {len(files)} files")


def _by_record(cells: Sequence[SourceCell]) -> Iterator[Text]:
    for record_key, of_record in groupby(cells, key=lambda cell: cell.record_key):
        yield Text(record_key, style="bold")
        for _, row in groupby(of_record, key=_row_of):
            of_row = list(row)
            first = of_row[0]
            place = f"{first.file_name} › {first.sheet_name}" if first.cell else "no report"
            yield Text(f"  {first.role:<13}{first.agency_code:<9}{place}", style="dim")
            said = (f"{cell.cell} {cell.column_name} = {cell.value or '–'}" for cell in of_row)
            if first.cell:
                yield Text(f"      {' · '.join(said)}")


def _by_file(cells: Sequence[SourceCell]) -> Iterator[Text]:
    """Of each sheet its columns: rows, number of cells, and what summed ones add up to."""
    for (file_name, sheet_name, _), of_sheet in groupby(sorted(cells, key=_sheet), key=_sheet):
        in_sheet = list(of_sheet)
        agencies = " ".join(sorted({cell.agency_code for cell in in_sheet}))
        yield Text(f"{file_name} › {sheet_name}  {agencies}", style="bold")
        for _, of_column in groupby(sorted(in_sheet, key=_column), key=_column):
            column = list(of_column)
            letter = (column[0].cell or "").rstrip("0123456789")
            total = _total(column)
            rows = _ranges(letter, [cell.row_number or 0 for cell in column])
            said = f"{len(column)} cells" + ("" if total is None else f", sum {total:,.10g}")
            yield Text(f"  {column[0].role:<13}{column[0].column_name}: {said}")
            yield Text(f"      {rows}", style="dim")


def _total(column: Sequence[SourceCell]) -> float | None:
    """What a column adds up to, yes as one; None when it only decides which rows count."""
    if column[0].role not in SUMMED or column[0].column_name.endswith("_code"):
        return None
    words = {"true": 1.0, "false": 0.0}
    values = (cell.value for cell in column if cell.value)
    return sum(words[value] if value in words else float(value) for value in values)


def _ranges(letter: str, rows: Sequence[int]) -> str:
    """Addresses of a column, neighbours joined: `G5:G7, G9`."""
    ends: list[list[int]] = []
    for row in sorted(set(rows)):
        if ends and ends[-1][1] == row - 1:
            ends[-1][1] = row
        else:
            ends.append([row, row])
    return ", ".join(f"{letter}{a}" if a == b else f"{letter}{a}:{letter}{b}" for a, b in ends)


def _row_of(cell: SourceCell) -> tuple[str, str, str, int]:
    return cell.record_key, cell.agency_code, cell.submission_id or "", cell.row_number or 0


def _sheet(cell: SourceCell) -> tuple[str, str, str]:
    return cell.file_name or "", cell.sheet_name or "", cell.submission_id or ""


def _column(cell: SourceCell) -> tuple[int, str]:
    letter = (cell.cell or "").rstrip("0123456789")
    return len(letter), letter
