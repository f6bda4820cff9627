-- The newest report of each measurement.
with measured as (
    select
        *,
        coalesce(value_unit, unit) as unit_code,
        case when value_unit is null then coalesce(unit_scale, 1) else 1 end as scale
    from {{ ref("int_reported_indicators") }}
    where {{ as_of_date() }} between valid_from and valid_to
),

compared as (
    select
        measured.*,
        measured.value * measured.scale as scaled_value,
        measured.value_upper_bound * measured.scale as scaled_upper_bound,
        registered.measure_kind,
        registered.direction,
        registered.target,
        registered.target_operator,
        registered.target_on,
        -- Of two units, or of none, nobody knows whether one number is above the other.
        case when measured.unit_code = registered.unit then registered.target end
            as comparable_target,
        -- What is good enough; the target itself is not where more or less than it is wanted.
        nextafter(
            comparable_target,
            case
                when registered.target_operator = '>' then cast('infinity' as double)
                when registered.target_operator = '<' then cast('-infinity' as double)
                else comparable_target
            end
        ) as good_enough,
        {{ first_allowed("scaled_value", "measured.value_operator") }} as first_allowed,
        {{ last_allowed("scaled_value", "scaled_upper_bound", "measured.value_operator") }}
            as last_allowed
    from measured
    left join {{ ref("dim_indicators") }} as registered
        on measured.indicator_code = registered.indicator_code
),

scaled as (
    -- Every number that the value allows must be good enough, or none of them.
    select
        *,
        case
            when direction = 'up' and first_allowed >= good_enough then true
            when direction = 'up' and last_allowed < good_enough then false
            when direction = 'down' and last_allowed <= good_enough then true
            when direction = 'down' and first_allowed > good_enough then false
            when direction != 'level' then null
            when first_allowed = good_enough and last_allowed = good_enough then true
            when good_enough not between first_allowed and last_allowed then false
        end as has_met_target
    from compared
)

select
    scaled.measured_on,
    scaled.indicator_code,
    scaled.agency_code,
    scaled.scaled_value as value,
    scaled.value_operator as operator,
    scaled.scaled_upper_bound as upper_bound,
    scaled.unit_code as unit,
    scaled.measure_kind,
    scaled.direction,
    scaled.target,
    scaled.target_on,
    case
        when scaled.has_met_target is null then null
        when scaled.direction = 'up' then scaled.scaled_value - scaled.comparable_target
        when scaled.direction = 'down' then scaled.comparable_target - scaled.scaled_value
        when scaled.direction = 'level' then -abs(scaled.scaled_value - scaled.comparable_target)
    end as gap,
    scaled.has_met_target,
    scaled.source,
    scaled.reporting_date,
    answers.answering_code as current_agency_code,
    {{ is_counted() }} as is_counted,
    scaled.valid_from,
    case when scaled.valid_to < {{ as_of_date() }} then scaled.valid_to end as valid_to,
    scaled.submission_id,
    scaled.sheet_name,
    scaled.row_number
from scaled
{{ join_row_standing("indicators", "scaled", as_of_date()) }}
