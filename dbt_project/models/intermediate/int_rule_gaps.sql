-- Grain: form, submission, record and column: a cell that no rule can judge, because it is blank
-- where a value is due, filled with nothing (`không`, `-`), or cannot be read.
-- A blank is excused by the row's own readable status; never by a blank or unreadable one.
{{ config(tags=["after_quality"]) }}

with reported as (
    select
        submission_id,
        task_code as record_key,
        coalesce(nullif(status, 'UNKNOWN'), '') as known_status,
        columns('_state$')
    from {{ ref("int_reported_tasks") }}
),

registered as (
    select distinct
        submission_id,
        task_code as record_key,
        columns('_state$')
    from {{ ref("int_registered_tasks") }}
),

cells as (
    select
        'tasks' as form,
        submission_id,
        record_key,
        known_status,
        replace(cell, '_state', '') as column_name,
        state
    from reported
    unpivot (state for cell in (columns('_state$')))

    union all

    select
        'register_tasks' as form,
        submission_id,
        record_key,
        '' as known_status,
        replace(cell, '_state', '') as column_name,
        state
    from registered
    unpivot (state for cell in (columns('_state$')))
)

select
    form,
    submission_id,
    record_key,
    column_name,
    state
from cells
where
    state = 'unreadable'
    or (
        state in ('blank', 'filler')
        and case column_name
            when 'obstacles' then false
            when 'proposal' then false
            when 'completed_on' then known_status in ('', 'DONE')
            when 'evidence' then known_status in ('', 'DONE')
            when 'started_on' then known_status not in ('NOT_STARTED', 'REGULAR', 'SUSPENDED')
            when 'percent_complete' then known_status != 'REGULAR'
            else true
        end
    )
