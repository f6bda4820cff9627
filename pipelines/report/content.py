"""What the page says, read from one published database.

What belongs here: the questions that the page asks, as SQL, and the few choices of what is shown.
What does not: how it looks (`page.html.j2`, `page.css`), charts (`chart.py`) and any computing of
figures: each number is a published one.
"""

from __future__ import annotations

from typing import Any

import duckdb

Row = dict[str, Any]

LEADING_SCOPES = ("NQ71+KL", "KH02")
"""The scopes in which the committee reports; programmes outside them follow by themselves."""

RELEASE = "select * from history.releases where is_this_file"

MEASURES = "select * from marts.dim_measures"

PROGRAMMES = "select * from marts.dim_programmes"

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

SLOT = """
    select reporting_date, min(due_at) as due_at, count(distinct agency_code) as agencies,
        count(distinct agency_code) filter (where status = 'ACCEPTED') as accepted
    from marts.fct_submissions
    where due_at is not null and reporting_date <= $day
    group by reporting_date order by reporting_date desc limit 1
"""

SUBMISSIONS = """
    select submissions.*, coalesce(agencies.name_vi, submissions.agency_code) as name_vi,
        coalesce(agencies.name_en, '') as name_en,
        case
            when submissions.status in ('EXPECTED', 'REFUSED', 'HELD', 'RECEIVED')
                then submissions.status
            else 'LATE'
        end as standing
    from marts.fct_submissions as submissions
    left join marts.dim_agencies as agencies
        on agencies.agency_code = submissions.agency_code and agencies.valid_to is null
    where submissions.status in ('REFUSED', 'HELD', 'RECEIVED')
        or (
            submissions.reporting_date = $slot
            and (
                submissions.status = 'EXPECTED'
                or (submissions.status = 'ACCEPTED' and submissions.is_late)
            )
        )
    order by submissions.reporting_date desc nulls first, name_vi, submissions.submission_id
"""

DIMENSIONS = """
    select dimension, avg(score) as score, count_if(score is not null) as assessed,
        count_if(state = 'ASSESSED' and band = 'GREEN') as green,
        count_if(state = 'ASSESSED' and band = 'AMBER') as amber,
        count_if(state = 'ASSESSED' and band = 'RED') as red,
        count_if(state = 'NOT_SUBMITTED') as not_submitted
    from quality.scores
    where as_of_date = $day and subject = 'tasks'
        and agency_code in (select agency_code from marts.dim_agencies where peer_group is not null)
    group by all
"""

RULES = """
    with results as (
        select rule_id, sum(failed_count)::bigint as failed, sum(missing_count)::bigint as missing,
            sum(applicable_count)::bigint as applicable,
            count_if(failed_count + missing_count > 0) as agencies
        from quality.rule_results where as_of_date = $day group by all
    )
    select results.*, rules.dimension, rules.severity, rules.sentence_vi, rules.sentence_en,
        rules.how_to_fix_vi, rules.how_to_fix_en
    from results
    inner join quality.rules as rules using (rule_id)
    qualify row_number() over (partition by rule_id order by rules.rule_version desc) = 1
    order by failed + missing desc, rule_id
"""

RECONCILIATION = """
    select figures.*, coalesce(measures.sentence_vi, figures.measure) as sentence_vi,
        coalesce(measures.sentence_en, '') as sentence_en,
        coalesce(agencies.name_vi, figures.agency_code) as name_vi
    from marts.reconciliation as figures
    left join marts.dim_measures as measures using (measure)
    left join marts.dim_agencies as agencies
        on agencies.agency_code = figures.agency_code and agencies.valid_to is null
    order by figures.figure_id
"""


def read_content(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Everything that the template needs, apart from charts."""
    release = _ask(connection, RELEASE)[0]
    day = {"day": release["as_of_date"]}
    measures = {row["measure"]: row for row in _ask(connection, MEASURES)}
    programmes = {row["programme_code"]: row for row in _ask(connection, PROGRAMMES)}
    slots = _ask(connection, SLOT, day)
    figures = _ask(connection, RECONCILIATION)
    return {
        "release": release,
        "measures": measures,
        "programmes": programmes,
        "standing": _standing(_ask(connection, STANDING, day), programmes),
        "trend": _ask(connection, TREND, day),
        "late": _ask(connection, LATE, day),
        "leagues": {
            peers: _ask(connection, LEAGUE, day | {"peers": peers})
            for peers in ("central", "provinces")
        },
        "slot": slots[0] if slots else None,
        "submissions": _by(
            "standing",
            _ask(connection, SUBMISSIONS, {"slot": slots[0]["reporting_date"] if slots else None}),
        ),
        "dimensions": {row["dimension"]: row for row in _ask(connection, DIMENSIONS, day)},
        "rules": _ask(connection, RULES, day),
        "computed": [row for row in figures if row["verdict"] != "NOT_COMPUTABLE"],
        "not_computable": [row for row in figures if row["verdict"] == "NOT_COMPUTABLE"],
    }


def _ask(
    connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, Any] | None = None
) -> list[Row]:
    cursor = connection.execute(query, values or {})
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _by(column: str, rows: list[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row[column], []).append(row)
    return grouped


def _standing(rows: list[Row], programmes: dict[str, Row]) -> list[Row]:
    """One record per scope shown: its programmes, and every measure by its name."""
    scopes = _by("programme_scope", rows)
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
