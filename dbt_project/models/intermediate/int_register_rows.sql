-- Grain: row of an accepted register, with the reason why it is not kept, if any.
select
    sheet_rows.*,
    submissions.reporting_date,
    submissions.received_at,
    case
        when sheet_rows.task_code is null or sheet_rows.programme_code is null then 'no_key'
        when programmes.programme_code is null then 'unknown_programme'
        -- A task belongs to one programme: two snapshots must not both rule it.
        when not starts_with(sheet_rows.task_code, sheet_rows.programme_code || '-')
            then 'other_programme'
        when
            row_number() over (
                partition by sheet_rows.submission_id, sheet_rows.task_code
                order by sheet_rows.row_number
            ) > 1
            then 'duplicate_key'
    end as rejection_reason
from {{ ref("stg_register_tasks") }} as sheet_rows
inner join {{ ref("int_submissions") }} as submissions
    on
        sheet_rows.submission_id = submissions.submission_id
        and submissions.form = 'register_tasks'
        and submissions.status = 'ACCEPTED'
left join
    {{ ref("programmes") }} as programmes
    on sheet_rows.programme_code = programmes.programme_code
