-- Grain: day, agency code, month from which is looked ahead, and later month of the year: its share
-- on the straight line, with the 80 % interval of a new observation.
with forecasts as (
    select
        trends.as_of_date,
        trends.agency_code,
        trends.period_number as origin_number,
        trends.next_number,
        trends.next_share,
        ahead.period_number,
        trends.intercept + trends.slope * ahead.period_number as share,
        trends.spread * sqrt(
            1
            + 1 / trends.points
            + (ahead.period_number - trends.mean_number) ** 2 / trends.sxx
        ) as margin
    from {{ ref("int_service_trends") }} as trends
    inner join range(1, 13) as ahead (period_number)
        on trends.period_number < ahead.period_number
    where trends.spread is not null
)

select
    as_of_date,
    agency_code,
    origin_number,
    next_number,
    next_share,
    period_number,
    least(greatest(share, 0), 1) as share,
    least(greatest(share - margin, 0), 1) as share_low,
    least(greatest(share + margin, 0), 1) as share_high
from forecasts
