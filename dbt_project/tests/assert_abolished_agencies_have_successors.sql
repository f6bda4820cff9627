-- Every code of the bridge answers for itself on its days.
select
    bridge.task_code,
    bridge.agency_code
from {{ ref("bridge_task_agencies") }} as bridge
left join {{ ref("dim_agencies") }} as agencies
    on
        bridge.agency_code = agencies.agency_code
        and coalesce(agencies.valid_to, {{ open_end() }}) >= bridge.valid_from
where agencies.agency_code is null
