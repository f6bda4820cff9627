-- A level that is not the one of the register.
-- The register that ruled on the reporting date: a later one is no fault of this report.
select
    cast(null as date) as as_of_date,
    rows.agency_code,
    rows.submission_id,
    'services' as form,
    rows.sheet_name,
    rows.row_number,
    rows.record_key,
    'service_level' as column_name,
    rows.service_level_raw as value_found,
    register.service_level_raw as value_expected,
    'BCD ' || register.sheet_name || '!' || register.row_number as related_cells
from intermediate.int_reported_services as rows
inner join intermediate.int_registered_services as register
    on
        rows.procedure_code = register.procedure_code
        and rows.agency_code = register.agency_code
        and rows.reporting_date between register.valid_from and register.valid_to
where rows.service_level != register.service_level
