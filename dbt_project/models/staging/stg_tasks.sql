select *
from {{ source("raw", "tasks") }}
