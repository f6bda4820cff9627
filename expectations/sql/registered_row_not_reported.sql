-- A registered task that the agency's current report leaves out.
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
    cast(null as varchar) as related_cells
from intermediate.int_task_agency_days as days
inner join intermediate.int_submissions as reports
    on
        days.agency_code = reports.agency_code
        and reports.form = 'tasks'
        and days.as_of_date between reports.valid_from and reports.valid_to
where days.submission_id is null
