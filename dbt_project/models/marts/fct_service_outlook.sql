with current_state as (
    select
        trends.*,
        cast(policies.value as double) as target_share,
        12 - trends.period_number as remaining_periods,
        trends.received_to_date / trends.periods * (12 - trends.period_number)
            as expected_received_remaining
    from {{ ref("int_service_trends") }} as trends
    inner join {{ ref("policies") }} as policies on policies.policy = 'online_dossier_target'
    where trends.next_number is null
),

projected as (
    -- The months after the newest one.
    select
        as_of_date,
        agency_code,
        avg(share) as share,
        avg(share_low) as share_low,
        avg(share_high) as share_high
    from {{ ref("int_service_forecasts") }}
    where next_number is null
    group by as_of_date, agency_code
),

back_tests as (
    -- Each month foretold from those before it.
    select
        as_of_date,
        agency_code,
        count(*) as backtest_count,
        count(*) filter (where next_share between share_low and share_high) as backtest_covered,
        round(avg(abs(next_share - share)), 6) as backtest_mean_absolute_error
    from {{ ref("int_service_forecasts") }}
    where period_number = next_number and next_share is not null
    group by as_of_date, agency_code
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
            (
                current_state.fully_online_to_date
                + current_state.expected_received_remaining * coalesce(projected.{{ bound }}, 0)
            )
            / nullif(
                current_state.received_to_date + current_state.expected_received_remaining, 0
            ) as projected_{{ bound }},
        {% endfor %}
        coalesce(back_tests.backtest_count, 0) as backtest_count,
        coalesce(back_tests.backtest_covered, 0) as backtest_covered,
        back_tests.backtest_mean_absolute_error
    from current_state
    left join projected
        on
            current_state.as_of_date = projected.as_of_date
            and current_state.agency_code = projected.agency_code
    left join back_tests
        on
            current_state.as_of_date = back_tests.as_of_date
            and current_state.agency_code = back_tests.agency_code
)

select
    as_of_date,
    agency_code,
    periods,
    period_end as newest_period_end,
    {{ administrative_year_end("as_of_date") }} as year_end,
    remaining_periods,
    cast(received_to_date as bigint) as received_to_date,
    cast(fully_online_to_date as bigint) as fully_online_to_date,
    fully_online_to_date / nullif(received_to_date, 0) as share_to_date,
    target_share,
    round(expected_received_remaining) as expected_received_remaining,
    round(greatest(needed_share, 0), 6) as needed_share,
    case
        when remaining_periods = 0 then share_to_date >= target_share
        else needed_share <= 1
    end as is_reachable,
    case when spread is not null then round(projected_share, 6) end as projected_share,
    case when spread is not null then round(projected_share_low, 6) end as projected_low,
    case when spread is not null then round(projected_share_high, 6) end as projected_high,
    backtest_count,
    backtest_covered,
    backtest_mean_absolute_error
from ways
