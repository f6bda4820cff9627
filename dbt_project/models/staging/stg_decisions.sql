select
    decided_at,
    decided_by,
    kind,
    key,
    answer,
    reason
from {{ source("raw", "decisions") }}
