-- Grain: day, agency code and month of the administrative year in which periods end: the number of
-- whole months, from the 15th to the 14th, that have passed by then. A share is of rows of just
-- that month; no other row says how it went. Counts are those of the official share: of rows that
-- have both.
{% set columns = {
    "received": "dossiers_received with dossiers_fully_online",
    "fully_online": "dossiers_fully_online with dossiers_received",
} -%}
with dossiers as (
    select
        days.as_of_date,
        amounts.agency_code,
        amounts.column_name,
        amounts.total,
        amounts.period_end,
        date_sub(
            'month',
            {{ year_start(year_of_period("amounts.period_end")) }},
            amounts.period_end + 1
        ) as period_number,
        day(amounts.period_start) = 15
        and amounts.period_end + 1 = amounts.period_start + interval 1 month as is_month,
        amounts.period_end + 1 > amounts.period_start + interval 1 month as is_longer
    from {{ ref("int_row_amounts") }} as amounts
    inner join {{ ref("int_days") }} as days
        on days.as_of_date between amounts.first_day and amounts.last_day
    where
        amounts.form = 'services'
        and amounts.column_name in ('{{ columns["received"] }}', '{{ columns["fully_online"] }}')
)

select
    as_of_date,
    agency_code,
    period_number,
    max(period_end) as period_end,
    {% for name, column in columns.items() %}
        coalesce(sum(total) filter (where column_name = '{{ column }}'), 0) as {{ name }},
        coalesce(sum(total) filter (where is_month and column_name = '{{ column }}'), 0)
            as {{ name }}_in_month,
    {% endfor %}
    round(fully_online_in_month / nullif(received_in_month, 0), 6) as share,
    bool_or(is_longer) as has_longer_row
from dossiers
group by as_of_date, agency_code, period_number
