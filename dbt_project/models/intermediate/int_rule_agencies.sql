-- Grain: day, form and agency that the rules of the form concern: how many rows the register says
-- must be there, whether a report stands on the day and whether one was due.
{{ config(tags=["after_quality"]) }}

with concerned as (
    select
        days.as_of_date,
        'tasks' as form,
        agencies.agency_code
    from {{ ref("int_days") }} as days
    inner join {{ ref("agencies") }} as agencies
        on
            agencies.peer_group is not null
            and days.as_of_date
            between agencies.valid_from and coalesce(agencies.valid_to, {{ open_end() }})

    union

    select
        days.as_of_date,
        rows.form,
        rows.agency_code
    from {{ ref("int_rule_rows") }} as rows
    inner join {{ ref("int_days") }} as days
        on days.as_of_date between rows.valid_from and rows.valid_to

    union

    select
        as_of_date,
        form,
        agency_code
    from {{ ref("int_rule_failures") }}
),

applicable as (
    select
        days.as_of_date,
        rows.form,
        rows.agency_code,
        count(*) as applicable_count
    from {{ ref("int_rule_rows") }} as rows
    inner join {{ ref("int_days") }} as days
        on days.as_of_date between rows.valid_from and rows.valid_to
    group by all
),

reported as (
    select distinct
        days.as_of_date,
        reports.form,
        reports.agency_code
    from {{ ref("int_submissions") }} as reports
    inner join {{ ref("int_days") }} as days
        on days.as_of_date between reports.valid_from and reports.valid_to
),

first_due as (
    select
        form,
        agency_code,
        -- The day in Asia/Ho_Chi_Minh, 7 hours ahead of UTC all year.
        cast(min(due_at) + interval 7 hour as date) as due_on
    from {{ ref("int_expected_submissions") }}
    group by form, agency_code
)

select
    concerned.as_of_date,
    concerned.form,
    concerned.agency_code,
    coalesce(applicable.applicable_count, 0) as applicable_count,
    reported.agency_code is not null as has_report,
    coalesce(first_due.due_on <= concerned.as_of_date, false) as is_due
from concerned
left join applicable
    on
        concerned.as_of_date = applicable.as_of_date
        and concerned.form = applicable.form
        and concerned.agency_code = applicable.agency_code
left join reported
    on
        concerned.as_of_date = reported.as_of_date
        and concerned.form = reported.form
        and concerned.agency_code = reported.agency_code
left join first_due
    on
        concerned.form = first_due.form
        and concerned.agency_code = first_due.agency_code
