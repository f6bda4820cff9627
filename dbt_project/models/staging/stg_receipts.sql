select
    submission_id,
    agency_code,
    channel,
    file_name,
    nullif(sha256, '') as sha256,
    size_bytes,
    sent_at,
    received_at,
    status,
    reason_code,
    detail
from {{ source("raw", "receipts") }}
