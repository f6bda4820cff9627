-- Registers that follow each other and say the same are one interval.
with marked as (
    select
        *,
        coalesce(
            lag(valid_to) over involvement + 1 = valid_from
            and lag(role) over involvement = role,
            false
        ) as goes_on
    from {{ ref("int_task_agencies") }}
    window involvement as (partition by task_code, agency_code order by valid_from)
),

numbered as (
    select
        *,
        count_if(not goes_on) over (
            partition by task_code, agency_code order by valid_from
        ) as interval_number
    from marked
)

select
    task_code,
    agency_code,
    min(valid_from) as valid_from,
    nullif(max(valid_to), {{ open_end() }}) as valid_to,
    any_value(role) as role,
    bool_and(is_group_member) as is_group_member
from numbered
group by task_code, agency_code, interval_number
-- Only now: an interval that goes on after a later day, on which some other agency joins, is one.
having min(valid_from) <= {{ as_of_date() }}
