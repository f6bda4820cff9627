-- A dataset that was last updated longer before the reporting date than its cycle allows: the
-- cycle of the register, the longest where its lists differ.
with cycles as (
    select
        rows.submission_id,
        rows.row_number,
        max(register.update_cycle_days) as update_cycle_days
    from intermediate.int_reported_datasets as rows
    inner join intermediate.int_registered_datasets as register
        on
            rows.dataset_code = register.dataset_code
            and rows.reporting_date between register.valid_from and register.valid_to
    group by all
)

select
    cast(null as date) as as_of_date,
    rows.agency_code,
    rows.submission_id,
    'datasets' as form,
    rows.sheet_name,
    rows.row_number,
    rows.record_key,
    'last_updated_on' as column_name,
    rows.last_updated_on_raw as value_found,
    '≥ ' || strftime(rows.reporting_date - cast(cycles.update_cycle_days as integer), '%d/%m/%Y')
        as value_expected,
    'update_cycle_days = ' || cycles.update_cycle_days as related_cells
from intermediate.int_reported_datasets as rows
inner join cycles
    on
        rows.submission_id = cycles.submission_id
        and rows.row_number = cycles.row_number
where rows.reporting_date - rows.last_updated_on > cycles.update_cycle_days
