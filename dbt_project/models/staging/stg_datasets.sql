select *
from {{ source("raw", "datasets") }}
