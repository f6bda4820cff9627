"""What the page says of reports: who had to send, who has sent, and whether in time.

What belongs here: these questions, as SQL. What does not: what is due when and what became of it
(`marts.submission_rates`, `marts.fct_submissions`), and how it looks (`reports.html.j2`).
"""

from __future__ import annotations

import duckdb

from pipelines.report.answers import Row, ask, by

SLOTS = """
    -- Of each form the newest slot that is due, and the one that is open.
    select form, slot_on, period_start, period_end, due_at, is_due,
        any_value(columns(* exclude (form, slot_on, period_start, period_end, due_at, is_due,
            agency_code))) filter (agency_code = 'all'),
        any_value(on_time_share) filter (agency_code = 'central') as central_on_time_share,
        any_value(on_time_share) filter (agency_code = 'provinces') as provinces_on_time_share
    from marts.submission_rates group by form, slot_on, period_start, period_end, due_at, is_due
    qualify row_number() over (partition by form, is_due order by slot_on desc) = 1
    order by slot_on desc, form
"""

SUBMISSIONS = """
    with newest as (
        select form, max(slot_on) as slot_on from marts.submission_rates where is_due group by form
    ),
    told as (
        select submissions.*,
            case
                when status in ('REFUSED', 'HELD', 'RECEIVED') then status
                when newest.form is not null and status in ('EXPECTED', 'ACCEPTED')
                    and timeliness in ('LATE', 'MISSING', 'NEVER_SENT') then timeliness
            end as standing
        from marts.fct_submissions as submissions left join newest using (form, slot_on)
    )
    select told.agency_code, coalesce(told.slot_on, told.reporting_date) as reporting_date,
        told.submission_id, told.file_name, told.received_at, told.reason_vi, told.reason_en,
        coalesce(agencies.name_vi, told.agency_code) as name_vi,
        coalesce(agencies.name_en, '') as name_en, told.standing,
        list(told.form order by told.form) as forms
    from told
    left join marts.dim_agencies as agencies
        on agencies.agency_code = told.agency_code and agencies.valid_to is null
    where told.standing is not null
    group by all
    order by reporting_date desc nulls first, name_vi, told.submission_id
"""


def read(connection: duckdb.DuckDBPyConnection) -> Row:
    """Everything about reports that the template needs."""
    return {
        "slots": ask(connection, SLOTS),
        "submissions": by("standing", ask(connection, SUBMISSIONS)),
    }
