-- completed + in progress + overdue + unknown = tasks, for the nation and for each agency.
select
    as_of_date,
    programme_scope,
    agency_code
from {{ ref("int_task_counts") }}
where tasks_involving != tasks_completed + tasks_in_progress + tasks_overdue + tasks_unknown
