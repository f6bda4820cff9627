"""Deformations that leave every cell readable and the report untrue: rules must find them.

What belongs here: rows that contradict themselves, their neighbours or the report before. What does
not: cells that cannot be read (`cells.py`).
"""

from __future__ import annotations

import random

from deformation.book import Book, Expected, Mark
from deformation.deform import Deform, Said, places, put
from pipelines.sample.draft import DraftRow, DraftTable
from pipelines.sample.row_traps import LOSSES, ROW_TRAPS, RowTrap
from pipelines.workbook.template import Form


def _contradiction(trap: str, form: str, row_trap: RowTrap) -> Deform:
    """One row of a form says what cannot be true."""
    name = getattr(row_trap, "__name__", trap)

    def apply(rng: random.Random, book: Book) -> bool:
        tables = [table for table in book.draft.tables if table.form == form]
        rows = [(table, row) for table in tables for row in table.rows if row.record_key]
        able = [(t, row, changes) for t, row in rows if (changes := row_trap(row.cells))]
        able = [one for one in able if not _touched(book, one[0], one[1])]
        if not able:
            return False
        table, row, changes = rng.choice(able)
        _change(book, table, row, changes, f"{trap} {name}")
        return True

    return Deform(trap, name, "cells", "fault", apply)


def _touched(book: Book, table: DraftTable, row: DraftRow) -> bool:
    marks = (Mark(table.form, str(row.record_key), column) for column in row.cells)
    return any(book.expected[mark].trap for mark in marks if mark in book.expected)


def _change(book: Book, table: DraftTable, row: DraftRow, changes: dict, trap: str) -> None:
    form: Form = book.template.forms[table.form]
    for column, written in changes.items():
        expected = book.expected[Mark(table.form, str(row.record_key), column)]
        row.cells[column] = written
        expected.value = book.meaning.of(form.column(column), written)
        expected.outcome, expected.trap = "fault", trap


def percent_out_of_range(rng: random.Random, book: Book) -> bool:
    """More than all of it."""
    found = [place for place in places(book, ("percent",)) if place.value is not None]
    if found:
        place = rng.choice(found)
        put(book, place, Said(150, 150.0), "T35 percent_out_of_range", "fault")
    return bool(found)


def same_task_in_other_words(rng: random.Random, book: Book) -> bool:
    """A task once more under another code, with its wording turned round."""
    tables = [table for table in book.draft.tables if table.form == "tasks" and table.rows]
    if not tables:
        return False
    table = tables[0]
    row = rng.choice(table.rows)
    cells = dict(row.cells) | {"task_code": "NQ71-998"}
    cells["title"] = f"Tiếp tục {str(cells['title'])[:1].lower()}{str(cells['title'])[1:]}"
    table.rows.append(DraftRow(cells, "NQ71-998"))
    for column in book.template.forms["tasks"].columns:
        mark = Mark("tasks", "NQ71-998", column.name)
        old = book.expected[Mark("tasks", str(row.record_key), column.name)]
        value = {"task_code": "NQ71-998", "title": cells["title"]}.get(column.name, old.value)
        book.expected[mark] = type(old)(value, "kept", "")
    book.expected[Mark("tasks", "NQ71-998", "task_code")].trap = "T47 same_task_in_other_words"
    book.expected[Mark("tasks", "NQ71-998", "task_code")].outcome = "fault"
    return True


def _loss(name: str) -> Deform:
    """Rows missing, doubled, unknown or without code."""
    trap = {"missing_row": "T52", "row_without_code": "T11"}.get(name, "T47")

    def apply(rng: random.Random, book: Book) -> bool:
        tables = [
            t for t in book.draft.tables if t.form in ("tasks", "datasets") and len(t.rows) > 3
        ]
        if not tables:
            return False
        table = rng.choice(tables)
        free = [row for row in table.rows if not _touched(book, table, row)]
        if len(free) < 2:
            return False
        known = {row.record_key for row in table.rows}
        lost = LOSSES[name](rng, table, free)
        _note_loss(book, table, name, lost.record_key, lost.record_key in known, trap)
        return True

    return Deform(trap, name, "cells", "fault", apply)


def _note_loss(
    book: Book, table: DraftTable, name: str, key: str | None, was_known: bool, trap: str
) -> None:
    """Keep the truth in step with the rows; what is to be found is the key of the row."""
    form = book.template.forms[table.form]
    code = form.key[0]
    if name == "missing_row":
        for column in form.columns:
            book.expected.pop(Mark(table.form, str(key), column.name))
    elif key is not None and not was_known:
        row = table.rows[-1]
        for column in form.columns:
            value = book.meaning.of(column, row.cells[column.name])
            book.expected[Mark(table.form, key, column.name)] = Expected(value)
    if key is not None and name != "missing_row":
        expected = book.expected[Mark(table.form, key, code)]
        expected.outcome, expected.trap = "fault", f"{trap} {name}"


CONTRADICTIONS: tuple[Deform, ...] = (
    *(_contradiction(trap, form, row_trap) for trap, form, _, row_trap in ROW_TRAPS),
    Deform("T35", "percent_out_of_range", "cells", "fault", percent_out_of_range),
    Deform("T47", "same_task_in_other_words", "cells", "fault", same_task_in_other_words),
    *map(_loss, LOSSES),
)
