select
    decided_at,
    decided_by,
    kind,
    key,
    answer,
    reason,
    expires_on
from {{ source("raw", "decisions") }}
