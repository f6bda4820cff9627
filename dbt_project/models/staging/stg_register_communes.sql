select *
from {{ source("raw", "register_communes") }}
