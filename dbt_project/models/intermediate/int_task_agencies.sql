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
        named.* exclude (agency_code),
        coalesce(members.member_code, named.agency_code) as agency_code,
        members.member_code is not null as is_group_member
    from named
    left join {{ ref("agency_group_members") }} as members
        on
            named.agency_code = members.group_code
            -- A group is whoever belongs to it when the register speaks.
            and greatest(named.valid_from, members.valid_from) <= named.valid_to
            and coalesce(members.valid_to, {{ open_end() }}) >= named.valid_from
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
)

select
    task_code,
    agency_code,
    valid_from,
    registered_from,
    programme_code,
    role,
    is_group_member,
    position as lead_position,
    valid_to
from resolved
qualify
    row_number() over (
        partition by task_code, agency_code, valid_from
        order by (role = 'lead') desc, is_group_member, position asc
    ) = 1
