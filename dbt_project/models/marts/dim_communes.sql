-- The newest register that lists the commune.
select
    commune_code,
    commune_name,
    agency_code,
    case when valid_to < {{ as_of_date() }} then valid_to + 1 end as withdrawn_on,
    submission_id,
    sheet_name,
    row_number
from {{ ref("int_registered_communes") }}
where valid_from <= {{ as_of_date() }}
qualify row_number() over (partition by commune_code order by valid_from desc, position asc) = 1
