-- Grain: day, agency code and month of the administrative year, counted from the one that begins on
-- 15 December. A period belongs to the month in which it ends.
select
    days.as_of_date,
    amounts.agency_code,
    date_sub('month', {{ administrative_year_start("amounts.period_end") }}, amounts.period_end) + 1
        as period_number,
    max(amounts.period_end) as period_end,
    coalesce(sum(amounts.total) filter (where amounts.column_name = 'dossiers_received'), 0)
        as received,
    coalesce(sum(amounts.total) filter (where amounts.column_name = 'dossiers_fully_online'), 0)
        as fully_online,
    round(fully_online / nullif(received, 0), 6) as share
from {{ ref("int_row_amounts") }} as amounts
inner join {{ ref("int_days") }} as days
    on days.as_of_date between amounts.first_day and amounts.last_day
where
    amounts.form = 'services'
    and amounts.column_name in ('dossiers_received', 'dossiers_fully_online')
group by all
