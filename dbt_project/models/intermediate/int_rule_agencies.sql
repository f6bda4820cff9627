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
)

select
    concerned.as_of_date,
    concerned.form,
    concerned.agency_code,
    coalesce(applicable.applicable_count, 0) as applicable_count,
    exists (
        select 1
        from {{ ref("int_submissions") }} as reports
        where
            reports.form = concerned.form
            and reports.agency_code = concerned.agency_code
            and concerned.as_of_date between reports.valid_from and reports.valid_to
    ) as has_report,
    exists (
        select 1
        from {{ ref("int_expected_submissions") }} as expected
        where
            expected.form = concerned.form
            and expected.agency_code = concerned.agency_code
            and cast(expected.due_at + interval 7 hour as date) <= concerned.as_of_date
    ) as is_due
from concerned
left join applicable
    on
        concerned.as_of_date = applicable.as_of_date
        and concerned.form = applicable.form
        and concerned.agency_code = applicable.agency_code
