{{ by_day() }}

with current_state as (
    select
        trends.*,
        cast(policies.value as double) as target_share,
        {{ year_end(year_that_counts("trends.as_of_date")) }} as year_end,
        -- Nothing can be done any more about a year that has ended.
        case when trends.as_of_date <= year_end then 12 - trends.period_number else 0 end
            as remaining_periods,
        -- A mean of months that have passed, however many of them a row speaks of.
        trends.received_to_date / nullif(trends.period_number, 0) * remaining_periods
            as expected_received_remaining
    from {{ ref("int_service_trends") }} as trends
    inner join {{ ref("policies") }} as policies on policies.policy = 'online_dossier_target'
    where trends.next_number is null
),

ways as (
    select
        current_state.*,
        (
            current_state.target_share
            * (current_state.received_to_date + current_state.expected_received_remaining)
            - current_state.fully_online_to_date
        ) / nullif(current_state.expected_received_remaining, 0) as needed_share,
        {% for bound in ["share", "share_low", "share_high"] %}
            case
                when current_state.spread is not null
                    then (
                        current_state.fully_online_to_date
                        + current_state.expected_received_remaining
                        * coalesce(projections.{{ bound }}, 0)
                    ) / (
                        current_state.received_to_date + current_state.expected_received_remaining
                    )
            end as projected_{{ bound }},
        {% endfor %}
        coalesce(projections.backtest_count, 0) as backtest_count,
        coalesce(projections.backtest_covered, 0) as backtest_covered,
        projections.backtest_mean_absolute_error
    from current_state
    left join {{ ref("int_service_projections") }} as projections
        on
            current_state.as_of_date = projections.as_of_date
            and current_state.agency_code = projections.agency_code
)

select
    as_of_date,
    agency_code,
    period_number as periods,
    period_end as newest_period_end,
    year_end,
    remaining_periods,
    cast(received_to_date as bigint) as received_to_date,
    cast(fully_online_to_date as bigint) as fully_online_to_date,
    fully_online_to_date / nullif(received_to_date, 0) as share_to_date,
    target_share,
    round(expected_received_remaining) as expected_received_remaining,
    -- Not `greatest`, which passes over NULL: when no period remains nothing is needed any more.
    case when needed_share < 0 then 0 else round(needed_share, 6) end as needed_share,
    case
        when remaining_periods = 0 then share_to_date >= target_share
        else needed_share <= 1
    end as is_reachable,
    round(projected_share, 6) as projected_share,
    round(projected_share_low, 6) as projected_low,
    round(projected_share_high, 6) as projected_high,
    backtest_count,
    backtest_covered,
    round(backtest_mean_absolute_error, 6) as backtest_mean_absolute_error
from ways
