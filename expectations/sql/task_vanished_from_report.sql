-- A task that the agency reported before and that its current report leaves out.
with last_seen as (
    select
        agency_code,
        task_code,
        reporting_date,
        valid_to,
        sheet_name || '!' || row_number as address
    from intermediate.int_reported_tasks
    where valid_to is not null
)

select
    days.as_of_date,
    days.agency_code,
    reports.submission_id,
    'tasks' as form,
    cast(null as varchar) as sheet_name,
    cast(null as integer) as row_number,
    days.task_code as record_key,
    'task_code' as column_name,
    cast(null as varchar) as value_found,
    days.task_code as value_expected,
    strftime(last_seen.reporting_date, '%d/%m/%Y') || ' ' || last_seen.address as related_cells
from intermediate.int_task_agency_days as days
inner join intermediate.int_submissions as reports
    on
        days.agency_code = reports.agency_code
        and reports.form = 'tasks'
        and days.as_of_date between reports.valid_from and reports.valid_to
inner join last_seen
    on
        days.agency_code = last_seen.agency_code
        and days.task_code = last_seen.task_code
        and days.as_of_date > last_seen.valid_to
where days.submission_id is null
qualify
    row_number() over (
        partition by days.as_of_date, days.agency_code, days.task_code
        order by last_seen.valid_to desc
    ) = 1
