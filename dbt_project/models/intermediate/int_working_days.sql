-- Grain: day, from the year of the first slot to the end of the year after that of the run: whether
-- offices work, and the first working day from it on. Saturdays and Sundays are days off unless
-- the list says that they are worked.
with days as (
    select cast(day as date) as day
    from generate_series(
        (
            select date_trunc('year', min(coalesce(calendar.reporting_date, calendar.valid_from)))
            from {{ ref("reporting_calendar") }} as calendar
        ),
        date_trunc('year', {{ as_of_date() }}) + interval 2 year - interval 1 day,
        interval 1 day
    ) as days (day)
),

known as (
    select
        days.day,
        holidays.name_vi,
        coalesce(holidays.kind = 'working_day', isodow(days.day) < 6) as is_working_day
    from days
    left join {{ ref("public_holidays") }} as holidays on days.day = holidays.day
)

select
    day,
    name_vi,
    is_working_day,
    min(day) filter (where is_working_day) over (
        order by day rows between current row and unbounded following
    ) as next_working_day
from known
