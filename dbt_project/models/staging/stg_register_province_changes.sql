select *
from {{ source("raw", "register_province_changes") }}
