with known as (
    select
        *,
        least(valid_to, {{ as_of_date() }}) as last_day
    from {{ ref("int_reported_commune_criteria") }}
    where reporting_date <= {{ as_of_date() }}
)

select
    sheet_rows.reporting_date,
    sheet_rows.commune_code,
    sheet_rows.criterion_code,
    sheet_rows.agency_code,
    sheet_rows.is_met,
    sheet_rows.value,
    sheet_rows.value_operator as operator,
    sheet_rows.value_unit as unit,
    sheet_rows.checked_on,
    answers.answering_code as current_agency_code,
    {{ is_counted() }} as is_counted,
    sheet_rows.valid_from,
    case when sheet_rows.valid_to < {{ as_of_date() }} then sheet_rows.valid_to end as valid_to,
    sheet_rows.submission_id,
    sheet_rows.sheet_name,
    sheet_rows.row_number
from known as sheet_rows
{{ join_row_standing("commune_criteria", "sheet_rows", "sheet_rows.last_day") }}
