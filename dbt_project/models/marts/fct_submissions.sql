with kept as (
    select
        submissions.*,
        count(rejected.row_number) as rows_rejected
    from {{ ref("int_submissions") }} as submissions
    left join {{ ref("int_rejected_rows") }} as rejected
        on submissions.submission_id = rejected.submission_id and submissions.form = rejected.form
    where submissions.reporting_date is null or submissions.reporting_date <= {{ as_of_date() }}
    group by all
),

slots as (
    select
        kept.*,
        coalesce(kept.agency_code, expected.agency_code) as slot_agency_code,
        coalesce(kept.form, expected.form) as slot_form,
        coalesce(kept.reporting_date, expected.reporting_date) as slot_reporting_date,
        expected.due_at
    from kept
    full outer join {{ ref("int_expected_submissions") }} as expected
        on
            kept.agency_code = expected.agency_code
            and kept.form = expected.form
            and kept.reporting_date = expected.reporting_date
)

select
    slots.submission_id,
    slots.slot_form as form,
    slots.slot_agency_code as agency_code,
    slots.slot_reporting_date as reporting_date,
    slots.due_at,
    coalesce(slots.status, 'EXPECTED') as status,
    slots.received_at,
    slots.received_at > slots.due_at as is_late,
    slots.rows_received,
    case
        when
            slots.status in ('ACCEPTED', 'SUPERSEDED')
            then slots.rows_received - slots.rows_rejected
    end as rows_kept,
    case when slots.status in ('ACCEPTED', 'SUPERSEDED') then slots.rows_rejected end
        as rows_rejected,
    receipts.sha256,
    readings.content_hash,
    receipts.file_name,
    slots.reason_code,
    reasons.reason_vi,
    reasons.reason_en,
    coalesce(receipts.detail, readings.detail) as detail,
    nullif(array_to_string(readings.unmatched_sheets, '; '), '') as unmatched_sheets,
    nullif(array_to_string(forms.unmatched_columns, '; '), '') as unmatched_columns
from slots
left join {{ ref("stg_receipts") }} as receipts on slots.submission_id = receipts.submission_id
left join {{ ref("stg_readings") }} as readings on slots.submission_id = readings.submission_id
left join {{ ref("stg_reading_forms") }} as forms
    on slots.submission_id = forms.submission_id and slots.form = forms.form
left join {{ ref("submission_reasons") }} as reasons on slots.reason_code = reasons.reason_code
