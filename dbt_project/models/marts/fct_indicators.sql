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
    scaled.gap,
    case
        when scaled.gap = 0 then coalesce(scaled.target_operator, '=') not in ('>', '<')
        else scaled.gap > 0
    end as has_met_target,
    scaled.source,
    scaled.reporting_date,
    answers.answering_code as current_agency_code,
    coalesce(replaced.replaced_from > {{ as_of_date() }}, true) as is_counted,
    scaled.valid_from,
    case when scaled.valid_to < {{ as_of_date() }} then scaled.valid_to end as valid_to,
    scaled.submission_id,
    scaled.sheet_name,
    scaled.row_number
from scaled
left join {{ ref("int_agency_answers") }} as answers
    on
        scaled.agency_code = answers.agency_code
        and {{ as_of_date() }} between answers.valid_from and answers.valid_to
left join {{ ref("int_replaced_rows") }} as replaced
    on
        replaced.form = 'indicators'
        and scaled.submission_id = replaced.submission_id
        and scaled.row_number = replaced.row_number
