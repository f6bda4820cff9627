select
    submission_id,
    sheet_name,
    row_number,
    {{ cell_columns(register_task_columns()) }},
    deadline_precision,
    deadline_kind
from {{ source("raw", "register_tasks") }}
