-- A task that the agency called done in any word before, and calls not done now.
-- The finding stands for as long as the task does: the next report of the same does not close it.
with words as (
    select
        *,
        arg_max(status_raw, reporting_date) filter (status = 'DONE')
            over earlier as raw_before,
        max(reporting_date) filter (status = 'DONE') over earlier as date_before,
        arg_max(sheet_name || '!' || row_number, reporting_date)
            filter (status = 'DONE') over earlier as address_before
    from intermediate.int_reported_tasks
    where valid_from is not null and status is not null and status != 'UNKNOWN'
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
    'status' as column_name,
    words.status_raw as value_found,
    words.raw_before as value_expected,
    strftime(words.date_before, '%d/%m/%Y') || ' ' || words.address_before as related_cells
from intermediate.int_task_agency_days as days
inner join words
    on
        days.submission_id = words.submission_id
        and days.task_code = words.task_code
where words.date_before is not null and words.status != 'DONE'
