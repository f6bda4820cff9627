{{ by_day() }}

select
    as_of_date,
    task_code,
    programme_code,
    lead_agency[1] as lead_agency_code,
    assigned_on,
    deadline,
    deadline_original,
    deadline_precision,
    deadline_kind,
    status,
    {{ status_group("status") }} as status_group,
    status_reported,
    status_reported_raw,
    {{ has_status_conflict("status_reported", "is_done", "is_started") }} as has_status_conflict,
    status in ('IN_PROGRESS_LATE', 'NOT_STARTED_LATE') as is_overdue,
    case
        when status in ('IN_PROGRESS_LATE', 'NOT_STARTED_LATE') then as_of_date - deadline
    end as days_overdue,
    percent_complete as percent_complete_pct,
    completed_on,
    has_evidence,
    obstacles,
    proposal,
    reported_on,
    as_of_date - reported_on as days_since_report,
    submission_id as register_submission_id,
    sheet_name as register_sheet_name,
    row_number as register_row_number
from {{ ref("int_task_days") }}
