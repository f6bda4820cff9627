-- A lead whose task was overdue when it reported says nothing about what stands in the way.
select
    as_of_date,
    agency_code,
    submission_id,
    'tasks' as form,
    sheet_name,
    row_number,
    task_code as record_key,
    'obstacles' as column_name,
    cast(null as varchar) as value_found,
    cast(null as varchar) as value_expected,
    strftime(deadline, '%d/%m/%Y') as related_cells
from intermediate.int_task_agency_days
where
    role = 'lead'
    and deadline_kind = 'fixed'
    and deadline < reporting_date
    and not is_done
    and obstacles_state in ('blank', 'filler')
