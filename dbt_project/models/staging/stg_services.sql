select *
from {{ source("raw", "services") }}
