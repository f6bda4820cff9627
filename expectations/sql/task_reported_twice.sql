-- A row whose task code stands in an earlier row of the same report.
select
    days.as_of_date,
    reports.agency_code,
    rejected.submission_id,
    'tasks' as form,
    rejected.sheet_name,
    rejected.row_number,
    rejected.record_key,
    'task_code' as column_name,
    rejected.record_key as value_found,
    cast(null as varchar) as value_expected,
    kept.sheet_name || '!' || kept.row_number as related_cells
from intermediate.int_rejected_rows as rejected
inner join intermediate.int_submissions as reports
    on
        rejected.submission_id = reports.submission_id
        and rejected.form = reports.form
inner join intermediate.int_days as days
    on days.as_of_date between reports.valid_from and reports.valid_to
left join intermediate.int_reported_tasks as kept
    on
        rejected.submission_id = kept.submission_id
        and rejected.record_key = kept.task_code
where rejected.form = 'tasks' and rejected.rejection_reason = 'duplicate_key'
