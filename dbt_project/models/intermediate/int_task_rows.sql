-- Grain: row of a tasks sheet that was taken, with the reason why it is not kept, if any.
select
    sheet_rows.*,
    submissions.agency_code,
    submissions.reporting_date,
    submissions.valid_from,
    submissions.valid_to,
    case
        when sheet_rows.task_code is null then 'no_key'
        when
            row_number() over (
                partition by sheet_rows.submission_id, sheet_rows.task_code
                order by sheet_rows.row_number
            ) > 1
            then 'duplicate_key'
    end as rejection_reason
from {{ ref("stg_tasks") }} as sheet_rows
inner join {{ ref("int_submissions") }} as submissions
    on
        sheet_rows.submission_id = submissions.submission_id
        and submissions.form = 'tasks'
        and submissions.status in ('ACCEPTED', 'SUPERSEDED')
