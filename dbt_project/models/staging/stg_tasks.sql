select
    submission_id,
    sheet_name,
    row_number,
    {{ cell_columns(task_columns()) }},
    deadline_precision,
    deadline_kind
from {{ source("raw", "tasks") }}
