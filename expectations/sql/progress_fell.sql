-- A task whose percentage is lower than in any word of the agency before.
-- The finding stands until the progress is made up: repeating the lower figure does not close it.
with words as (
    select
        *,
        max(percent_complete) over earlier as percent_before,
        arg_max(percent_complete_raw, percent_complete) over earlier as raw_before,
        arg_max(reporting_date, percent_complete) over earlier as date_before,
        arg_max(sheet_name || '!' || row_number, percent_complete) over earlier as address_before
    from intermediate.int_reported_tasks
    where valid_from is not null and percent_complete between 0 and 100
    window
        earlier as (
            partition by agency_code, task_code order by reporting_date
            rows between unbounded preceding and 1 preceding
        )
)

select
    days.as_of_date,
    days.agency_code,
    days.submission_id,
    'tasks' as form,
    days.sheet_name,
    days.row_number,
    days.task_code as record_key,
    'percent_complete' as column_name,
    words.percent_complete_raw as value_found,
    '≥ ' || words.raw_before as value_expected,
    strftime(words.date_before, '%d/%m/%Y') || ' ' || words.address_before as related_cells
from intermediate.int_task_agency_days as days
inner join words
    on
        days.submission_id = words.submission_id
        and days.task_code = words.task_code
where
    words.percent_complete < words.percent_before
    -- A recurring task starts again at 0 in each cycle.
    and days.deadline_kind not in ('regular', 'annual')
