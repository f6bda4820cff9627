-- Grain: submission and form: all that may change what its rows say, in one hash. The register may
-- tell a row's key only later: the row then speaks anew from its own day on.
with matches as (
    select
        submission_id,
        form,
        string_agg(
            concat_ws('|', row_number, verdict, record_key), chr(10) order by row_number
        ) as found
    from {{ ref("stg_row_matches") }}
    group by submission_id, form
)

select
    submissions.submission_id,
    submissions.form,
    submissions.agency_code,
    submissions.reporting_date,
    submissions.valid_from,
    submissions.valid_to,
    md5(
        concat_ws(
            '|', submissions.submission_id, submissions.status, submissions.received_at,
            readings.reading_key, matches.found
        )
    ) as mark
from {{ ref("int_submissions") }} as submissions
left join {{ source("raw", "readings") }} as readings
    on submissions.submission_id = readings.submission_id
left join matches
    on submissions.submission_id = matches.submission_id and submissions.form = matches.form
where submissions.reporting_date is not null
