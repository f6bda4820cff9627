-- Grain: data row of a form that was taken, with the reason why it is not kept, if any. A row whose
-- key the sheet does not give goes by the row of the register that it was matched with.
{{ by_sender("agency_code") }}

with found as (
    select
        form_rows.* exclude (record_key),
        matches.verdict,
        case matches.verdict
            when 'accepted' then matches.record_key
            else form_rows.record_key
        end as record_key
    from {{ ref("stg_form_rows") }} as form_rows
    left join {{ ref("stg_row_matches") }} as matches
        on
            form_rows.submission_id = matches.submission_id
            and form_rows.form = matches.form
            and form_rows.row_number = matches.row_number
)

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
        when found.record_key is null and found.verdict = 'asked' then 'match_pending'
        when found.record_key is null and found.verdict = 'refused' then 'no_match'
        when found.record_key is null then 'no_key'
        when objections.reason is not null then objections.reason
        when
            row_number() over (
                partition by found.submission_id, found.form, found.record_key
                order by found.row_number
            ) > 1
            then 'duplicate_key'
    end as rejection_reason
from found
inner join {{ ref("int_submissions") }} as submissions
    on
        found.submission_id = submissions.submission_id
        and found.form = submissions.form
        and submissions.status in ('ACCEPTED', 'SUPERSEDED')
{{ only_touched("submissions", "agency_code") }}
left join {{ ref("int_register_objections") }} as objections
    on
        found.submission_id = objections.submission_id
        and found.form = objections.form
        and found.row_number = objections.row_number
