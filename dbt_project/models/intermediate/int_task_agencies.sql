-- Grain: task, agency and first day of an interval: who is involved, groups expanded, abolished
-- agencies replaced by their successors. An agency named as lead and as coordinator is a lead.
with named as (
    select
        task_code,
        programme_code,
        'lead' as role,
        unnest(lead_agency) as agency_code,
        generate_subscripts(lead_agency, 1) as position,
        valid_from as registered_from,
        valid_from,
        valid_to
    from {{ ref("int_registered_tasks") }}

    union all

    select
        task_code,
        programme_code,
        'coordinating' as role,
        unnest(coordinating_agencies) as agency_code,
        generate_subscripts(coordinating_agencies, 1) as position,
        valid_from as registered_from,
        valid_from,
        valid_to
    from {{ ref("int_registered_tasks") }}
),

expanded as (
    select
        named.* exclude (agency_code, valid_from, valid_to),
        coalesce(members.member_code, named.agency_code) as agency_code,
        members.member_code is not null as is_group_member,
        greatest(named.valid_from, members.valid_from) as valid_from,
        least(named.valid_to, members.valid_to) as valid_to
    from named
    left join {{ ref("agency_group_members") }} as members
        on
            named.agency_code = members.group_code
            and named.valid_to >= members.valid_from
            and named.valid_from <= coalesce(members.valid_to, {{ open_end() }})
),

resolved as (
    select
        expanded.* exclude (agency_code, valid_from, valid_to),
        resolutions.resolved_code as agency_code,
        greatest(expanded.valid_from, resolutions.valid_from) as valid_from,
        least(expanded.valid_to, resolutions.valid_to) as valid_to
    from expanded
    inner join {{ ref("int_agency_resolutions") }} as resolutions
        on
            expanded.agency_code = resolutions.agency_code
            and expanded.valid_from <= resolutions.valid_to
            and expanded.valid_to >= resolutions.valid_from
),

edges as (
    select distinct
        task_code,
        registered_from,
        unnest([valid_from, valid_to + 1]) as edge
    from resolved
),

-- Days between two changes: an agency may be named by itself, as a successor and in a group, each
-- from another day on.
spans as (
    select
        task_code,
        registered_from,
        edge as valid_from,
        lead(edge) over (partition by task_code, registered_from order by edge) - 1 as valid_to
    from edges
    qualify valid_to is not null
)

select
    spans.task_code,
    resolved.agency_code,
    spans.valid_from,
    spans.registered_from,
    resolved.programme_code,
    resolved.role,
    resolved.is_group_member,
    resolved.position as lead_position,
    spans.valid_to
from spans
inner join resolved
    on
        spans.task_code = resolved.task_code
        and spans.registered_from = resolved.registered_from
        and spans.valid_from between resolved.valid_from and resolved.valid_to
qualify
    row_number() over (
        partition by spans.task_code, resolved.agency_code, spans.valid_from
        order by (resolved.role != 'lead'), resolved.is_group_member, resolved.position
    ) = 1
