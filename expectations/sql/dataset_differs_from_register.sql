-- A figure that none of the lists of the register gives for the dataset.
-- The register that ruled on the reporting date: a later one is no fault of this report.
select
    cast(null as date) as as_of_date,
    rows.agency_code,
    rows.submission_id,
    'datasets' as form,
    rows.sheet_name,
    rows.row_number,
    rows.record_key,
    '{column}' as column_name,
    rows.{column}_raw as value_found,
    string_agg(distinct register.{column}_raw, '; ' order by register.{column}_raw)
        as value_expected,
    string_agg(
        'BCD ' || register.sheet_name || '!' || register.row_number, '; '
        order by register.row_number
    ) as related_cells
from intermediate.int_reported_datasets as rows
inner join intermediate.int_registered_datasets as register
    on
        rows.dataset_code = register.dataset_code
        and rows.reporting_date between register.valid_from and register.valid_to
where rows.{column} is not null and register.{column} is not null
group by all
having bool_and(rows.{column} != register.{column})
