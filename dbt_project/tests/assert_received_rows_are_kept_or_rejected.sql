-- Nothing vanishes: a row that came is kept or rejected with a reason.
with found as (
    select
        submission_id,
        form,
        count(*) as rows_found
    from {{ ref("stg_form_rows") }}
    group by all
)

select
    submissions.submission_id,
    submissions.form
from {{ ref("fct_submissions") }} as submissions
left join found
    on submissions.submission_id = found.submission_id and submissions.form = found.form
where
    submissions.status in ('ACCEPTED', 'SUPERSEDED')
    and (
        submissions.rows_received != submissions.rows_kept + submissions.rows_rejected
        or submissions.rows_received is distinct from coalesce(found.rows_found, 0)
    )
