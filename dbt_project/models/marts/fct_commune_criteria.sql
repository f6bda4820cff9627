select
    reporting_date,
    commune_code,
    criterion_code,
    agency_code,
    is_met,
    value,
    value_operator as operator,
    value_unit as unit,
    checked_on,
    valid_from,
    case when valid_to < {{ as_of_date() }} then valid_to end as valid_to,
    submission_id,
    sheet_name,
    row_number
from {{ ref("int_reported_commune_criteria") }}
where reporting_date <= {{ as_of_date() }}
