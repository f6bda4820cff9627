-- A row that the register expects and that the agency's current report leaves out.
select
    days.as_of_date,
    rows.agency_code,
    reports.submission_id,
    rows.form,
    cast(null as varchar) as sheet_name,
    cast(null as integer) as row_number,
    rows.record_key,
    '{column}' as column_name,
    cast(null as varchar) as value_found,
    rows.record_key as value_expected,
    cast(null as varchar) as related_cells
from intermediate.int_rule_rows as rows
inner join intermediate.int_submissions as reports
    on
        rows.form = reports.form
        and rows.agency_code = reports.agency_code
        and rows.valid_from <= reports.valid_to
        and rows.valid_to >= reports.valid_from
inner join intermediate.int_days as days
    on
        days.as_of_date between rows.valid_from and rows.valid_to
        and days.as_of_date between reports.valid_from and reports.valid_to
where rows.form = '{form}' and rows.submission_id is null
