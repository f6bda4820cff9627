{{ config(tags=["after_quality"]) }}

with standing as (
    select
        finding_id,
        as_of_date
    from {{ ref("int_rule_failures") }}
    where not is_excepted
),

spans as (
    select
        finding_id,
        min(as_of_date) as opened_on,
        max(as_of_date) as last_on,
        count(*) as day_count
    from standing
    group by finding_id
),

-- Most findings stand on every day from their first to their last (of 5 million days of a year all
-- but a few); the days of the others are looked at one by one.
unbroken as (
    select
        finding_id,
        opened_on,
        last_on
    from spans
    where day_count = last_on - opened_on + 1
),

islands as (
    select
        standing.finding_id,
        standing.as_of_date,
        standing.as_of_date - cast(
            row_number() over (partition by standing.finding_id order by standing.as_of_date)
            as integer
        ) as island
    from standing
    anti join unbroken on standing.finding_id = unbroken.finding_id
),

stretches as (
    select
        finding_id,
        opened_on,
        last_on
    from unbroken

    union all

    select
        finding_id,
        min(as_of_date) as opened_on,
        max(as_of_date) as last_on
    from islands
    group by finding_id, island
),

episodes as (
    select
        *,
        row_number() over (partition by finding_id order by opened_on) as episode,
        case when last_on < {{ as_of_date() }} then last_on + 1 end as closed_on
    from stretches
),

latest as (
    select
        failures.*,
        episodes.episode,
        episodes.opened_on,
        episodes.closed_on
    from episodes
    inner join {{ ref("int_rule_failures") }} as failures
        on
            episodes.finding_id = failures.finding_id
            and episodes.last_on = failures.as_of_date
)

select
    latest.finding_id,
    cast(latest.episode as integer) as episode,
    latest.rule_id,
    cast(latest.rule_version as integer) as rule_version,
    latest.agency_code,
    latest.form,
    latest.record_key,
    latest.column_name,
    latest.submission_id,
    latest.sheet_name,
    latest.row_number,
    columns.column_letter || latest.row_number as cell,
    latest.related_cells,
    latest.value_found,
    latest.value_expected,
    latest.opened_on,
    latest.closed_on,
    case
        when latest.closed_on is null then 'OPEN'
        when excepted.finding_id is not null then 'EXCEPTED'
        -- Mended only when the row is there and the rule can judge it again.
        when rows.submission_id is not null and missing.rule_id is null then 'FIXED'
        else 'WITHDRAWN'
    end as state
from latest
left join {{ ref("source_columns") }} as columns
    on
        latest.submission_id = columns.submission_id
        and latest.form = columns.form
        and latest.sheet_name = columns.sheet_name
        and latest.column_name = columns.column_name
left join {{ ref("int_rule_failures") }} as excepted
    on
        latest.finding_id = excepted.finding_id
        and latest.closed_on = excepted.as_of_date
        and excepted.is_excepted
left join {{ ref("int_rule_rows") }} as rows
    on
        latest.form = rows.form
        and latest.agency_code = rows.agency_code
        and latest.record_key = rows.record_key
        and latest.closed_on between rows.valid_from and rows.valid_to
left join {{ ref("int_rule_missing") }} as missing
    on
        latest.rule_id = missing.rule_id
        and latest.agency_code = missing.agency_code
        and latest.record_key = missing.record_key
        and latest.closed_on between missing.valid_from and missing.valid_to
