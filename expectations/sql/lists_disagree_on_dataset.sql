-- A dataset of which the official lists in one register do not say the same.
with disputed as (
    select
        submission_id,
        dataset_code
    from raw.register_datasets
    group by all
    having count(distinct {column}) > 1
)

select
    cast(null as date) as as_of_date,
    'BCD' as agency_code,
    rows.submission_id,
    'register_datasets' as form,
    rows.sheet_name,
    rows.row_number,
    rows.record_key,
    '{column}' as column_name,
    rows.{column}_raw as value_found,
    cast(null as varchar) as value_expected,
    rows.list_source as related_cells
from raw.register_datasets as rows
inner join disputed
    on
        rows.submission_id = disputed.submission_id
        and rows.dataset_code = disputed.dataset_code
where rows.{column} is not null
