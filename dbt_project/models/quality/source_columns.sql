select
    submission_id,
    form,
    sheet_name,
    column_name,
    column_letter,
    header_text
from {{ source("raw", "source_columns") }}
