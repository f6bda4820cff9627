-- Grain: day, agency code and month: what was known by the end of that month, and the straight line
-- through the monthly shares up to it. The spread is NULL where seed `t_quantiles` has no quantile,
-- which is below six months, and in a year with a row of more than a month: months that nobody
-- reported on their own foretell nothing.
with fitted as (
    select
        *,
        sum(received) over so_far as received_to_date,
        sum(fully_online) over so_far as fully_online_to_date,
        count(share) over so_far as points,
        regr_slope(share, period_number) over so_far as slope,
        regr_intercept(share, period_number) over so_far as intercept,
        regr_avgx(share, period_number) over so_far as mean_number,
        regr_sxx(share, period_number) over so_far as sxx,
        regr_syy(share, period_number) over so_far as syy,
        regr_sxy(share, period_number) over so_far as sxy,
        lead(period_number) over months as next_number,
        lead(share) over months as next_share,
        bool_or(has_longer_row) over (partition by as_of_date, agency_code) as is_not_by_month
    from {{ ref("int_service_periods") }}
    window
        months as (partition by as_of_date, agency_code order by period_number),
        so_far as (
            partition by as_of_date, agency_code
            order by period_number
            rows between unbounded preceding and current row
        )
)

select
    fitted.*,
    -- Half the width of the 80 % interval, before the distance of a month is taken in.
    case
        when not fitted.is_not_by_month
            then
                quantiles.quantile * sqrt(
                    greatest(fitted.syy - fitted.sxy * fitted.sxy / fitted.sxx, 0)
                    / (fitted.points - 2)
                )
    end as spread
from fitted
left join {{ ref("t_quantiles") }} as quantiles
    on fitted.points - 2 = quantiles.degrees_of_freedom
