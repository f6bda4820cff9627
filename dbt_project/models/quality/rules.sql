{{ config(tags=["after_quality"]) }}

select
    rule_id,
    cast(version as integer) as rule_version,
    form,
    subject,
    dimension,
    level,
    columns,
    severity,
    cast(weight as double) as weight,
    cast(is_identifier as boolean) as is_identifier,
    responsible,
    definition,
    sentence_vi,
    sentence_en,
    how_to_fix_vi,
    how_to_fix_en,
    basis
from {{ source("raw", "rules") }}
