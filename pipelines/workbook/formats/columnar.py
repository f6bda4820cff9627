"""Extracts in Parquet: one sheet named `Parquet`, its header row the names of the columns.

What belongs here: opening Parquet by pyarrow, and once more by DuckDB. What does not: what a column
means. Types are kept: whole numbers too large for a float, which would change them, are text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
from pyarrow import parquet

from pipelines.workbook.limits import Limits, Refusal
from pipelines.workbook.sheet import Cell, Reader, Sheet, cell_of, sheet_of

_EXACT = 1 << 53
_ROWS_AT_ONCE = 10_000


def read_parquet(path: Path, reader: Reader, limits: Limits) -> tuple[Sheet, ...] | Refusal:
    """Read the one table of a Parquet file."""
    with path.open("rb") as stream:  # by path pyarrow first loads its cloud stores, for 1.5 s
        try:
            file = parquet.ParquetFile(stream)
            refusal = _refusal(file, limits)
            if refusal is not None:
                return refusal
            rows = _by_duckdb(path) if reader == "openpyxl" else _by_pyarrow(file)
            grid = [[cell_of(name) for name in file.schema_arrow.names], *_cells(rows)]
        except (pa.ArrowException, duckdb.Error, OSError, ValueError, OverflowError) as error:
            return Refusal("unreadable_file", f"Parquet: {str(error)[:200]}")
    return (sheet_of("Parquet", grid),)


def _refusal(file: parquet.ParquetFile, limits: Limits) -> Refusal | None:
    facts = file.metadata
    columns = len(file.schema_arrow)
    if columns > limits.columns:
        return Refusal("over_limit", f"{columns} columns")
    if facts.num_rows * columns > limits.cells:
        return Refusal("over_limit", f"{facts.num_rows} rows of {columns} columns")
    inflated = sum(facts.row_group(n).total_byte_size for n in range(facts.num_row_groups))
    if inflated > limits.inflated_bytes:
        return Refusal("over_limit", f"{inflated} bytes inflated, limit {limits.inflated_bytes}")
    nested = [field.name for field in file.schema_arrow if not _is_flat(field.type)]
    if nested:
        return Refusal("unreadable_file", f"column {nested[0]} holds more than one value per cell")
    return None


def _is_flat(kind: pa.DataType) -> bool:
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    is_moment = pa.types.is_date(kind) or pa.types.is_timestamp(kind)
    return is_text or is_number or is_moment or pa.types.is_boolean(kind) or pa.types.is_null(kind)


def _by_pyarrow(file: parquet.ParquetFile) -> Iterable[Sequence[object]]:
    for batch in file.iter_batches(_ROWS_AT_ONCE, use_threads=False):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _by_duckdb(path: Path) -> Iterable[Sequence[object]]:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.execute("from read_parquet(?)", [str(path)]).fetchall()


def _cells(rows: Iterable[Sequence[object]]) -> Iterable[list[Cell | None]]:
    return ([None if value is None else _cell(value) for value in row] for row in rows)


def _cell(value: object) -> Cell | None:
    match value:
        case bool() | str() | float():
            return cell_of(value)
        case int() if abs(value) > _EXACT:
            return cell_of(str(value))
        case Decimal() if Decimal(repr(float(value))) == value:
            return cell_of(float(value))
        case datetime() if value.tzinfo is not None:  # which day it is depends on the place
            return cell_of(value.astimezone(UTC).isoformat())
        case _:
            return cell_of(value)
