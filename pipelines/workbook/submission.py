"""One file, read: which template it follows, what its cover says, the typed rows of its forms.

What belongs here: the order of the steps of reading, and the one record they end in. What does not:
processes and folders (`reading.py`), how the record is stored (`record.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from pipelines.workbook.addresses import column_letter
from pipelines.workbook.cells import Cell, Reader, Sheet, read_cells
from pipelines.workbook.desk import Desk, Sent
from pipelines.workbook.file_name import name_notes
from pipelines.workbook.guard import DEFAULT_LIMITS, Limits, Refusal
from pipelines.workbook.layout.choose import HeaderQuestion, choose_layout
from pipelines.workbook.layout.cover import Field
from pipelines.workbook.layout.notes import Note
from pipelines.workbook.layout.preamble import find_dates
from pipelines.workbook.layout.rows import StructureRow, read_rows
from pipelines.workbook.layout.shared_cells import judge_shared
from pipelines.workbook.layout.shifted import judge_shifted
from pipelines.workbook.layout.sums import sum_notes
from pipelines.workbook.layout.table_notes import table_notes
from pipelines.workbook.layout.totals import ControlTotal, read_totals
from pipelines.workbook.locate import Layout, Misfit, Table
from pipelines.workbook.parsing.beside_unit import judge_quantities
from pipelines.workbook.parsing.encodings import in_unicode
from pipelines.workbook.parsing.vocabulary import Vocabulary
from pipelines.workbook.template import Column, Template
from pipelines.workbook.values import (
    BLANK,
    Parsed,
    parse_cell,
    parse_column,
)

INVENTED = "INVENTED DATA"
_MANY_LINES = 1_000


@dataclass(frozen=True)
class SourceColumn:
    """Where a column of a form is in its sheet."""

    column_name: str
    column_letter: str
    header_text: str


@dataclass(frozen=True)
class FormReading:
    """The rows of one form, column by column, and what was not taken."""

    form: str
    raw_table: str
    sheet_name: str
    header_row: int
    key: tuple[str, ...]
    row_numbers: tuple[int, ...]
    columns: tuple[tuple[Column, Sequence[Parsed]], ...]
    structure: tuple[StructureRow, ...]
    source_columns: tuple[SourceColumn, ...]
    missing_columns: tuple[str, ...]
    unmatched_columns: tuple[str, ...]
    other_sheets: tuple[str, ...] = ()
    sections: tuple[str | None, ...] = ()
    totals: tuple[ControlTotal, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What one file says, or why it was refused."""

    status: Literal["READ", "REFUSED"] = "READ"
    reason_code: str | None = None
    detail: str | None = None
    template: str | None = None
    template_version: str | None = None
    claimed_agency_raw: str | None = None
    claimed_agency_code: str | None = None
    reporting_date: date | None = None
    period_start: date | None = None
    period_end: date | None = None
    content_hash: str | None = None
    is_invented: bool = False
    forms: tuple[FormReading, ...] = ()
    unmatched_sheets: tuple[str, ...] = ()
    header_questions: tuple[HeaderQuestion, ...] = ()
    notes: tuple[Note, ...] = field(default=())

    def refused(self, reason_code: str, detail: str) -> Reading:
        """The same, refused."""
        return replace(self, status="REFUSED", reason_code=reason_code, detail=detail)


def read_file(
    sent: Sent, desk: Desk, reader: Reader = "calamine", limits: Limits = DEFAULT_LIMITS
) -> Reading:
    """Read one file; every fault that it has is in the result. `openpyxl` is the second reader."""
    sheets = read_cells(sent.path, reader, limits)
    if isinstance(sheets, Refusal):
        return Reading().refused(sheets.reason_code, sheets.detail)
    content = content_hash(sheets)
    sheets = tuple(in_unicode(sheet, desk.labels) for sheet in sheets)
    notes = tuple(note for sheet in sheets for note in sheet.notes)
    reading = Reading(content_hash=content, notes=notes)
    if not any(sheet.rows for sheet in sheets):
        return reading.refused("no_rows", "the workbook is empty")
    fitting = [one for one in desk.templates if one.fits(sent.agency_code, sent.file_name)]
    choice = choose_layout(fitting, sent.agency_code, sheets, sent.answers, desk.likeness)
    layout, notes = choice.layout, (*reading.notes, *choice.notes())
    reading = replace(reading, header_questions=choice.questions, notes=notes)
    if isinstance(layout, Misfit):
        return reading.refused("no_template", layout.reason)
    reading = _read_cover(reading, layout, sheets, desk.vocabulary)
    if reading.reporting_date is None:
        texts = (note.detail for note in reading.notes)
        detail = next((text for text in texts if text.startswith("reporting_date")), "not given")
        return reading.refused("no_reporting_date", "; ".join((detail, *choice.reasons)))
    forms = tuple(
        _read_form(table, layout.template, desk.vocabulary, reading.reporting_date)
        for table in layout.tables
    )
    notes = (
        *reading.notes,
        *name_notes(sent.file_name, layout.cover, reading.reporting_date, reading.period_start),
        *(note for form in forms for note in form.notes),
    )
    reading = replace(reading, forms=forms, notes=notes)
    if not any(form.row_numbers for form in forms):
        sheet_names = ", ".join(form.sheet_name for form in forms)
        return reading.refused("no_rows", f"no data below the header of {sheet_names}")
    return reading


