-- A period that does not count, because a longer one of the same procedure speaks of some of its
-- days and is no later word on all of them.
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
    cast(null as varchar) as value_expected,
    string_agg(
        longer.agency_code || ' ' || strftime(longer.reporting_date, '%d/%m/%Y')
        || ' ' || longer.sheet_name || '!' || longer.row_number
        || ': ' || strftime(longer.period_start, '%d/%m/%Y')
        || ' - ' || strftime(longer.period_end, '%d/%m/%Y'),
        '; ' order by longer.period_start, longer.period_end, longer.agency_code
    ) as related_cells
from intermediate.int_service_overlaps as pairs
inner join intermediate.int_reported_services as rows
    on
        pairs.submission_id = rows.submission_id
        and pairs.row_number = rows.row_number
inner join intermediate.int_reported_services as longer
    on
        pairs.other_submission_id = longer.submission_id
        and pairs.other_row_number = longer.row_number
inner join intermediate.int_days as days
    on days.as_of_date between pairs.valid_from and pairs.valid_to
where not pairs.is_said_again
group by all
