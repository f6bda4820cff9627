-- Grain: row of the committee's own registers: it must say there what its columns ask for.
{{ config(materialized="view") }}

select
    form,
    agency_code,
    record_key,
    valid_from,
    valid_to,
    cast([] as varchar[]) as excused_columns
from {{ ref("int_standing_rows") }}
where form like 'register_%' and form != 'register_tasks'

union all

-- A register of tasks rules for each of its programmes by itself.
select
    'register_tasks' as form,
    'BCD' as agency_code,
    record_key,
    valid_from,
    valid_to,
    list_concat(
        case when deadline_kind = 'fixed' then [] else ['deadline'] end,
        case
            when coalesce(len(coordinating_agencies), 0) > 0 then []
            else ['coordinating_agencies']
        end
    ) as excused_columns
from {{ ref("int_registered_tasks") }}
