-- A deadline that is not the one of the register.
-- The register that ruled on the reporting date: a later one is no fault of this report.
select
    days.as_of_date,
    days.agency_code,
    days.submission_id,
    'tasks' as form,
    days.sheet_name,
    days.row_number,
    days.task_code as record_key,
    'deadline' as column_name,
    rows.deadline_raw as value_found,
    register.deadline_raw as value_expected,
    'BCD ' || register.sheet_name || '!' || register.row_number as related_cells
from intermediate.int_task_agency_days as days
inner join intermediate.int_reported_tasks as rows
    on
        days.submission_id = rows.submission_id
        and days.task_code = rows.task_code
inner join intermediate.int_registered_tasks as register
    on
        rows.task_code = register.task_code
        and rows.reporting_date between register.valid_from and register.valid_to
where
    rows.deadline_state = 'present'
    and register.deadline_state = 'present'
    and (rows.deadline, rows.deadline_kind)
    is distinct from (register.deadline, register.deadline_kind)
