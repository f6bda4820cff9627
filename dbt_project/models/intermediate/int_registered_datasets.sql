-- Grain: dataset, list, agency that answers for it, and first day of a register that lists it.
-- Of two rows that come to one agency the first holds.
select
    sheet_rows.* replace (answering.agency_code as agency_code),
    answering.position,
    answering.valid_from,
    answering.valid_to
from {{ source("raw", "register_datasets") }} as sheet_rows
inner join {{ ref("int_row_agencies") }} as answering
    on
        sheet_rows.submission_id = answering.submission_id
        and sheet_rows.row_number = answering.row_number
        and answering.form = 'register_datasets'
qualify
    row_number() over (
        partition by
            sheet_rows.dataset_code,
            sheet_rows.list_source,
            answering.agency_code,
            answering.valid_from
        order by sheet_rows.row_number
    ) = 1
