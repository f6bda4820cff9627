-- The newest register that lists the procedure for the agency.
select
    procedure_code,
    agency_code,
    procedure_name,
    service_level,
    is_essential,
    procedure_code_suffix as procedure_suffix,
    case when valid_to < {{ as_of_date() }} then valid_to + 1 end as withdrawn_on,
    submission_id,
    sheet_name,
    row_number
from {{ ref("int_registered_services") }}
where valid_from <= {{ as_of_date() }}
qualify row_number() over (partition by procedure_code, agency_code order by valid_from desc) = 1
