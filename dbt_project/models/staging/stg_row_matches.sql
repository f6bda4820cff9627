select
    submission_id,
    form,
    sheet_name,
    row_number,
    record_key,
    basis,
    score,
    verdict,
    decision_key
from {{ source("raw", "row_matches") }}
