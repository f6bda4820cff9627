-- A row that nobody can place, because its task code is blank or cannot be read.
-- Such a row is known by its text, not by its number: rows move.
select
    days.as_of_date,
    rows.agency_code,
    rows.submission_id,
    'tasks' as form,
    rows.sheet_name,
    rows.row_number,
    'row:' || md5(concat_ws('¦', rows.task_code_raw, rows.title_raw, rows.lead_agency_raw))
        as record_key,
    'task_code' as column_name,
    rows.task_code_raw as value_found,
    cast(null as varchar) as value_expected,
    rows.title_raw as related_cells
from intermediate.int_task_rows as rows
inner join intermediate.int_days as days
    on days.as_of_date between rows.valid_from and rows.valid_to
where rows.rejection_reason = 'no_key'
