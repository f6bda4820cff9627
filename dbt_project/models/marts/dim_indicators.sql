-- The newest register that lists the indicator; of several agencies the first that it names.
select
    indicator_code,
    indicator_name,
    agency_code,
    unit,
    unit_raw,
    unit_scale,
    measure_kind,
    direction,
    target * case when target_unit is null then coalesce(unit_scale, 1) else 1 end as target,
    target_operator,
    target_upper_bound * case when target_unit is null then coalesce(unit_scale, 1) else 1 end
        as target_upper_bound,
    target_on,
    case when valid_to < {{ as_of_date() }} then valid_to + 1 end as withdrawn_on,
    submission_id,
    sheet_name,
    row_number
from {{ ref("int_registered_indicators") }}
where valid_from <= {{ as_of_date() }}
qualify row_number() over (partition by indicator_code order by valid_from desc, position asc) = 1
