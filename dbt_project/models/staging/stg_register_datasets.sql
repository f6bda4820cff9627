select *
from {{ source("raw", "register_datasets") }}
