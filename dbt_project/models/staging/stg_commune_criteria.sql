select *
from {{ source("raw", "commune_criteria") }}
