select
    submission_id,
    status,
    reason_code,
    detail,
    template,
    claimed_agency_raw,
    claimed_agency_code,
    reporting_date,
    period_start,
    period_end,
    content_hash,
    is_invented,
    unmatched_sheets
from {{ source("raw", "readings") }}
