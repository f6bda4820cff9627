select *
from {{ source("raw", "register_indicators") }}
