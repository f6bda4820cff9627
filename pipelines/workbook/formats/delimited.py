"""Text files with separators: which separator, and the one sheet that they hold.

What belongs here: CSV, TSV and "Unicode text" as Excel and other programs write them, quoted or
not. What does not: bytes and encodings (`byte_text.py`), meaning of cells.

A separator is only taken when it explains more lines than any other; else the file is refused by
name. A line with more or fewer cells than the table has lost or gained a separator somewhere, and
nobody can say which of its cells stand where: they keep their text and have no value.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from pipelines.workbook.formats.byte_text import Decoded, decode
from pipelines.workbook.layout.notes import Note
from pipelines.workbook.limits import Limits, Refusal
from pipelines.workbook.sheet import Cell, Reader, Sheet, cell_of, sheet_of

_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_GIVEN = re.compile(r'sep=([^"\w\r\n ])(?:\r\n|\r|\n)', re.IGNORECASE)
_LINES_TRIED = 2_000
_FEWEST = 0.5  # of the lines must be lines of the table; of a letter with commas they are not
# What spreadsheet programs write of an error, and of a number that is wider than its column.
_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|##+)|Err:\d{3}")
_LONGEST_CELL = 10_000_000

Record = list[str]


class Fit(NamedTuple):
    """How well a separator explains a file: so many lines have just so many cells."""

    lines: int
    width: int
    separator: str


def read_delimited(path: Path, reader: Reader, limits: Limits) -> tuple[Sheet, ...] | Refusal:
    """Read a text file, with the csv module or with a second parser that owes it nothing."""
    decoded = decode(path.read_bytes())
    if isinstance(decoded, Refusal):
        return decoded
    csv.field_size_limit(_LONGEST_CELL)
    said = _GIVEN.match(decoded.text)
    text = decoded.text[said.end() :] if said else decoded.text
    fit = _best_fit(text, (said[1],) if said else tuple(_SEPARATORS))
    if isinstance(fit, Refusal):
        return fit
    parse = _split if reader == "openpyxl" else _csv_records
    try:
        records = _within(parse(text, fit.separator), limits)
    except csv.Error as error:
        return Refusal("unreadable_file", f"text with separators: {error}")
    if isinstance(records, Refusal):
        return records
    first = next((n for n, record in enumerate(records) if len(record) == fit.width), 0)
    above = len(records[first - 1]) if first else 0
    if _is_torn_header(above, fit.width):
        detail = f"{above} cells in line {first}, {fit.width} in those below"
        return Refusal("unknown_delimiter", detail)
    return (_sheet(records, first, fit, decoded),)


def _best_fit(text: str, separators: Sequence[str]) -> Fit | Refusal:
    fits = sorted((_fit(text, one) for one in separators if one in text), reverse=True)
    if not fits or not fits[0].lines:
        return Refusal("unreadable_file", "neither a workbook nor a table with separators")
    best, *others = fits
    if others and others[0].lines == best.lines:
        names = f"{_SEPARATORS[best.separator]} or {_SEPARATORS[others[0].separator]}"
        return Refusal("unknown_delimiter", f"{names}: both fit {best.lines} lines")
    return best


def _fit(text: str, separator: str) -> Fit:
    """The width that most cells of the file lie in; no line fits when most lines are no table."""
    try:
        counts = _widths(_csv_records(text, separator))
    except csv.Error:  # a stray quote: the file is refused for it if this is its separator
        counts = _widths(_csv_records(text, separator, has_quotes=False))
    width = max((n for n in counts if n > 1), key=lambda n: (n * counts[n], n), default=0)
    lines = counts[width] if counts[width] >= _FEWEST * counts.total() else 0
    return Fit(lines, width, separator)


def _widths(records: Iterator[Record]) -> Counter[int]:
    return Counter(len(record) for record in islice(records, _LINES_TRIED) if any(record))


def _csv_records(text: str, separator: str, *, has_quotes: bool = True) -> Iterator[Record]:
    quoting = csv.QUOTE_MINIMAL if has_quotes else csv.QUOTE_NONE
    lines = StringIO(text, newline="")
    return csv.reader(lines, delimiter=separator, strict=True, quoting=quoting)


def _split(text: str, separator: str) -> Iterator[Record]:
    """The same by a regular expression: one field and what ends it, again and again."""
    end = re.escape(separator)
    quoted, plain = r'"([^"]*(?:""[^"]*)*)"', rf'((?!")[^{end}\r\n]*)'
    field = re.compile(rf"(?:{quoted}|{plain})({end}|\r\n|\r|\n|\Z)")
    place = 0
    record: Record = []
    while place < len(text) or record:
        match = field.match(text, place)
        if match is None:
            line = text.count("\n", 0, place) + 1
            raise csv.Error(f"line {line}: quotes that do not enclose a cell")
        record.append((match[1] or "").replace('""', '"') or match[2] or "")
        place = match.end()
        if match[3] != separator:
            yield record
            record = []


def _within(records: Iterable[Record], limits: Limits) -> list[Record] | Refusal:
    kept: list[Record] = []
    cells = 0
    for record in records:
        if len(record) > limits.columns:
            return Refusal("over_limit", f"{len(record)} cells in line {len(kept) + 1}")
        cells += len(record)
        if cells > limits.cells:
            return Refusal("over_limit", f"more than {limits.cells} cells")
        kept.append(record)
    return kept


def _is_torn_header(cells: int, width: int) -> bool:
    """Whether the line above the table is its header, torn by unquoted commas in it or below it.

    A pair of a label and an answer may stand there, and a title.
    """
    return cells > width or cells == width - 1 > 1 or (cells > 2 and cells * 2 >= width)


def _sheet(records: Sequence[Record], first: int, fit: Fit, decoded: Decoded) -> Sheet:
    """The table from its first line on; the lines above it may be of any width."""
    cell = cache(_cell)  # a file says the same few things again and again
    grid = [
        [_unplaced(text) for text in record]
        if number > first and _is_torn(record, fit.width)
        else [cell(text) for text in record]
        for number, record in enumerate(records)
    ]
    notes = (
        Note(None, "CSV", "encoding", decoded.encoding),
        Note(None, "CSV", "delimiter", _SEPARATORS.get(fit.separator, fit.separator)),
    )
    return replace(sheet_of("CSV", grid), notes=notes)


def _is_torn(record: Record, width: int) -> bool:
    """Whether a line has other cells than the table; a lone first cell is a title or a footnote."""
    is_short = len(record) < width and any(record[1:])
    return is_short or any(record[width:])


def _unplaced(text: str) -> Cell | None:
    return Cell(text, "unplaced", None) if text.strip() else None


def _cell(text: str) -> Cell | None:
    return Cell(text, "error", None) if _ERROR.fullmatch(text) else cell_of(text)
