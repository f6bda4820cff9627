-- A coordinator calls a task done that its lead, reporting no earlier, does not call done.
with leads as (
    select
        as_of_date,
        task_code,
        bool_and(status_reported = 'DONE') as is_done,
        min(reporting_date) as reporting_date,
        arg_min(status_raw, (lead_position, agency_code)) as status_raw,
        arg_min(
            agency_code || ' ' || sheet_name || '!' || row_number, (lead_position, agency_code)
        ) as address
    from intermediate.int_task_agency_days
    where role = 'lead' and status_reported is not null and status_reported != 'UNKNOWN'
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
    'status' as column_name,
    days.status_raw as value_found,
    leads.status_raw as value_expected,
    leads.address as related_cells
from intermediate.int_task_agency_days as days
inner join leads
    on
        days.as_of_date = leads.as_of_date
        and days.task_code = leads.task_code
where
    days.role = 'coordinating'
    and days.status_reported = 'DONE'
    and not leads.is_done
    and leads.reporting_date >= days.reporting_date
