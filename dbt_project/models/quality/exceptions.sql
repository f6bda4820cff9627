{{ config(tags=["after_quality"]) }}

with failed as (
    -- What failed, by the last day on which it did.
    select failures.*
    from {{ ref("int_rule_failures") }} as failures
    where
        failures.finding_id in (
            select exceptions.finding_id from {{ ref("int_exceptions") }} as exceptions
        )
    qualify
        row_number() over (
            partition by failures.finding_id order by failures.as_of_date desc
        ) = 1
)

select
    exceptions.finding_id,
    failed.rule_id,
    failed.agency_code,
    failed.form,
    failed.record_key,
    failed.column_name,
    exceptions.reason,
    exceptions.valid_from as decided_on,
    exceptions.expires_on,
    case when exceptions.next_decided_on <= {{ as_of_date() }} then exceptions.next_decided_on end
        as followed_on,
    case
        when {{ as_of_date() }} <= exceptions.valid_to then 'STANDING'
        when exceptions.valid_to = exceptions.expires_on then 'EXPIRED'
        else 'ENDED'
    end as state
from {{ ref("int_exceptions") }} as exceptions
left join failed on exceptions.finding_id = failed.finding_id
where exceptions.valid_from <= {{ as_of_date() }}
