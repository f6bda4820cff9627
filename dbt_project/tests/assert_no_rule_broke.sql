-- A rule that could not be run says nothing of the data: nothing is published from it.
{{ config(tags=["after_quality"]) }}

select
    rule_id,
    error
from {{ source("measured", "rule_outcomes") }}
where error is not null
