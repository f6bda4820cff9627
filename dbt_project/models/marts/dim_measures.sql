select
    measure,
    unit,
    form,
    slice,
    numerator_slice,
    numerator,
    denominator,
    span,
    programme_scope,
    sentence_vi,
    sentence_en,
    definition_vi,
    definition_en
from {{ ref("measures") }}
