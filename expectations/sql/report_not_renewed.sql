-- A row whose agency has a report, but none for the last date on which one was due.
-- The due time is stored in UTC; the day ends at Asia/Ho_Chi_Minh, 7 hours ahead all year.
with last_due as (
    select
        days.as_of_date,
        expected.agency_code,
        max(expected.reporting_date) as reporting_date
    from intermediate.int_days as days
    inner join intermediate.int_expected_submissions as expected
        on
            expected.form = 'tasks'
            and cast(expected.due_at + interval 7 hour as date) <= days.as_of_date
    group by all
)

select
    days.as_of_date,
    days.agency_code,
    days.submission_id,
    'tasks' as form,
    days.sheet_name,
    days.row_number,
    days.task_code as record_key,
    cast(null as varchar) as column_name,
    strftime(days.reporting_date, '%d/%m/%Y') as value_found,
    strftime(last_due.reporting_date, '%d/%m/%Y') as value_expected,
    cast(null as varchar) as related_cells
from intermediate.int_task_agency_days as days
inner join last_due
    on
        days.as_of_date = last_due.as_of_date
        and days.agency_code = last_due.agency_code
where days.reporting_date < last_due.reporting_date
