-- Grain: day, form and agency that the rules of the form concern: how many rows the register says
-- must be there, how many of them nobody reported, whether a report stands on the day and whether
-- one was due.
{{ config(tags=["after_quality"]) }}

with counts as (
    -- Counted by the days on which rows stand, before each day is looked at: rows are many.
    select
        form,
        agency_code,
        valid_from,
        valid_to,
        count(*) as applicable_count,
        count(*) - count(submission_id) as unreported_count
    from {{ ref("int_rule_rows") }}
    group by all
),

daily as (
    select
        days.as_of_date,
        counts.form,
        counts.agency_code,
        cast(sum(counts.applicable_count) as bigint) as applicable_count,
        cast(sum(counts.unreported_count) as bigint) as unreported_count
    from counts
    inner join {{ ref("int_days") }} as days
        on days.as_of_date between counts.valid_from and counts.valid_to
    group by all
),

concerned as (
    select
        days.as_of_date,
        forms.form,
        agencies.agency_code
    from {{ ref("int_days") }} as days
    inner join {{ ref("agencies") }} as agencies
        on
            days.as_of_date
            between agencies.valid_from and coalesce(agencies.valid_to, {{ open_end() }})
    inner join {{ ref("forms") }} as forms
        on
            forms.sender = 'agency'
            and agencies.peer_group = coalesce(forms.peer_group, agencies.peer_group)

    union

    select
        as_of_date,
        form,
        agency_code
    from daily

    union

    select
        as_of_date,
        form,
        agency_code
    from {{ ref("int_rule_failures") }}
    where as_of_date in (select days.as_of_date from {{ ref("int_days") }} as days)
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
    coalesce(daily.applicable_count, 0) as applicable_count,
    coalesce(daily.unreported_count, 0) as unreported_count,
    reported.agency_code is not null as has_report,
    coalesce(first_due.due_on <= concerned.as_of_date, false) as is_due
from concerned
left join daily
    on
        concerned.as_of_date = daily.as_of_date
        and concerned.form = daily.form
        and concerned.agency_code = daily.agency_code
left join reported
    on
        concerned.as_of_date = reported.as_of_date
        and concerned.form = reported.form
        and concerned.agency_code = reported.agency_code
left join first_due
    on
        concerned.form = first_due.form
        and concerned.agency_code = first_due.agency_code
