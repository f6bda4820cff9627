"""What the page says of databases, indicators and commune criteria.

What belongs here: these questions, as SQL. What does not: measures, which all forms have alike
(`content.py`), and how it looks (`datasets.html.j2`, `indicators.html.j2`, `communes.html.j2`).
"""

from __future__ import annotations

from typing import Any

import duckdb

from pipelines.report.answers import Row, ask

LISTS = """
    with standing as (
        select * from marts.fct_datasets
        where is_counted and $day between valid_from and coalesce(valid_to, date '9999-12-31')
    ),
    listed as (
        select dataset_code, coalesce(list_source, '') as list_source
        from marts.bridge_dataset_lists
        where withdrawn_on is null
        union all
        select dataset_code, null from marts.dim_datasets where withdrawn_on is null
    )
    select list_source, list_source is null as is_total, count(*) as datasets,
        count(standing.dataset_code) as reported,
        -- A share adds up rows that have both counts.
        sum(records_held) filter (where records_due > 0)
            / nullif(sum(records_due) filter (where records_held is not null), 0)
            as coverage_share,
        sum(records_verified) filter (where records_held is not null)
            / nullif(sum(records_held) filter (where records_verified is not null), 0)
            as verified_share,
        sum(records_duplicate) filter (where records_held is not null)
            / nullif(sum(records_held) filter (where records_duplicate is not null), 0)
            as duplicate_share,
        count_if(is_within_cycle) as within_cycle, count_if(is_connected) as connected,
        count_if(consumer_count > 0) as consumed, sum(consumer_count) as consumers
    from listed
    inner join marts.dim_datasets as datasets using (dataset_code)
    left join standing
        on standing.dataset_code = listed.dataset_code
        and standing.current_agency_code = datasets.agency_code
    group by list_source order by is_total, datasets desc, list_source
"""

SELF_SCORES = """
    select dimension, count(*) as datasets, avg(declared) as declared, avg(measured) as measured,
        avg(difference) as difference
    from (
        unpivot (select * from marts.fct_datasets
            where is_counted and $day between valid_from and coalesce(valid_to, date '9999-12-31'))
        on (declared_correct_score, measured_correct_score, difference_correct_score) as 'correct',
            (declared_sufficient_score, measured_sufficient_score, difference_sufficient_score)
                as 'sufficient',
            (declared_clean_score, measured_clean_score, difference_clean_score) as 'clean',
            (declared_living_score, measured_living_score, difference_living_score) as 'living'
        into name dimension value declared, measured, difference
    )
    where difference is not null group by dimension
    order by list_position(['correct', 'sufficient', 'clean', 'living'], dimension)
"""

DECLARED_MOST = """
    select facts.dataset_code, names.dataset_name, facts.* exclude (dataset_code),
        greatest(
            abs(difference_correct_score), abs(difference_sufficient_score),
            abs(difference_clean_score), abs(difference_living_score)) as largest,
        coalesce(agencies.name_vi, facts.current_agency_code) as name_vi,
        coalesce(agencies.name_en, '') as name_en
    from marts.fct_datasets as facts
    left join marts.dim_datasets as names using (dataset_code)
    left join marts.dim_agencies as agencies
        on agencies.agency_code = facts.current_agency_code
        and $day between agencies.valid_from and coalesce(agencies.valid_to, date '9999-12-31')
    where facts.is_counted
        and $day between facts.valid_from and coalesce(facts.valid_to, date '9999-12-31')
        and largest >= 0.05
    order by largest desc, facts.dataset_code limit 20
"""

INDICATORS = """
    with newest as (
        select * from marts.fct_indicators
        where is_counted and $day between valid_from and coalesce(valid_to, date '9999-12-31')
            and measured_on <= $day
        qualify row_number() over (
            partition by indicator_code, current_agency_code order by measured_on desc) = 1
    )
    select dims.indicator_code, dims.indicator_name, dims.target, dims.target_operator,
        dims.target_upper_bound, dims.target_on, dims.direction,
        coalesce(newest.unit, dims.unit) as unit, newest.value, newest.operator,
        newest.upper_bound, newest.measured_on, newest.gap, newest.has_met_target,
        newest.source, coalesce(agencies.name_vi, dims.agency_code) as name_vi,
        coalesce(agencies.name_en, '') as name_en
    from marts.dim_indicators as dims
    left join newest
        on newest.indicator_code = dims.indicator_code
        and newest.current_agency_code = dims.agency_code
    left join marts.dim_agencies as agencies
        on agencies.agency_code = dims.agency_code
        and $day between agencies.valid_from and coalesce(agencies.valid_to, date '9999-12-31')
    where dims.withdrawn_on is null
    order by newest.value is null, dims.target is null, dims.indicator_code
"""

COMMUNES = """
    with standing as (
        select coverage.*, agencies.name_vi, agencies.name_en
        from marts.commune_coverage as coverage
        left join marts.dim_agencies as agencies
            on agencies.agency_code = coverage.agency_code
            and $day between agencies.valid_from
            and coalesce(agencies.valid_to, date '9999-12-31')
        where $day between coverage.valid_from
            and coalesce(coverage.valid_to, date '9999-12-31')
    ),
    lines as (
        select agency_code, name_vi, name_en, communes_registered, communes_reported,
            communes_meeting_all, criteria_expected, criteria_reported, criteria_met
        from standing
        union all
        select 'all', null, null, sum(communes_registered), sum(communes_reported),
            sum(communes_meeting_all), sum(criteria_expected), sum(criteria_reported),
            sum(criteria_met)
        from standing having count(*) > 0
    )
    select *, criteria_reported / nullif(criteria_expected, 0) as coverage_share,
        criteria_met / nullif(criteria_reported, 0) as met_share
    from lines order by agency_code != 'all', name_vi, agency_code
"""


def read(connection: duckdb.DuckDBPyConnection, day: dict[str, Any]) -> Row:
    """Everything about these forms that the template needs."""
    return {
        "lists": ask(connection, LISTS, day),
        "self_scores": ask(connection, SELF_SCORES, day),
        "declared_most": ask(connection, DECLARED_MOST, day),
        "indicators": ask(connection, INDICATORS, day),
        "communes": ask(connection, COMMUNES, day),
    }
