select
    submission_id,
    form,
    sheet_name,
    row_number,
    record_key
from {{ source("raw", "form_rows") }}
