-- Grain: data row of a form that was taken whose template says how rows are told.
select
    matches.submission_id,
    matches.form,
    matches.sheet_name,
    matches.row_number,
    found.agency_code,
    found.reporting_date,
    found.valid_from,
    found.valid_to,
    matches.record_key,
    matches.basis,
    matches.score,
    matches.verdict,
    matches.decision_key,
    found.rejection_reason
from {{ ref("stg_row_matches") }} as matches
inner join {{ ref("int_rows") }} as found
    on
        matches.submission_id = found.submission_id
        and matches.form = found.form
        and matches.row_number = found.row_number
