-- Grain: agency, procedure, period and first day. A slot of the reporting calendar asks for the
-- months from the 15th to the 14th that have ended by then, of the administrative year of the last
-- of them, until a slot of a later year asks for other ones. They must be there by the day on which
-- it is due; before the first slot of all, nothing else says what a report may speak of.
{{ config(materialized="view") }}

with slots as (
    select
        reporting_date,
        {{ year_start(year_that_counts("reporting_date")) }} as year_start,
        case
            when reporting_date = min(reporting_date) over () then serves_from
            else due_on
        end as asked_from
    from {{ ref("int_slots") }}
    where form = 'services'
),

years as (
    select
        year_start,
        coalesce(
            lead(min(asked_from)) over (order by year_start) - 1, {{ open_end() }}
        ) as asked_to
    from slots
    group by year_start
),

periods as (
    select
        years.asked_to,
        cast(months.month_start as date) as period_start,
        cast(months.month_start + interval 1 month - interval 1 day as date) as period_end,
        min(slots.asked_from) as asked_from
    from slots
    inner join years on slots.year_start = years.year_start
    cross join
        generate_series(
            slots.year_start, slots.year_start + interval 11 month, interval 1 month
        ) as months (month_start)
    where months.month_start + interval 1 month <= slots.reporting_date + interval 1 day
    group by all
)

select
    'services' as form,
    registered.agency_code,
    concat_ws('/', registered.procedure_code, periods.period_start, periods.period_end)
        as record_key,
    greatest(registered.valid_from, periods.asked_from) as valid_from,
    least(registered.valid_to, periods.asked_to) as valid_to,
    cast([] as varchar[]) as excused_columns
from {{ ref("int_registered_services") }} as registered
inner join periods
    on
        registered.valid_from <= periods.asked_to
        and registered.valid_to >= periods.asked_from
