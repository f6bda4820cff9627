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
    registered.row_number is not null
    and coalesce(replaced.replaced_from > {{ as_of_date() }}, true) as is_counted,
    sheet_rows.valid_from,
    case when sheet_rows.valid_to < {{ as_of_date() }} then sheet_rows.valid_to end as valid_to,
    sheet_rows.submission_id,
    sheet_rows.sheet_name,
    sheet_rows.row_number
from known as sheet_rows
left join {{ ref("int_agency_answers") }} as answers
    on
        sheet_rows.agency_code = answers.agency_code
        and {{ as_of_date() }} between answers.valid_from and answers.valid_to
left join {{ ref("int_registered_rows") }} as registered
    on
        registered.form = 'commune_criteria'
        and sheet_rows.submission_id = registered.submission_id
        and sheet_rows.row_number = registered.row_number
        and sheet_rows.last_day between registered.valid_from and registered.valid_to
left join {{ ref("int_replaced_rows") }} as replaced
    on
        replaced.form = 'commune_criteria'
        and sheet_rows.submission_id = replaced.submission_id
        and sheet_rows.row_number = replaced.row_number
