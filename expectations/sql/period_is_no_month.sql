-- A period that is not a month of the administrative year: from a 15th to the next 14th.
select
    days.as_of_date,
    rows.agency_code,
    rows.submission_id,
    'services' as form,
    rows.sheet_name,
    rows.row_number,
    rows.record_key,
    'period_start' as column_name,
    rows.period_start_raw as value_found,
    cast(null as varchar) as value_expected,
    'period_end = ' || rows.period_end_raw as related_cells
from intermediate.int_reported_services as rows
inner join intermediate.int_days as days
    on days.as_of_date between rows.valid_from and rows.valid_to
where
    day(rows.period_start) != 15
    or rows.period_end != cast(rows.period_start + interval 1 month as date) - 1
