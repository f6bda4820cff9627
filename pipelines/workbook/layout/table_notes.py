"""What a receipt says of a table: where its header was, what was left aside, what was hidden.

What belongs here: the notes on one table, each with row numbers or cells as its detail. What does
not: their sentences (seed `reading_notes.csv`), whether a total is right (a rule).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipelines.workbook.addresses import column_letter
from pipelines.workbook.layout.notes import Note
from pipelines.workbook.layout.row_classes import RowClass
from pipelines.workbook.layout.rows import Rows
from pipelines.workbook.layout.table import Table
from pipelines.workbook.match import SERIAL
from pipelines.workbook.parsing.text import fold

_MOST = 10
_OF_CLASS: dict[RowClass, str] = {
    "index": "index_rows",
    "section": "section_rows",
    "total": "totals",
    "note": "notes_in_table",
}


def table_notes(table: Table, rows: Rows) -> Iterator[Note]:
    """The notes on a table, in the order in which a person would look for them."""
    for code, detail in _details(table, rows):
        if detail:
            yield Note(table.name, table.sheet.name, code, detail)


def _details(table: Table, rows: Rows) -> Iterator[tuple[str, str]]:
    header = table.header
    yield "header_found", _numbers([*range(header.row + 1, header.end + 1)])
    if header.is_inferred:
        yield "header_inferred", _numbers([*range(header.row + 1, header.end + 1)])
    yield (
        "column_unmatched",
        "; ".join(
            f"{text} ({column_letter(place)})"
            for place, text in table.headers.unmatched
            if fold(text) not in SERIAL
        ),
    )
    repeats = {row + 1 for row in table.repeats}
    for row_class, code in _OF_CLASS.items():
        numbers = [one.row_number for one in rows.structure if one.row_class == row_class]
        yield code, _numbers([number for number in numbers if number not in repeats])
    yield "repeated_header", _numbers(sorted(repeats))
    yield "second_table", "; ".join(cell for cell in table.other_sheets if "!" in cell)
    yield "unknown_table", _numbers([row + 1 for row in table.unknown_at])
    yield "hidden_sheet", table.sheet.name if table.sheet.is_hidden else ""
    read = range(table.header_row + 1, table.end_row + 1)
    yield "hidden_rows", _numbers(sorted(table.sheet.hidden_rows.intersection(read)))
    hidden = table.sheet.hidden_columns.intersection(table.headers.columns.values())
    yield "hidden_columns", ", ".join(map(column_letter, sorted(hidden)))


def _numbers(numbers: Sequence[int]) -> str:
    """Row numbers, neighbours drawn together: `4-5, 9`; the first ten such parts."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1] = [parts[-1][0], number]
        else:
            parts.append([number])
    texts = ["-".join(map(str, part)) for part in parts]
    return ", ".join(texts[:_MOST]) + (" …" if len(texts) > _MOST else "")
