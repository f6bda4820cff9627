-- Grain: code of an agency or group, agency that answers for it, and first day. Groups have their
-- members, abolished agencies their successors. All intervals begin and end on the same days, on
-- which anything changes, so that those of several agencies never overlap in part.
with answers as (
    select
        agency_code,
        resolved_code as answering_code,
        valid_from,
        valid_to
    from {{ ref("int_agency_resolutions") }}
    where
        agency_code not in (
            select members.group_code from {{ ref("agency_group_members") }} as members
        )

    union all

    select
        members.group_code as agency_code,
        resolutions.resolved_code as answering_code,
        greatest(members.valid_from, resolutions.valid_from) as valid_from,
        least(members.valid_to, resolutions.valid_to) as valid_to
    from {{ ref("agency_group_members") }} as members
    inner join {{ ref("int_agency_resolutions") }} as resolutions
        on
            members.member_code = resolutions.agency_code
            and members.valid_from <= resolutions.valid_to
            and coalesce(members.valid_to, {{ open_end() }}) >= resolutions.valid_from
),

edges as (
    select valid_from as edge
    from answers

    union

    select valid_to + 1 as edge
    from answers
    where valid_to < {{ open_end() }}

    union

    select valid_from as edge
    from {{ ref("agencies") }}
),

spans as (
    select
        edge as valid_from,
        coalesce(lead(edge) over (order by edge) - 1, {{ open_end() }}) as valid_to
    from edges
)

select distinct
    answers.agency_code,
    answers.answering_code,
    agencies.peer_group,
    spans.valid_from,
    spans.valid_to
from spans
inner join answers on spans.valid_from between answers.valid_from and answers.valid_to
left join {{ ref("agencies") }} as agencies
    on
        answers.answering_code = agencies.agency_code
        and spans.valid_from between agencies.valid_from
        and coalesce(agencies.valid_to, {{ open_end() }})
