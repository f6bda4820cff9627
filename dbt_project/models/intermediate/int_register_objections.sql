-- Grain: row of the register of tasks that names no programme, or another one than its code does.
select
    sheet_rows.submission_id,
    'register_tasks' as form,
    sheet_rows.row_number,
    case
        when sheet_rows.programme_code is null then 'no_key'
        when programmes.programme_code is null then 'unknown_programme'
        -- A task belongs to one programme: two snapshots must not both rule it.
        else 'other_programme'
    end as reason
from {{ source("raw", "register_tasks") }} as sheet_rows
left join
    {{ ref("programmes") }} as programmes
    on sheet_rows.programme_code = programmes.programme_code
where
    programmes.programme_code is null
    or not starts_with(sheet_rows.task_code, sheet_rows.programme_code || '-')
