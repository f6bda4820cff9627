"""A reading as files: `reading.json`, and one Parquet file per raw table.

What belongs here: names and types of the columns of schema `raw` that come from workbooks. What
does not: how they were read, how they are loaded.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, astuple
from datetime import date
from operator import attrgetter
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from pipelines.workbook.submission import FormReading, Reading
from pipelines.workbook.template import COLUMN_TYPES, Column
from pipelines.workbook.values import Parsed

_ARROW_TYPES: dict[str, pa.DataType] = {
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "double": pa.float64(),
    "varchar": pa.string(),
    "varchar[]": pa.list_(pa.string()),
}
_STRUCTURE = ("submission_id", "form", "sheet_name", "row_number", "row_class", "text")
_SOURCES = ("submission_id", "form", "sheet_name", "column_name", "column_letter", "header_text")
_FORM_ROWS = ("submission_id", "form", "sheet_name", "row_number", "record_key", "section")
_TOTALS = (
    *("submission_id", "form", "sheet_name", "row_number", "column_name", "value", "value_raw"),
    *("first_row", "last_row", "earliest_row"),
)
_GAPS = ("submission_id", "form", "sheet_name", "row_number", "column_name", "state")

_PLAIN = frozenset({int, str, float, date})
_STATE = attrgetter("state")
_BESIDE = {part: attrgetter(part) for part in ("raw", "state", "problem", "repair")}
_PRESENT = frozenset({"present"})
_ALL_BUT_UNREADABLE = frozenset({"present", "blank", "filler"})

_MANY_ROWS = 10_000
"""From here on texts are stored as places in a list of those that occur: a fifth of the time."""

Arrays = dict[str, pa.Array]


def write_reading(reading: Reading, submission_id: str, reading_key: str, folder: Path) -> None:
    """Write a reading into an empty folder: the same reading gives the same bytes."""
    tables: dict[str, list[pa.Table]] = {}
    structure: list[tuple[object, ...]] = []
    sources: list[tuple[object, ...]] = []
    form_rows: list[tuple[object, ...]] = []
    gaps: list[tuple[object, ...]] = []
    totals: list[tuple[object, ...]] = []
    for form in reading.forms if reading.status == "READ" else ():
        keys = record_keys(form)
        tables.setdefault(form.raw_table, []).append(_rows(form, keys, submission_id))
        place = (submission_id, form.form, form.sheet_name)
        structure += [(*place, row.row_number, row.row_class, row.text) for row in form.structure]
        sources += [
            (*place, source.column_name, source.column_letter, source.header_text)
            for source in form.source_columns
        ]
        sections = form.sections or (None,) * len(keys)
        rows = zip(form.row_numbers, keys, sections, strict=True)
        form_rows += [(*place, *row) for row in rows]
        totals += [(*place, *astuple(total)) for total in form.totals]
        gaps += [(*place, *gap) for gap in _gaps(form)]
    for name, parts in tables.items():
        whole = parts[0] if len(parts) == 1 else pa.concat_tables(parts, promote_options="default")
        _write(whole, folder / f"{name}.parquet")
    _write(_records(_STRUCTURE, structure), folder / "structure_rows.parquet")
    _write(_records(_SOURCES, sources), folder / "source_columns.parquet")
    _write(_records(_FORM_ROWS, form_rows), folder / "form_rows.parquet")
    _write(_records(_GAPS, gaps), folder / "gaps.parquet")
    _write(_records(_TOTALS, totals), folder / "control_totals.parquet")
    write_head(reading, submission_id, reading_key, folder)


def write_head(reading: Reading, submission_id: str, reading_key: str, folder: Path) -> None:
    """Write `reading.json` alone: all there is of a refused file."""
    head = {
        "submission_id": submission_id,
        "reading_key": reading_key,
        "status": reading.status,
        "reason_code": reading.reason_code,
        "detail": reading.detail,
        "template": reading.template,
        "template_version": reading.template_version,
        "claimed_agency_raw": reading.claimed_agency_raw,
        "claimed_agency_code": reading.claimed_agency_code,
        "reporting_date": reading.reporting_date,
        "period_start": reading.period_start,
        "period_end": reading.period_end,
        "content_hash": reading.content_hash,
        "is_invented": reading.is_invented,
        "forms": [
            {
                "form": form.form,
                "sheet_name": form.sheet_name,
                "header_row": form.header_row,
                "rows_received": len(form.row_numbers),
                "missing_columns": form.missing_columns,
                "unmatched_columns": form.unmatched_columns,
                "other_sheets": form.other_sheets,
            }
            for form in reading.forms
        ],
        "unmatched_sheets": reading.unmatched_sheets,
        "header_questions": [asdict(question) for question in reading.header_questions],
        "notes": [
            {"note_number": number, **asdict(note)}
            for number, note in enumerate(reading.notes, start=1)
        ],
    }
    text = json.dumps(head, ensure_ascii=False, indent=1, default=str)
    (folder / "reading.json").write_text(text + "\n", encoding="utf-8", errors="replace")


def record_keys(form: FormReading) -> list[str | None]:
    """What each row speaks of: its key columns joined with `/`; None when one of them is blank."""
    parts = [_key_part(parsed) for column, parsed in form.columns if column.name in form.key]
    return ["/".join(texts) if all(texts) else None for texts in zip(*parts, strict=True)]


def _key_part(parsed: Sequence[Parsed]) -> list[str]:
    """What a column gives to the key of each row; nothing where it says nothing, or zero."""
    texts: dict[int, str] = {}
    for key, cell in _distinct(parsed).items():
        value = _main(cell)
        text = "+".join(value) if isinstance(value, tuple) else value
        texts[key] = str(text) if text else ""
    return [texts[id(cell)] for cell in parsed]


def _gaps(form: FormReading) -> Iterator[tuple[int, str, str]]:
    """Cells that no rule can judge: blank or filled with nothing where a value is due, unreadable.

    A blank is excused by the row's own readable value; never by a blank or unreadable one.
    """
    read = {column.name: parsed for column, parsed in form.columns}
    for column, parsed in form.columns:
        if _judged_states(column).issuperset(map(_STATE, parsed)):
            continue
        for place, (number, cell) in enumerate(zip(form.row_numbers, parsed, strict=True)):
            if cell.state in _judged_states(column):
                continue
            is_excused = any(
                read[other][place].value in values for other, values in column.excused_when.items()
            )
            if cell.state == "unreadable" or not is_excused:
                yield number, column.name, cell.state


def _judged_states(column: Column) -> frozenset[str]:
    return _ALL_BUT_UNREADABLE if column.is_optional else _PRESENT


def _distinct(parsed: Sequence[Parsed]) -> dict[int, Parsed]:
    """What a column says, each once: cells that say the same share what was read."""
    return dict(zip(map(id, parsed), parsed, strict=True))


def _rows(form: FormReading, keys: Sequence[str | None], submission_id: str) -> pa.Table:
    count = len(form.row_numbers)
    arrays: Arrays = {
        "submission_id": pa.array([submission_id] * count, pa.string()),
        "sheet_name": pa.array([form.sheet_name] * count, pa.string()),
        "row_number": pa.array(form.row_numbers, pa.int32()),
        "record_key": pa.array(keys, pa.string()),
    }
    for column, parsed in form.columns:
        arrays |= _column(column, parsed)
    return pa.table(arrays)


def _column(column: Column, parsed: Sequence[Parsed]) -> Arrays:
    """The value of a column and its parts, and beside it text, state, problem and repair.

    Arrays of what is distinct, then one `take`: a tenth of the time for 200,000 rows (2026-11-25).
    """
    name = column.name
    kind, parts = COLUMN_TYPES[column.type]
    ids = list(map(id, parsed))
    distinct = dict(zip(ids, parsed, strict=True))
    places = dict(zip(distinct, range(len(distinct)), strict=True))
    at = pa.array(list(map(places.__getitem__, ids)), pa.int32())
    cells = list(distinct.values())

    def array(of_kind: str, values: Iterable[object]) -> pa.Array:
        listed = list(values)
        if listed.count(None) == len(listed):
            return pa.nulls(len(at), _ARROW_TYPES[of_kind])
        said = pa.array(listed, _ARROW_TYPES[of_kind])
        if of_kind == "varchar" and len(at) > _MANY_ROWS:
            return _listed(said, at)
        return said.take(at)

    completed = {
        f"{name}_{part}": array(of_part, (getattr(cell.value, part, None) for cell in cells))
        for part, of_part in parts.items()
    }
    return {
        name: array(kind, map(_main, cells)),
        **completed,
        **{f"{name}_{part}": array("varchar", map(get, cells)) for part, get in _BESIDE.items()},
    }


def _listed(said: pa.Array, at: pa.Array) -> pa.Array:
    """Texts as places in a list, as Parquet stores them; no text has no place."""
    if said.null_count == len(said):
        return pa.nulls(len(at), pa.string())
    if said.null_count:
        places = (None if text is None else place for place, text in enumerate(said.to_pylist()))
        at, said = pa.array(places, pa.int32()).take(at), said.fill_null("")
    return pa.DictionaryArray.from_arrays(at, said)


def _main(cell: Parsed) -> object:
    """The value itself, without what completes it; no agency at all is no value."""
    value = cell.value
    if type(value) in _PLAIN:
        return value
    return getattr(value, "main", value) if value != () else None


def _records(names: Sequence[str], rows: Sequence[Sequence[object]]) -> pa.Table:
    rows_of = ("row_number", "first_row", "last_row", "earliest_row")
    types = {"value": pa.float64(), **dict.fromkeys(rows_of, pa.int32())}
    return pa.table(
        {
            name: pa.array([row[place] for row in rows], types.get(name, pa.string()))
            for place, name in enumerate(names)
        }
    )


def _write(table: pa.Table, path: Path) -> None:
    if table.num_rows:
        with path.open("wb") as stream:  # by path pyarrow first loads its cloud stores, for 1.5 s
            # Small files, opened by the thousand: plain pages load twice as fast (2026-11-22).
            is_large = table.num_rows > _MANY_ROWS
            parquet.write_table(
                table, stream, compression="none", use_dictionary=is_large, write_statistics=False
            )
