select
    programme_code,
    name_vi,
    name_en,
    legal_basis
from {{ ref("programmes") }}
