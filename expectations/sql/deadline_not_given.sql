-- No deadline in the agency's row although the register gives one.
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
    strftime(days.deadline, '%d/%m/%Y') as value_expected,
    cast(null as varchar) as related_cells
from intermediate.int_task_agency_days as days
inner join intermediate.int_reported_tasks as rows
    on
        days.submission_id = rows.submission_id
        and days.task_code = rows.task_code
where days.deadline_kind = 'fixed' and rows.deadline_state in ('blank', 'filler')
