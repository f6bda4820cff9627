-- Grain: submission and form, or slot that nobody filled. A report serves the slot nearest to its
-- reporting date of those that take it.
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

served as (
    select
        kept.submission_id,
        kept.form,
        arg_min(
            expected.reporting_date,
            (abs(kept.reporting_date - expected.reporting_date), expected.reporting_date)
        ) as slot_on
    from kept
    inner join {{ ref("int_expected_submissions") }} as expected
        on
            kept.agency_code = expected.agency_code
            and kept.form = expected.form
            and kept.reporting_date between expected.serves_from and expected.serves_to
    group by all
),

sent as (
    select
        kept.*,
        served.slot_on
    from kept
    left join served
        on kept.submission_id = served.submission_id and kept.form = served.form
),

grid as (
    select
        sent.* exclude (agency_code, form, reporting_date, slot_on),
        coalesce(sent.agency_code, expected.agency_code) as agency_code,
        coalesce(sent.form, expected.form) as form,
        coalesce(sent.reporting_date, expected.reporting_date) as reporting_date,
        expected.reporting_date as slot_on,
        expected.period_start,
        expected.period_end,
        expected.due_on,
        expected.due_at
    from sent
    full outer join {{ ref("int_expected_submissions") }} as expected
        on
            sent.agency_code = expected.agency_code
            and sent.form = expected.form
            and sent.slot_on = expected.reporting_date
),

slots as (
    -- What was held and is released counts from its first sight; what is held or refused does not.
    select
        *,
        date_trunc('second', received_at) as received_second,
        min(received_second) filter (where status in ('ACCEPTED', 'SUPERSEDED'))
            over (partition by agency_code, form, slot_on) as first_received,
        count(submission_id) over (partition by agency_code, form) > 0 as has_sent
    from grid
)

select
    slots.submission_id,
    slots.form,
    slots.agency_code,
    slots.reporting_date,
    slots.slot_on,
    slots.period_start,
    slots.period_end,
    slots.due_at,
    coalesce(slots.status, 'EXPECTED') as status,
    case
        when slots.slot_on is null
            then
                case
                    when kinds.sender = 'agency' and slots.reporting_date is not null
                        then 'UNSCHEDULED'
                end
        when slots.first_received <= slots.due_at then 'ON_TIME'
        when slots.first_received is not null then 'LATE'
        when slots.due_on > {{ as_of_date() }} then 'NOT_YET_DUE'
        when slots.has_sent then 'MISSING'
        else 'NEVER_SENT'
    end as timeliness,
    slots.received_at,
    slots.received_second > slots.due_at as is_late,
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
left join {{ ref("forms") }} as kinds on slots.form = kinds.form
left join {{ ref("stg_receipts") }} as receipts on slots.submission_id = receipts.submission_id
left join {{ ref("stg_readings") }} as readings on slots.submission_id = readings.submission_id
left join {{ ref("stg_reading_forms") }} as forms
    on slots.submission_id = forms.submission_id and slots.form = forms.form
left join {{ ref("submission_reasons") }} as reasons on slots.reason_code = reasons.reason_code
