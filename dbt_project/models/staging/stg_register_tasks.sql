select *
from {{ source("raw", "register_tasks") }}
