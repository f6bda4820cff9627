-- Grain: data row of a form that was taken, with the reason why it is not kept, if any.
select
    found.form,
    found.submission_id,
    found.sheet_name,
    found.row_number,
    found.record_key,
    submissions.agency_code,
    submissions.reporting_date,
    submissions.received_at,
    submissions.status,
    submissions.valid_from,
    submissions.valid_to,
    case
        when found.record_key is null then 'no_key'
        when objections.reason is not null then objections.reason
        when
            row_number() over (
                partition by found.submission_id, found.form, found.record_key
                order by found.row_number
            ) > 1
            then 'duplicate_key'
    end as rejection_reason
from {{ ref("stg_form_rows") }} as found
inner join {{ ref("int_submissions") }} as submissions
    on
        found.submission_id = submissions.submission_id
        and found.form = submissions.form
        and submissions.status in ('ACCEPTED', 'SUPERSEDED')
left join {{ ref("int_register_objections") }} as objections
    on
        found.submission_id = objections.submission_id
        and found.form = objections.form
        and found.row_number = objections.row_number
