select
    agency_code,
    valid_from,
    valid_to,
    name_vi,
    name_en,
    kind,
    peer_group,
    official_code,
    successor_code
from {{ ref("agencies") }}
