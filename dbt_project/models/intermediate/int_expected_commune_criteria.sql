-- Grain: commune, criterion and first day on which both are registered; the province answers.
{{ config(materialized="view") }}

select
    'commune_criteria' as form,
    communes.agency_code,
    communes.commune_code || '/' || criteria.criterion_code as record_key,
    greatest(communes.valid_from, criteria.valid_from) as valid_from,
    least(communes.valid_to, criteria.valid_to) as valid_to,
    cast([] as varchar[]) as excused_columns
from {{ ref("int_registered_communes") }} as communes
inner join {{ ref("int_registered_criteria") }} as criteria
    on
        communes.valid_from <= criteria.valid_to
        and communes.valid_to >= criteria.valid_from
