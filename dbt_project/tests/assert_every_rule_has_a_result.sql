-- Every rule in force has a result for every agency that it concerns, on every day.
{{ config(tags=["after_quality"]) }}

with agencies as (
    select
        agency_code,
        valid_from,
        coalesce(valid_to, {{ open_end() }}) as valid_to,
        'agency' as responsible
    from {{ ref("agencies") }}
    where peer_group is not null

    union all

    select
        'BCD' as agency_code,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to,
        'committee' as responsible
    from {{ ref("int_registered_tasks") }}
    having count(*) > 0
)

select
    days.as_of_date,
    agencies.agency_code,
    rules.rule_id
from {{ ref("int_days") }} as days
inner join agencies on days.as_of_date between agencies.valid_from and agencies.valid_to
inner join {{ source("raw", "rules") }} as rules on agencies.responsible = rules.responsible
anti join {{ ref("rule_results") }} as results
    on
        days.as_of_date = results.as_of_date
        and agencies.agency_code = results.agency_code
        and rules.rule_id = results.rule_id
