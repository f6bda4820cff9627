-- What is missing are registered rows: never more than there are.
{{ config(tags=["after_quality"]) }}

select *
from {{ ref("rule_results") }}
where missing_count > applicable_count or failed_count < 0 or missing_count < 0
