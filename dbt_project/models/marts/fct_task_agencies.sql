{{ by_day() }}

select
    as_of_date,
    task_code,
    agency_code,
    role,
    is_group_member,
    status,
    {{ status_group("status") }} as status_group,
    status_reported,
    {{ has_status_conflict("status_reported", "is_done", "is_started") }} as has_status_conflict,
    percent_complete as percent_complete_pct,
    started_on,
    completed_on,
    reporting_date as reported_on,
    submission_id,
    sheet_name,
    row_number
from {{ ref("int_task_agency_days") }}
