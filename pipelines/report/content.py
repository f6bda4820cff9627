"""What the page says, read from one published database.

What belongs here: the release, definitions, who has sent, and putting the sections together. What
does not: the questions of a section (`tasks.py`, `services.py`, `forms.py`, `trust.py`), how it
looks (`*.html.j2`, `page.css`), charts (`chart.py`) and any computing of figures: each number is a
published one, or a sum over published rows.
"""

from __future__ import annotations

import duckdb

from pipelines.report import forms, services, tasks, trust
from pipelines.report.answers import Row, ask, by

RELEASE = "select * from history.releases where is_this_file"

MEASURES = """
    select measures.*, coalesce(forms.subject, measures.form) as subject
    from marts.dim_measures as measures left join marts.dim_forms as forms using (form)
"""

LABELS = "select * from marts.dim_labels"

PROGRAMMES = "select * from marts.dim_programmes"

SLOTS = """
    select form, reporting_date, min(due_at) as due_at, count(distinct agency_code) as agencies,
        count(distinct agency_code) filter (status = 'ACCEPTED') as accepted
    from marts.fct_submissions
    where due_at is not null and reporting_date <= $day
    group by form, reporting_date
    qualify row_number() over (partition by form order by reporting_date desc) = 1
    order by reporting_date desc, form
"""

SUBMISSIONS = """
    with slots as (
        select form, max(reporting_date) as reporting_date from marts.fct_submissions
        where due_at is not null and reporting_date <= $day group by form
    )
    select submissions.agency_code, submissions.reporting_date, submissions.submission_id,
        submissions.file_name, submissions.received_at, submissions.reason_vi,
        submissions.reason_en,
        coalesce(agencies.name_vi, submissions.agency_code) as name_vi,
        coalesce(agencies.name_en, '') as name_en,
        case
            when submissions.status in ('EXPECTED', 'REFUSED', 'HELD', 'RECEIVED')
                then submissions.status
            else 'LATE'
        end as standing,
        list(submissions.form order by submissions.form) as forms
    from marts.fct_submissions as submissions
    left join slots using (form, reporting_date)
    left join marts.dim_agencies as agencies
        on agencies.agency_code = submissions.agency_code and agencies.valid_to is null
    where submissions.status in ('REFUSED', 'HELD', 'RECEIVED')
        or (
            slots.form is not null
            and (
                submissions.status = 'EXPECTED'
                or (submissions.status = 'ACCEPTED' and submissions.is_late)
            )
        )
    group by all
    order by submissions.reporting_date desc nulls first, name_vi, submissions.submission_id
"""


def read_content(connection: duckdb.DuckDBPyConnection) -> Row:
    """Everything that the template needs, apart from charts."""
    release = ask(connection, RELEASE)[0]
    day = {"day": release["as_of_date"]}
    programmes = {row["programme_code"]: row for row in ask(connection, PROGRAMMES)}
    labels = ask(connection, LABELS)
    return {
        "release": release,
        "measures": {row["measure"]: row for row in ask(connection, MEASURES)},
        "labels": {(row["list"], row["code"]): row for row in labels},
        "units": {row["code"]: row["label_vi"] for row in labels if row["list"] == "unit"},
        "programmes": programmes,
        "slots": ask(connection, SLOTS, day),
        "submissions": by("standing", ask(connection, SUBMISSIONS, day)),
        **tasks.read(connection, day, programmes),
        **services.read(connection, day),
        **forms.read(connection, day),
        **trust.read(connection, day),
    }
