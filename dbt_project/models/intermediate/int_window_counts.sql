-- Grain: day, scope, agency code and start of a window. Window: window_start < date <= day.
with tasks as (
    select
        counted.as_of_date,
        counted.agency_code,
        counted.programme_code,
        counted.status,
        counted.status_group,
        windows.window_start,
        coalesce(
            counted.assigned_on > windows.window_start
            and counted.assigned_on <= counted.as_of_date,
            false
        ) as is_assigned,
        coalesce(
            counted.status_group = 'completed'
            and counted.completed_on > windows.window_start,
            false
        ) as is_completed
    from {{ ref("int_counted_tasks") }} as counted
    inner join {{ ref("windows") }} as windows
        on counted.as_of_date > windows.window_start
)

select
    tasks.as_of_date,
    scopes.programme_scope,
    tasks.agency_code,
    tasks.window_start,
    count(*) filter (where tasks.is_assigned) as tasks_assigned_in_window,
    count(*) filter (where tasks.is_completed) as tasks_completed_in_window,
    count(*) filter (where tasks.is_assigned and tasks.status_group = 'completed')
        as tasks_assigned_in_window_completed,
    count(*) filter (where tasks.is_assigned and tasks.status = 'DONE_ON_TIME')
        as tasks_assigned_in_window_completed_on_time,
    count(*) filter (where tasks.is_assigned and tasks.status_group = 'overdue')
        as tasks_assigned_in_window_overdue
from tasks
inner join {{ ref("int_programme_scopes") }} as scopes
    on tasks.programme_code = scopes.programme_code
group by all
