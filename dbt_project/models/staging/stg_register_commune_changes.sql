select *
from {{ source("raw", "register_commune_changes") }}
