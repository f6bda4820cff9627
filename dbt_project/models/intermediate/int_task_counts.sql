-- Grain: day, scope of programmes and agency code (`all`, a peer group, or one agency).
select
    tasks.as_of_date,
    scopes.programme_scope,
    tasks.agency_code,
    count(*) as tasks_involving,
    count(*) filter (where tasks.status_group = 'completed') as tasks_completed,
    count(*) filter (where tasks.status = 'DONE_ON_TIME') as tasks_completed_on_time,
    count(*) filter (where tasks.status = 'DONE_LATE') as tasks_completed_late,
    count(*) filter (where tasks.status_group = 'in_progress') as tasks_in_progress,
    count(*) filter (where tasks.status_group = 'overdue') as tasks_overdue,
    count(*) filter (where tasks.status_group = 'unknown') as tasks_unknown,
    count(*) filter (where tasks.is_due) as tasks_due,
    count(*) filter (where tasks.has_report) as tasks_reported,
    count(*) filter (where tasks.role = 'lead') as tasks_led,
    count(*) filter (where tasks.role = 'lead' and tasks.is_due) as tasks_led_due,
    count(*) filter (where tasks.role = 'lead' and tasks.status = 'DONE_ON_TIME')
        as tasks_led_on_time,
    count(*) filter (where tasks.role = 'lead' and tasks.status_group = 'completed')
        as tasks_led_completed
from {{ ref("int_counted_tasks") }} as tasks
inner join {{ ref("int_programme_scopes") }} as scopes
    on tasks.programme_code = scopes.programme_code
group by all
