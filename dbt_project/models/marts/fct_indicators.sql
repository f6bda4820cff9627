-- The newest report of each measurement.
with measured as (
    select
        *,
        coalesce(value_unit, unit) as unit_code,
        case when value_unit is null then coalesce(unit_scale, 1) else 1 end as scale
    from {{ ref("int_reported_indicators") }}
    where {{ as_of_date() }} between valid_from and valid_to
),

scaled as (
    select
        measured.*,
        measured.value * measured.scale as scaled_value,
        measured.value_upper_bound * measured.scale as scaled_upper_bound,
        registered.measure_kind,
        registered.direction,
        registered.target,
        registered.target_operator,
        registered.target_on,
        case
            when measured.unit_code != registered.unit then null
            when registered.direction = 'up' then scaled_value - registered.target
            when registered.direction = 'down' then registered.target - scaled_value
            when registered.direction = 'level' then -abs(scaled_value - registered.target)
        end as gap
    from measured
    left join {{ ref("dim_indicators") }} as registered
        on measured.indicator_code = registered.indicator_code
)

select
    measured_on,
    indicator_code,
    agency_code,
    scaled_value as value,
    value_operator as operator,
    scaled_upper_bound as upper_bound,
    unit_code as unit,
    measure_kind,
    direction,
    target,
    target_on,
    gap,
    case when gap = 0 then target_operator not in ('>', '<') else gap > 0 end as has_met_target,
    source,
    reporting_date,
    valid_from,
    case when valid_to < {{ as_of_date() }} then valid_to end as valid_to,
    submission_id,
    sheet_name,
    row_number
from scaled
