-- The newest report of each period; of two periods that end on one day the one that counts.
{{ by_sender("agency_code", form="'services'") }}

select
    sheet_rows.period_end,
    sheet_rows.agency_code,
    sheet_rows.procedure_code,
    sheet_rows.procedure_code_suffix as procedure_suffix,
    sheet_rows.period_start,
    sheet_rows.service_level,
    sheet_rows.dossiers_received,
    sheet_rows.dossiers_online,
    sheet_rows.dossiers_fully_online,
    sheet_rows.dossiers_resolved,
    sheet_rows.resolved_on_time,
    sheet_rows.resolved_late,
    sheet_rows.dossiers_pending,
    sheet_rows.results_digitised,
    sheet_rows.dossiers_via_vneid,
    sheet_rows.dossiers_reusing_data,
    answers.answering_code as current_agency_code,
    {{ is_counted() }} as is_counted,
    sheet_rows.reporting_date,
    sheet_rows.valid_from,
    case when sheet_rows.valid_to < {{ as_of_date() }} then sheet_rows.valid_to end as valid_to,
    sheet_rows.submission_id,
    sheet_rows.sheet_name,
    sheet_rows.row_number
from {{ ref("int_reported_services") }} as sheet_rows
{{ join_row_standing("services", "sheet_rows", as_of_date()) }}
{{ only_touched("sheet_rows", "agency_code", "'services'") }}
where {{ as_of_date() }} between sheet_rows.valid_from and sheet_rows.valid_to
qualify
    row_number() over (
        partition by sheet_rows.period_end, sheet_rows.agency_code, sheet_rows.procedure_code
        order by is_counted desc, sheet_rows.reporting_date desc, sheet_rows.period_start desc
    ) = 1
