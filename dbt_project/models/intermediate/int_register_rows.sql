-- Grain: row of an accepted register, with the reason why it is not kept, if any.
select
    rows.*,
    submissions.reporting_date,
    submissions.received_at,
    case
        when rows.task_code is null or rows.programme_code is null then 'no_key'
        when programmes.programme_code is null then 'unknown_programme'
        when
            row_number() over (
                partition by rows.submission_id, rows.task_code order by rows.row_number
            ) > 1
            then 'duplicate_key'
    end as rejection_reason
from {{ ref("stg_register_tasks") }} as rows
inner join {{ ref("int_submissions") }} as submissions
    on
        rows.submission_id = submissions.submission_id
        and submissions.form = 'register_tasks'
        and submissions.status = 'ACCEPTED'
left join {{ ref("programmes") }} as programmes on rows.programme_code = programmes.programme_code
