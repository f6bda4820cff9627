-- The newest register that has the dataset in the list.
select
    dataset_code,
    list_source,
    update_cycle_days,
    records_expected,
    case when valid_to < {{ as_of_date() }} then valid_to + 1 end as withdrawn_on,
    submission_id,
    sheet_name,
    row_number
from {{ ref("int_registered_datasets") }}
where valid_from <= {{ as_of_date() }}
qualify
    row_number() over (
        partition by dataset_code, list_source
        order by valid_from desc, row_number asc, position asc
    ) = 1
