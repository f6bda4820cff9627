-- A unit that is not the one of the register; a scale beside it (nghìn, triệu) may differ.
-- The register that ruled on the reporting date: a later one is no fault of this report.
select
    cast(null as date) as as_of_date,
    rows.agency_code,
    rows.submission_id,
    'indicators' as form,
    rows.sheet_name,
    rows.row_number,
    rows.record_key,
    'unit' as column_name,
    rows.unit_raw as value_found,
    register.unit_raw as value_expected,
    'value = ' || rows.value_raw
    || '; BCD ' || register.sheet_name || '!' || register.row_number as related_cells
from intermediate.int_reported_indicators as rows
inner join intermediate.int_registered_indicators as register
    on
        rows.indicator_code = register.indicator_code
        and rows.reporting_date between register.valid_from and register.valid_to
where coalesce(rows.value_unit, rows.unit) != register.unit