def content_hash(sheets: Sequence[Sheet]) -> str:
    """The same for files whose cells say the same, whatever program saved them."""
    digest = hashlib.sha256()
    lines: list[str] = []
    for sheet in sheets:
        places = [f"{place}\x1f" for place in range(max(map(len, sheet.rows), default=0))]
        for number, row in enumerate(sheet.rows):
            head = f"{sheet.name}\x1f{number}\x1f"
            cells = zip(places, row, strict=False)
            texts = [place + cell[0] for place, cell in cells if cell is not None]
            if texts:
                lines.append(head + f"\x1e{head}".join(texts))
            if len(lines) > _MANY_LINES:  # all but the last, which may have none after it
                digest.update(_joined(lines[:-1]) + b"\x1e")
                del lines[:-1]
    digest.update(_joined(lines))
    return digest.hexdigest()


def _joined(lines: Sequence[str]) -> bytes:
    return "\x1e".join(lines).encode("utf-8", "surrogatepass")


def _read_cover(
    reading: Reading, layout: Layout, sheets: Sequence[Sheet], vocabulary: Vocabulary
) -> Reading:
    """Take identity from the constants of the template, else from the cover."""
    notes = list(reading.notes)
    cover = {**_dates_above(layout, notes), **layout.cover}

    def parsed(name: str, kind: Literal["date", "agencies"], on: date) -> Parsed:
        constant, found = layout.template.constants.get(name), cover.get(name)
        field = Column(name=name, header=name, type=kind)
        if constant is not None:
            return parse_cell(field, Cell(constant, "text", constant), vocabulary, on)
        if found is None:
            return BLANK
        value = parse_cell(field, found.cell, vocabulary, on)
        if value.problem:
            address = f"{found.sheet_name}!{column_letter(found.place)}{found.row_number}"
            detail = f"{name}: {value.problem} at {address}: {found.cell.text[:80]}"
            notes.append(Note(None, found.sheet_name, "cover_unreadable", detail))
        return value

    dates = [
        _as_date(parsed(name, "date", date.max))
        for name in ("reporting_date", "period_start", "period_end")
    ]
    agency = parsed("agency_code", "agencies", dates[0] or date.max)
    codes = agency.value if isinstance(agency.value, tuple) and not agency.problem else ()
    marked = [layout.cover_sheet] if layout.cover_sheet else sheets
    return replace(
        reading,
        template=layout.template.template,
        template_version=layout.template.version,
        claimed_agency_raw=agency.raw,
        claimed_agency_code=codes[0] if len(codes) == 1 else None,
        reporting_date=dates[0],
        period_start=dates[1],
        period_end=dates[2],
        is_invented=any(INVENTED in text for sheet in marked for text in _texts(sheet)),
        unmatched_sheets=layout.unmatched_sheets,
        notes=tuple(notes),
    )


def _dates_above(layout: Layout, notes: list[Note]) -> Mapping[str, Field]:
    """What the lines above the tables say of dates; two different ones say nothing."""
    found: dict[str, Field] = {}
    for name, phrases in layout.template.dates_after.items():
        fields = find_dates(phrases, layout.tables)
        if len(fields) == 1:
            found[name] = fields[0]
        elif fields:
            said = ", ".join(field.cell.text for field in fields)
            notes.append(Note(None, fields[0].sheet_name, "cover_unreadable", f"{name}: {said}"))
    return found


def _read_form(table: Table, template: Template, vocabulary: Vocabulary, on: date) -> FormReading:
    rows = read_rows(table, template.constants)
    columns = table.headers.columns
    made = template.constants.keys()
    parsed = tuple(
        (column, parse_column(column, rows.columns[column.name], vocabulary, on, totals))
        for column in table.form.columns
        for totals in ([t.cells[column.name] for t in rows.totals if column.name in t.cells],)
    )

    def parse(column: Column, cells: Sequence[Cell | None]) -> Sequence[Parsed]:
        return parse_column(column, cells, vocabulary, on)

    totals = read_totals(table.form, rows.totals, parse)
    certain = judge_quantities(parsed, rows.columns)
    return FormReading(
        form=table.name,
        raw_table=table.form.raw_table or table.name,
        sheet_name=table.sheet.name,
        header_row=table.header_row + 1,
        key=table.form.key,
        row_numbers=rows.row_numbers,
        columns=judge_shared(table, rows, judge_shifted(table, rows, certain, parse)),
        structure=rows.structure,
        source_columns=tuple(
            SourceColumn(name, column_letter(place), table.header_text(place))
            for name, place in sorted(columns.items(), key=lambda item: item[1])
        ),
        missing_columns=tuple(
            column.name
            for column in table.form.columns
            if column.name not in columns and column.name not in made
        ),
        unmatched_columns=_unmatched_columns(table),
        other_sheets=table.other_sheets,
        sections=rows.sections,
        totals=totals,
        notes=(*table_notes(table, rows), *sum_notes(table, rows, parsed, totals)),
    )


def _unmatched_columns(table: Table) -> tuple[str, ...]:
    """Headers that no column answers to, and letters of columns without any."""
    without_header = (f"({column_letter(place)})" for place in _columns_without_header(table))
    return (*(text for _, text in table.headers.unmatched), *without_header)


def _columns_without_header(table: Table) -> list[int]:
    """Places that hold something below the header though no header stands above."""
    rows = table.sheet.rows[table.first_row : table.end_row]
    known = {*table.headers.columns.values(), *(place for place, _ in table.headers.unmatched)}
    unknown = sorted({*range(max(map(len, rows), default=0))} - known)
    return [
        place
        for place in unknown
        if any(len(row) > place and row[place] is not None for row in rows)
    ]


def _as_date(parsed: Parsed) -> date | None:
    return parsed.value if isinstance(parsed.value, date) else None


def _texts(sheet: Sheet) -> Iterator[str]:
    return (cell.text for row in sheet.rows for cell in row if cell is not None)
