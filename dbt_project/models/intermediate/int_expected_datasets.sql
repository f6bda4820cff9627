-- Grain: owner, dataset and first day. A dataset that is in several lists is expected once.
{{ config(materialized="view") }}

select
    'datasets' as form,
    agency_code,
    dataset_code as record_key,
    valid_from,
    max(valid_to) as valid_to,
    list_concat(
        case when count(update_cycle_days) = 0 then ['update_cycle_days'] else [] end,
        case when count(records_expected) = 0 then ['records_expected'] else [] end
    ) as excused_columns
from {{ ref("int_registered_datasets") }}
group by agency_code, dataset_code, valid_from
