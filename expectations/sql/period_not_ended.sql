-- A period that had not ended on the day that the report speaks of.
select
    days.as_of_date,
    rows.agency_code,
    rows.submission_id,
    'services' as form,
    rows.sheet_name,
    rows.row_number,
    rows.record_key,
    'period_end' as column_name,
    rows.period_end_raw as value_found,
    '≤ ' || strftime(rows.reporting_date, '%d/%m/%Y') as value_expected,
    cast(null as varchar) as related_cells
from intermediate.int_reported_services as rows
inner join intermediate.int_days as days
    on days.as_of_date between rows.valid_from and rows.valid_to
where rows.period_end > rows.reporting_date
