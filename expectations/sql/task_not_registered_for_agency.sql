-- A row about a task that the register does not know, or does not give to this agency,
-- neither when the report was made nor since.
select
    days.as_of_date,
    rows.agency_code,
    rows.submission_id,
    'tasks' as form,
    rows.sheet_name,
    rows.row_number,
    rows.task_code as record_key,
    'task_code' as column_name,
    rows.task_code_raw as value_found,
    cast(null as varchar) as value_expected,
    cast(null as varchar) as related_cells
from intermediate.int_reported_tasks as rows
inner join intermediate.int_days as days
    on days.as_of_date between rows.valid_from and rows.valid_to
where
    not exists (
        select 1
        from intermediate.int_task_agencies as involved
        where
            rows.task_code = involved.task_code
            and rows.agency_code = involved.agency_code
            and involved.valid_from <= days.as_of_date
            and involved.valid_to >= rows.reporting_date
    )
