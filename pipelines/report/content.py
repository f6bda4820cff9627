"""What the page says, read from one published database.

What belongs here: the release, definitions, and putting the sections together. What does not: the
questions of a section (`tasks.py`, `services.py`, `forms.py`, `reports.py`, `trust.py`), how it
looks (`*.html.j2`, `page.css`), charts (`chart.py`) and any computing of figures: each number is a
published one, or a sum over published rows.
"""

from __future__ import annotations

import duckdb

from pipelines.report import changes, forms, reports, services, tasks, trust
from pipelines.report.answers import Row, ask

RELEASE = "select * from history.releases where is_this_file"

MEASURES = """
    select measures.*, coalesce(forms.subject, measures.form) as subject
    from marts.dim_measures as measures left join marts.dim_forms as forms using (form)
"""

LABELS = "select * from marts.dim_labels"

PROGRAMMES = "select * from marts.dim_programmes"


def read_standing(connection: duckdb.DuckDBPyConnection) -> Row:
    """The release and the words for its state."""
    labels = {(row["list"], row["code"]): row for row in ask(connection, LABELS)}
    return {"release": ask(connection, RELEASE)[0], "labels": labels}


def read_content(connection: duckdb.DuckDBPyConnection) -> Row:
    """Everything that the template needs, apart from charts."""
    standing = read_standing(connection)
    day = {"day": standing["release"]["as_of_date"]}
    programmes = {row["programme_code"]: row for row in ask(connection, PROGRAMMES)}
    return {
        **standing,
        "measures": {row["measure"]: row for row in ask(connection, MEASURES)},
        "units": {
            code: row["label_vi"]
            for (name, code), row in standing["labels"].items()
            if name == "unit"
        },
        "programmes": programmes,
        **reports.read(connection),
        **changes.read(connection),
        **tasks.read(connection, day, programmes),
        **services.read(connection, day),
        **forms.read(connection, day),
        **trust.read(connection, day),
    }
