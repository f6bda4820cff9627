-- Grain: criterion and first day of a register that lists it.
select
    sheet_rows.*,
    standing.valid_from,
    standing.valid_to
from {{ source("raw", "register_criteria") }} as sheet_rows
inner join {{ ref("int_standing_rows") }} as standing
    on
        sheet_rows.submission_id = standing.submission_id
        and sheet_rows.row_number = standing.row_number
        and standing.form = 'register_criteria'
