select
    submission_id,
    form,
    sheet_name,
    row_number,
    column_name,
    state
from {{ source("raw", "gaps") }}
