select
    submission_id,
    form,
    sheet_name,
    header_row,
    rows_received,
    missing_columns,
    unmatched_columns,
    other_sheets
from {{ source("raw", "reading_forms") }}
