-- Grain: submission that a decision takes back. What the agency sent again after it, by then, with
-- the same cells goes with it, else those figures would stand on under another name; the same cells
-- sent after the decision count again.
with answers as (
    select
        key as submission_id,
        arg_max(answer, (decided_at, answer)) as answer,
        max(decided_at) as decided_at
    from {{ ref("stg_decisions") }}
    where kind = 'withdrawal'
    group by all
),

sent as (
    select
        receipts.submission_id,
        receipts.agency_code,
        receipts.received_at,
        readings.reporting_date,
        readings.content_hash,
        answers.answer,
        answers.decided_at
    from {{ ref("stg_receipts") }} as receipts
    left join {{ ref("stg_readings") }} as readings
        on receipts.submission_id = readings.submission_id
    left join answers on receipts.submission_id = answers.submission_id
)

select submission_id
from sent
where answer = 'withdraw'

union

select copies.submission_id
from sent as copies
inner join sent as withdrawn
    on
        copies.agency_code = withdrawn.agency_code
        and copies.reporting_date = withdrawn.reporting_date
        and copies.content_hash = withdrawn.content_hash
        and copies.received_at between withdrawn.received_at and withdrawn.decided_at
        and withdrawn.answer = 'withdraw'
where copies.answer is null
