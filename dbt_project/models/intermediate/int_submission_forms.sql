-- Grain: submission and form, with what speaks for or against taking it.
-- A file in which no form was found has one row, of form `unknown`.
with programmes as (
    -- A register replaces another only for the same programmes.
    select
        submission_id,
        'register_tasks' as form,
        string_agg(distinct programme_code, '+' order by programme_code) as snapshot_scope
    from {{ source("raw", "register_tasks") }}
    group by all
),

committee as (
    select distinct agency_code
    from {{ ref("agencies") }}
    where kind = 'committee'
),

answers as (
    select
        key as submission_id,
        arg_max(answer, (decided_at, answer)) as answer
    from {{ ref("stg_decisions") }}
    where kind = 'held_submission'
    group by all
)

select
    receipts.submission_id,
    coalesce(forms.form, 'unknown') as form,
    receipts.agency_code,
    readings.reporting_date,
    receipts.received_at,
    readings.content_hash,
    coalesce(forms.rows_received, 0) as rows_received,
    coalesce(programmes.snapshot_scope, '') as snapshot_scope,
    answers.answer,
    withdrawn.submission_id is not null as is_withdrawn,
    coalesce(
        receipts.status = 'REFUSED' or readings.status = 'REFUSED'
        -- A channel speaks for its agency alone: what all must do is the committee's to say.
        or (kinds.sender = 'committee' and committee.agency_code is null),
        false
    ) as is_refused,
    readings.submission_id is null as is_unread,
    coalesce(
        receipts.reason_code,
        readings.reason_code,
        case
            when kinds.sender = 'committee' and committee.agency_code is null
                then 'register_of_others'
        end
    ) as refusal,
    case
        when readings.reporting_date is not null and senders.agency_code is null
            then 'abolished_agency'
        when readings.claimed_agency_raw is null then null
        when readings.claimed_agency_code is null then 'unreadable_agency'
        when coalesce(claimed.resolved_code, '') != receipts.agency_code then 'other_agency'
    end as identity_doubt
from {{ ref("stg_receipts") }} as receipts
left join {{ ref("stg_readings") }} as readings on receipts.submission_id = readings.submission_id
left join {{ ref("stg_reading_forms") }} as forms
    on
        receipts.submission_id = forms.submission_id
        and readings.status = 'READ'
        -- A sheet that nobody filled in says nothing: what stood before goes on standing.
        and forms.rows_received > 0
left join {{ ref("forms") }} as kinds on forms.form = kinds.form
left join committee
    on receipts.agency_code = committee.agency_code
left join programmes
    on forms.submission_id = programmes.submission_id and forms.form = programmes.form
left join answers on receipts.submission_id = answers.submission_id
left join {{ ref("int_withdrawals") }} as withdrawn
    on receipts.submission_id = withdrawn.submission_id
left join {{ ref("agencies") }} as senders
    -- The committee's registers may be older than our list.
    on
        receipts.agency_code = senders.agency_code
        and (
            senders.kind = 'committee'
            or readings.reporting_date
            between senders.valid_from and coalesce(senders.valid_to, {{ open_end() }})
        )
left join {{ ref("int_agency_resolutions") }} as claimed
    on
        readings.claimed_agency_code = claimed.agency_code
        and readings.reporting_date between claimed.valid_from and claimed.valid_to
