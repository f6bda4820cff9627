-- Grain: finding and first day on which an exception of the committee holds: until its last day, or
-- until the committee says something else. Only a decision's own day and later ones know of it.
{{ config(tags=["after_quality"]) }}

with decided as (
    -- The day in Asia/Ho_Chi_Minh, 7 hours ahead of UTC all year; of one day the last word holds.
    select
        key as finding_id,
        answer,
        expires_on,
        reason,
        cast(decided_at + interval 7 hour as date) as decided_on
    from {{ ref("stg_decisions") }}
    where kind = 'exception'
    qualify
        row_number() over (
            partition by finding_id, decided_on order by decided_at desc, answer desc
        ) = 1
),

followed as (
    select
        *,
        lead(decided_on) over (partition by finding_id order by decided_on) as next_decided_on
    from decided
)

select
    finding_id,
    reason,
    decided_on as valid_from,
    expires_on,
    next_decided_on,
    least(
        coalesce(expires_on, {{ open_end() }}), coalesce(next_decided_on - 1, {{ open_end() }})
    ) as valid_to
from followed
where answer = 'accept' or expires_on >= decided_on
