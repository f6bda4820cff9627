-- Grain: day, task and involved agency: the agency's own word that stood on the day.
with days as (
    select
        days.as_of_date,
        involved.task_code,
        involved.agency_code,
        involved.programme_code,
        involved.role,
        involved.is_group_member,
        involved.lead_position,
        registered.assigned_on,
        registered.deadline,
        registered.deadline_kind,
        registered.deadline_state
    from {{ ref("int_days") }} as days
    inner join {{ ref("int_task_agencies") }} as involved
        on days.as_of_date between involved.valid_from and involved.valid_to
    inner join {{ ref("int_registered_tasks") }} as registered
        on
            involved.task_code = registered.task_code
            and involved.registered_from = registered.valid_from
),

current_reports as (
    select
        days.as_of_date,
        submissions.agency_code,
        submissions.submission_id
    from {{ ref("int_days") }} as days
    inner join {{ ref("int_submissions") }} as submissions
        on
            submissions.form = 'tasks'
            and days.as_of_date between submissions.valid_from and submissions.valid_to
),

reported as (
    select
        days.*,
        sheet_rows.submission_id,
        sheet_rows.sheet_name,
        sheet_rows.row_number,
        sheet_rows.reporting_date,
        sheet_rows.status as status_reported,
        sheet_rows.status_raw,
        sheet_rows.status_state,
        sheet_rows.percent_complete,
        sheet_rows.started_on,
        sheet_rows.completed_on as completed_on_reported,
        sheet_rows.evidence is not null as has_evidence,
        sheet_rows.obstacles_state,
        sheet_rows.submission_id is not null as has_report,
        case when sheet_rows.completed_on <= days.as_of_date then sheet_rows.completed_on end
            as completed_on,
        coalesce(
            sheet_rows.completed_on <= days.as_of_date
            or (sheet_rows.completed_on is null and sheet_rows.status = 'DONE'),
            false
        ) as is_done,
        coalesce(sheet_rows.started_on <= days.as_of_date, false)
        or coalesce(sheet_rows.percent_complete > 0, false)
        or coalesce(sheet_rows.status in ('IN_PROGRESS', 'REGULAR', 'DONE'), false) as is_started
    from days
    left join current_reports
        on
            days.as_of_date = current_reports.as_of_date
            and days.agency_code = current_reports.agency_code
    left join {{ ref("int_reported_tasks") }} as sheet_rows
        on
            current_reports.submission_id = sheet_rows.submission_id
            and days.task_code = sheet_rows.task_code
)

select
    *,
    {{ task_status(
        "is_done", "completed_on", "is_started", "has_report",
        "deadline", "deadline_kind", "deadline_state", "as_of_date",
    ) }} as status
from reported
