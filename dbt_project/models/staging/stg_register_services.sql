select *
from {{ source("raw", "register_services") }}
