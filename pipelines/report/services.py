"""What the page says of public services: the year by month, the way to the target, the league.

What belongs here: these questions, as SQL. What does not: how it looks (`services.html.j2`),
its chart (`chart.py`), and the projection itself (dbt).
"""

from __future__ import annotations

from typing import Any

import duckdb

from pipelines.report.answers import Row, ask, by

FIGURES = """
    select measures.*, figures.agency_code, figures.value, figures.numerator as above,
        figures.denominator as below
    from marts.dim_measures as measures
    inner join marts.dim_forms as forms on forms.form = measures.form
    left join marts.fct_measures as figures
        on figures.measure = measures.measure and figures.as_of_date = $day
        and figures.agency_code in ('all', 'central', 'provinces')
    where forms.subject = 'services'
    -- What is nearest to the official share first.
    order by measures.numerator not in ('dossiers_fully_online', 'dossiers_online'),
        list_position(['year', 'latest', 'standing'], measures.span), measures.measure
"""

MONTHS = """
    with counted as (
        select facts.dossiers_fully_online, facts.dossiers_received,
            unnest(['all', agencies.peer_group]) as agency_code,
            -- A month of the administrative year runs from the 15th to the 14th.
            (date_trunc('month', facts.period_end - 14) + interval '1 month 13 days')::date
                as month_end
        from marts.fct_services as facts
        left join marts.dim_agencies as agencies
            on agencies.agency_code = facts.current_agency_code
            and $day between agencies.valid_from
            and coalesce(agencies.valid_to, date '9999-12-31')
        inner join marts.fct_service_outlook as outlook
            on outlook.as_of_date = $day and outlook.agency_code = 'all'
            and facts.period_end > outlook.year_end - interval 1 year
            and facts.period_end <= least(outlook.year_end, $day)
        where facts.is_counted
            and facts.dossiers_fully_online is not null and facts.dossiers_received is not null
            and $day between facts.valid_from and coalesce(facts.valid_to, date '9999-12-31')
    ),
    months as (
        select month_end, agency_code, sum(dossiers_fully_online) as fully_online,
            sum(dossiers_received) as received
        from counted where agency_code is not null group by all
    )
    select month_end, agency_code,
        sum(fully_online) over to_date / nullif(sum(received) over to_date, 0) as value
    from months
    window to_date as (partition by agency_code order by month_end)
    qualify value is not null order by month_end, agency_code
"""

OUTLOOK = """
    select * from marts.fct_service_outlook where as_of_date = $day and agency_code = 'all'
"""

LEAGUE = """
    select figures.agency_code, figures.value, figures.numerator, figures.denominator,
        agencies.peer_group, agencies.name_vi, agencies.name_en, scores.score, scores.band,
        rank() over peers as rank, count(*) over (
            partition by agencies.peer_group, figures.value) > 1 as is_tied
    from marts.fct_measures as figures
    inner join marts.dim_agencies as agencies
        on agencies.agency_code = figures.agency_code and agencies.peer_group = $peers
        and $day between agencies.valid_from and coalesce(agencies.valid_to, date '9999-12-31')
    left join quality.scores as scores
        on scores.agency_code = figures.agency_code and scores.as_of_date = figures.as_of_date
        and scores.subject = 'services' and scores.dimension = 'all'
    where figures.as_of_date = $day and figures.measure = 'online_dossier_share'
        and figures.value is not null
    window peers as (partition by agencies.peer_group order by figures.value desc)
    order by rank, figures.denominator desc, agencies.name_vi
"""


def read(connection: duckdb.DuckDBPyConnection, day: dict[str, Any]) -> Row:
    """Everything about services that the template needs, apart from charts."""
    outlook = ask(connection, OUTLOOK, day)
    return {
        "service_figures": by("measure", ask(connection, FIGURES, day)),
        "months": ask(connection, MONTHS, day),
        "outlook": outlook[0] if outlook else None,
        "online_leagues": {
            peers: ask(connection, LEAGUE, day | {"peers": peers})
            for peers in ("central", "provinces")
        },
    }
