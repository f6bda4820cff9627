-- The newest register that lists the criterion.
select
    criterion_code,
    criterion_name,
    case when valid_to < {{ as_of_date() }} then valid_to + 1 end as withdrawn_on,
    submission_id,
    sheet_name,
    row_number
from {{ ref("int_registered_criteria") }}
where valid_from <= {{ as_of_date() }}
qualify row_number() over (partition by criterion_code order by valid_from desc) = 1
