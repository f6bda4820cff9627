-- The newest register that lists the dataset; of several lists the first row says what it is.
with newest as (
    select *
    from {{ ref("int_registered_datasets") }}
    where valid_from <= {{ as_of_date() }}
    qualify valid_from = max(valid_from) over (partition by dataset_code)
)

select
    dataset_code,
    arg_min(dataset_name, (row_number, position)) as dataset_name,
    arg_min(agency_code, (row_number, position)) as agency_code,
    list(distinct list_source order by list_source) as list_sources,
    count(distinct list_source) as list_count,
    arg_min(update_cycle_days, row_number) filter (where update_cycle_days is not null)
        as update_cycle_days,
    arg_min(records_expected, row_number) filter (where records_expected is not null)
        as records_expected,
    case when max(valid_to) < {{ as_of_date() }} then max(valid_to) + 1 end as withdrawn_on,
    arg_min(submission_id, row_number) as submission_id,
    arg_min(sheet_name, row_number) as sheet_name,
    min(row_number) as row_number
from newest
group by dataset_code
