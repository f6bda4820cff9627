-- Grain: submission and task: the first row in which the agency speaks of the task.
{{ config(materialized="view") }}

select * exclude (rejection_reason)
from {{ ref("int_task_rows") }}
where rejection_reason is null
