-- Grain: agency, task and first day: a task that involves the agency must be in its report.
-- A blank deadline or coordinator is excused where the register itself gives none.
{{ config(materialized="view") }}

select
    'tasks' as form,
    involved.agency_code,
    involved.task_code as record_key,
    involved.valid_from,
    involved.valid_to,
    list_concat(
        case when registered.deadline_kind = 'fixed' then [] else ['deadline'] end,
        case
            when coalesce(len(registered.coordinating_agencies), 0) > 0 then []
            else ['coordinating_agencies']
        end
    ) as excused_columns
from {{ ref("int_task_agencies") }} as involved
inner join {{ ref("int_registered_tasks") }} as registered
    on
        involved.task_code = registered.task_code
        and involved.registered_from = registered.valid_from
