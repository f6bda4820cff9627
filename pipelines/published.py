"""Questions of the terminal to the newest release: an agency's blank form.

What belongs here: opening what is published, and commands that need only that. What does not: how
it is made (`release.py`, `publication.py`), what waits for a person (`waiting.py`).
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import duckdb

from pipelines.publication import DATABASE
from pipelines.settings import Settings
from pipelines.workbook.forms import blank_form, form_words
from pipelines.workbook.template import Form, load_templates

FORM = "nq57-01"
REPORTING = """
    select agency_code, peer_group from marts.dim_agencies
    where peer_group is not null and valid_to is null"""


class NothingPublished(Exception):
    """There is no release yet to ask."""


class UnknownName(Exception):
    """No such agency or release; the sentence says which names there are."""


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Open the newest release for reading. Raises NothingPublished."""
    database = settings.published / DATABASE
    if not database.exists():
        raise NothingPublished(
            f"Chưa công bố gì trong {settings.data_root}: nq57 run"
            f" · Nothing is published in {settings.data_root} yet: nq57 run"
        )
    return duckdb.connect(str(database), read_only=True)


def write_blank(settings: Settings, agency_code: str, path: Path) -> dict[str, int]:
    """Write an agency's form with what the register knows of it. Raises UnknownName.

    Gives the number of records by name of their sheet.
    """
    template = next(t for t in load_templates(settings.templates) if t.template == FORM)
    with connect(settings) as connection:
        groups = dict(connection.execute(REPORTING).fetchall())
        if agency_code not in groups:
            codes = ", ".join(sorted(groups))
            raise UnknownName(f"No reporting agency has the code {agency_code}. Codes: {codes}")
        asked = _forms_asked_of(groups[agency_code], settings.seeds)
        known = {
            name: _prefill(connection, form, agency_code)
            for name, form in template.forms.items()
            if name in asked
        }
    blank_form(template, path, agency_code, known, form_words(template, settings.seeds))
    return {template.forms[name].sheet_en: len(records) for name, records in known.items()}


def _forms_asked_of(peer_group: str, seeds: Path) -> set[str]:
    """Forms that agencies of a group fill in, by the list of forms."""
    with (seeds / "forms.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["form"] for row in csv.DictReader(file) if row["peer_group"] in {"", peer_group}
        }


def _prefill(
    connection: duckdb.DuckDBPyConnection, form: Form, agency_code: str
) -> list[dict[str, Any]]:
    """What the register knows of an agency, as the template asks for it."""
    if form.prefill is None:
        return []
    cursor = connection.execute(form.prefill, {"agency": agency_code})
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
