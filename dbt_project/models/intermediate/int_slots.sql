-- Grain: form and slot of the reporting calendar, from the first day whose reports may serve it on.
-- A rule gives slots while it holds: one day, or a day of each month (the last one of a month that
-- is too short). Which month from a 15th to a 14th a slot speaks of is the last that has ended.
with rules as (
    select
        *,
        coalesce(valid_to, {{ open_end() }}) as holds_to
    from {{ ref("reporting_calendar") }}
),

named as (
    select
        rules.*,
        rules.reporting_date as slot_on
    from rules
    where rules.kind = 'once'

    union all

    select
        rules.*,
        cast(
            least(
                months.month_start + to_days(rules.day_of_month - 1),
                last_day(months.month_start)
            ) as date
        ) as slot_on
    from rules
    cross join
        generate_series(
            date_trunc('month', rules.valid_from),
            {{ as_of_date() }} + rules.days_before,
            interval 1 month
        ) as months (month_start)
    where rules.kind = 'monthly'
),

due as (
    select
        named.*,
        case
            when named.on_day_off = 'next_working_day' then working.next_working_day
            else named.slot_on
        end as due_on
    from named
    left join {{ ref("int_working_days") }} as working on named.slot_on = working.day
    where
        named.slot_on between named.valid_from and named.holds_to
        and named.slot_on - named.days_before <= {{ as_of_date() }}
)

select
    form,
    slot_on as reporting_date,
    slot_on - days_before as serves_from,
    greatest(slot_on, due_on) as serves_to,
    cast(date_trunc('month', slot_on - 13) - interval 1 month + interval 14 day as date)
        as period_start,
    cast(date_trunc('month', slot_on - 13) + interval 13 day as date) as period_end,
    due_on,
    -- Asia/Ho_Chi_Minh is 7 hours ahead of UTC all year, since 1975.
    due_on + due_time - interval 7 hour as due_at,
    basis_vi,
    basis_en
from due
