select *
from {{ source("raw", "register_criteria") }}
