-- Grain: data row that is not kept, with the reason. Received rows = kept + rejected.
select
    submission_id,
    'tasks' as form,
    sheet_name,
    row_number,
    task_code as record_key,
    rejection_reason
from {{ ref("int_task_rows") }}
where rejection_reason is not null

union all

select
    submission_id,
    'register_tasks' as form,
    sheet_name,
    row_number,
    task_code as record_key,
    rejection_reason
from {{ ref("int_register_rows") }}
where rejection_reason is not null
