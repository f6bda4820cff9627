-- A row about a task that the register does not know, or does not give to this agency,
-- neither when the report was made nor since.
with placed as (
    select
        reported.submission_id,
        reported.task_code,
        min(involved.valid_from) as registered_from
    from intermediate.int_reported_tasks as reported
    left join intermediate.int_task_agencies as involved
        on
            reported.task_code = involved.task_code
            and reported.agency_code = involved.agency_code
            and reported.reporting_date <= involved.valid_to
    where reported.valid_from is not null
    group by reported.submission_id, reported.task_code
),

foreign_rows as (
    select
        reported.*,
        coalesce(placed.registered_from, date '9999-12-31') as registered_from
    from intermediate.int_reported_tasks as reported
    inner join placed
        on
            reported.submission_id = placed.submission_id
            and reported.task_code = placed.task_code
    where coalesce(placed.registered_from > reported.valid_from, true)
)

select
    days.as_of_date,
    foreign_rows.agency_code,
    foreign_rows.submission_id,
    'tasks' as form,
    foreign_rows.sheet_name,
    foreign_rows.row_number,
    foreign_rows.task_code as record_key,
    'task_code' as column_name,
    foreign_rows.task_code_raw as value_found,
    cast(null as varchar) as value_expected,
    cast(null as varchar) as related_cells
from foreign_rows
inner join intermediate.int_days as days
    on
        days.as_of_date between foreign_rows.valid_from and foreign_rows.valid_to
        and foreign_rows.registered_from > days.as_of_date
