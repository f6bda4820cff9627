"""pandas.read_excel and bare python-calamine, as scripts use them."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Sequence
from datetime import date, datetime

import pandas as pd
from python_calamine import load_workbook

from deformation.answers import Reader, table_reader
from deformation.cases import Case
from deformation.clean import Shelf


def pandas_reader(shelf: Shelf) -> Reader:
    """`pandas.read_excel` with its defaults, dates by `to_datetime`, day first."""

    def sheets_of(case: Case) -> dict[str, Sequence[Sequence[object]]]:
        if case.path.suffix == ".csv":
            return {"CSV": _rows(pd.read_csv(case.path))}
        found = pd.read_excel(case.path, sheet_name=None)
        return {str(name): _rows(frame) for name, frame in found.items()}

    return table_reader(sheets_of, _pandas_dates, shelf.templates, shelf.meaning)


def _rows(frame: pd.DataFrame) -> list[list[object]]:
    return [list(frame.columns), *frame.astype(object).to_numpy().tolist()]


def _pandas_dates(values: Sequence[object]) -> list[object]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pd.to_datetime(pd.Series(values, dtype=object), dayfirst=True, errors="coerce")
    return [None if pd.isna(day) else pd.Timestamp(day).date() for day in found]


def calamine_reader(shelf: Shelf) -> Reader:
    """`to_python`, first row as header, dates in text by `strptime`."""

    def sheets_of(case: Case) -> dict[str, Sequence[Sequence[object]]]:
        if case.path.suffix == ".csv":
            with case.path.open(encoding="utf-8", newline="") as stream:
                return {"CSV": list(csv.reader(stream))}
        with load_workbook(str(case.path)) as book:
            return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}

    return table_reader(sheets_of, _plain_dates, shelf.templates, shelf.meaning)


def _plain_dates(values: Sequence[object]) -> list[object]:
    return [_plain_date(value) for value in values]


def _plain_date(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return datetime.strptime(str(value).strip(), "%d/%m/%Y").date()
    except ValueError:
        return None
