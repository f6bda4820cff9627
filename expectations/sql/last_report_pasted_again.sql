-- Every task in progress, three or more, is told in the very words of the report before.
with words as (
    select
        *,
        concat_ws('¦', percent_complete, obstacles, proposal, evidence) as words_now,
        lag(concat_ws('¦', percent_complete, obstacles, proposal, evidence)) over earlier
            as words_before,
        lag(status) over earlier as status_before,
        lag(reporting_date) over earlier as date_before,
        lag(sheet_name || '!' || row_number) over earlier as address_before
    from intermediate.int_reported_tasks
    where valid_from is not null
    window earlier as (partition by agency_code, task_code order by reporting_date)
),

pasted as (
    select submission_id
    from words
    where status = 'IN_PROGRESS' and status_before = 'IN_PROGRESS'
    group by all
    having count(*) >= 3 and bool_and(words_now = words_before)
)

select
    days.as_of_date,
    days.agency_code,
    days.submission_id,
    'tasks' as form,
    days.sheet_name,
    days.row_number,
    days.task_code as record_key,
    'percent_complete' as column_name,
    words.percent_complete_raw as value_found,
    cast(null as varchar) as value_expected,
    strftime(words.date_before, '%d/%m/%Y') || ' ' || words.address_before as related_cells
from intermediate.int_task_agency_days as days
inner join words
    on
        days.submission_id = words.submission_id
        and days.task_code = words.task_code
where
    words.submission_id in (from pasted)
    and words.status = 'IN_PROGRESS'
    and words.status_before = 'IN_PROGRESS'
