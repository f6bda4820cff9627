-- Grain: day, task and whom it counts for: `all` (the nation), a peer group, or one agency.
-- A task counts once for the nation and once for each agency that it involves. The nation and the
-- peer groups count by what the leads say together, an agency by its own word.
with counted as (
    select
        as_of_date,
        task_code,
        'all' as agency_code,
        'lead' as role
    from {{ ref("int_task_days") }}

    union all

    select distinct
        words.as_of_date,
        words.task_code,
        agencies.peer_group as agency_code,
        'lead' as role
    from {{ ref("int_task_agency_days") }} as words
    inner join {{ ref("agencies") }} as agencies
        on
            words.agency_code = agencies.agency_code
            and words.as_of_date between agencies.valid_from
            and coalesce(agencies.valid_to, {{ open_end() }})
    where agencies.peer_group is not null
),

words as (
    select
        counted.agency_code,
        counted.role,
        days.as_of_date,
        days.task_code,
        days.programme_code,
        days.assigned_on,
        days.deadline,
        days.completed_on,
        days.status,
        days.has_report
    from counted
    inner join {{ ref("int_task_days") }} as days
        on counted.as_of_date = days.as_of_date and counted.task_code = days.task_code

    union all

    select
        agency_code,
        role,
        as_of_date,
        task_code,
        programme_code,
        assigned_on,
        deadline,
        completed_on,
        status,
        has_report
    from {{ ref("int_task_agency_days") }}
)

select
    *,
    {{ status_group("status") }} as status_group,
    -- Due: its deadline has come, or it is done.
    coalesce(deadline <= as_of_date, false) or status like 'DONE_%' as is_due
from words
