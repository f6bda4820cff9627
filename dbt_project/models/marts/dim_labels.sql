select
    list,
    code,
    word_vi as label_vi,
    cast(null as varchar) as label_en
from {{ ref("words") }}
where is_label
union all
select
    'form' as list,
    form as code,
    label_vi,
    label_en
from {{ ref("forms") }}
union all
select
    'dimension' as list,
    dimension as code,
    label_vi,
    label_en
from {{ ref("quality_dimensions") }}
union all
select
    list,
    code,
    label_vi,
    label_en
from {{ ref("codes") }}
