select
    measure,
    unit,
    sentence_vi,
    sentence_en,
    definition_vi,
    definition_en
from {{ ref("measures") }}
