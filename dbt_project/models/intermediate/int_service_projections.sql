-- Grain: day and agency code: what the months after the newest one come to on the line, and how
-- well the known months were foretold, each from those before it.
select
    as_of_date,
    agency_code,
    {% for bound in ["share", "share_low", "share_high"] %}
        avg({{ bound }}) filter (where next_number is null) as {{ bound }},
    {% endfor %}
    count(*) filter (where period_number = next_number and next_share is not null)
        as backtest_count,
    count(*) filter (
        where period_number = next_number and next_share between share_low and share_high
    ) as backtest_covered,
    avg(abs(next_share - share)) filter (where period_number = next_number)
        as backtest_mean_absolute_error
from {{ ref("int_service_forecasts") }}
group by as_of_date, agency_code
