select
    form,
    slice,
    column_name,
    codes,
    label_vi,
    label_en
from {{ ref("slices") }}
