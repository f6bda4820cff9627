-- A task that the agency called done in its last word before, and calls not done now.
with words as (
    select
        *,
        lag(status) over earlier as status_before,
        lag(status_raw) over earlier as raw_before,
        lag(reporting_date) over earlier as date_before,
        lag(sheet_name || '!' || row_number) over earlier as address_before
    from intermediate.int_reported_tasks
    where valid_from is not null and status is not null and status != 'UNKNOWN'
    window earlier as (partition by agency_code, task_code order by reporting_date)
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
where words.status_before = 'DONE' and words.status != 'DONE'
