-- A row whose key stands in an earlier row of the same report.
select
    days.as_of_date,
    rows.agency_code,
    rows.submission_id,
    rows.form,
    rows.sheet_name,
    rows.row_number,
    rows.record_key,
    '{column}' as column_name,
    rows.record_key as value_found,
    cast(null as varchar) as value_expected,
    kept.sheet_name || '!' || kept.row_number as related_cells
from intermediate.int_rows as rows
inner join intermediate.int_days as days
    on days.as_of_date between rows.valid_from and rows.valid_to
left join intermediate.int_rows as kept
    on
        rows.form = kept.form
        and rows.submission_id = kept.submission_id
        and rows.record_key = kept.record_key
        and kept.rejection_reason is null
where rows.form = '{form}' and rows.rejection_reason = 'duplicate_key'
