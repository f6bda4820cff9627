"""What the page says of tasks: standing by programme, trend, overdue tasks, league tables.

What belongs here: these questions, as SQL, and the choice of scopes shown. What does not: how they
look (`page.html.j2`), charts (`chart.py`), other forms.
"""

from __future__ import annotations

from typing import Any

import duckdb

from pipelines.report.answers import Row, ask, by

LEADING_SCOPES = ("NQ71+KL", "KH02")
"""The scopes in which the committee reports; programmes outside them follow by themselves."""

STANDING = """
    select programme_scope, measure, value, numerator, denominator
    from marts.fct_measures
    where as_of_date = $day and agency_code = 'all' and window_start is null
"""

TREND = """
    select programme_scope, as_of_date, measure, value from marts.fct_measures
    where agency_code = 'all' and as_of_date <= $day and measure in (
        'tasks_completed_on_time', 'tasks_completed', 'tasks_in_progress', 'tasks_overdue',
        'tasks_unknown')
    order by as_of_date
"""

LATE = """
    with leads as (
        select task_code, count(*) as leads, count_if(status_group != 'completed') as open_leads
        from marts.fct_task_agencies where as_of_date = $day and role = 'lead' group by all
    )
    select tasks.task_code, titles.title, tasks.deadline, tasks.days_overdue, tasks.status,
        tasks.percent_complete_pct, left(tasks.obstacles, 240) as obstacles,
        coalesce(agencies.name_vi, tasks.lead_agency_code) as owner_vi,
        coalesce(agencies.name_en, '') as owner_en,
        coalesce(leads.leads, 0) as leads, coalesce(leads.open_leads, 0) as open_leads
    from marts.fct_tasks as tasks
    left join marts.dim_tasks as titles using (task_code)
    left join leads using (task_code)
    left join marts.dim_agencies as agencies
        on agencies.agency_code = tasks.lead_agency_code
        and $day between agencies.valid_from and coalesce(agencies.valid_to, date '9999-12-31')
    where tasks.as_of_date = $day and tasks.is_overdue
    order by tasks.days_overdue desc, tasks.task_code
"""

LEAGUE = """
    select cards.*, agencies.name_vi, agencies.name_en,
        count(*) over (partition by cards.peer_group, cards.rank_in_peer_group) > 1 as is_tied
    from marts.agency_scorecards as cards
    left join marts.dim_agencies as agencies
        on agencies.agency_code = cards.agency_code
        and $day between agencies.valid_from and coalesce(agencies.valid_to, date '9999-12-31')
    where cards.as_of_date = $day and cards.programme_scope = '' and cards.peer_group = $peers
    order by cards.rank_in_peer_group nulls last, cards.tasks_due desc, agencies.name_vi
"""


def read(
    connection: duckdb.DuckDBPyConnection, day: dict[str, Any], programmes: dict[str, Row]
) -> Row:
    """Everything about tasks that the template needs, apart from charts."""
    return {
        "standing": _standing(ask(connection, STANDING, day), programmes),
        "trend": ask(connection, TREND, day),
        "late": ask(connection, LATE, day),
        "leagues": {
            peers: ask(connection, LEAGUE, day | {"peers": peers})
            for peers in ("central", "provinces")
        },
    }


def _standing(rows: list[Row], programmes: dict[str, Row]) -> list[Row]:
    """One record per scope shown: its programmes, and every measure by its name."""
    scopes = by("programme_scope", rows)
    led = {code for scope in LEADING_SCOPES for code in scope.split("+")}
    shown = [*LEADING_SCOPES, *(code for code in programmes if code not in led)]
    records = [
        {
            "scope": scope,
            "programmes": [programmes[code] for code in scope.split("+") if code in programmes],
            **{row["measure"]: row["value"] for row in scopes.get(scope, [])},
        }
        for scope in shown
    ]
    return [record for record in records if record.get("tasks_assigned")]
