-- The newest register that lists the task.
select
    task_code,
    programme_code,
    title,
    lead_agency_raw as lead_agencies,
    coordinating_agencies_raw as coordinating_agencies,
    assigned_on,
    deadline,
    deadline_original,
    deadline_precision,
    deadline_kind,
    deliverable,
    legal_basis,
    case when valid_to < {{ as_of_date() }} then valid_to + 1 end as withdrawn_on,
    submission_id,
    sheet_name,
    row_number
from {{ ref("int_registered_tasks") }}
where valid_from <= {{ as_of_date() }}
qualify row_number() over (partition by task_code order by valid_from desc) = 1
