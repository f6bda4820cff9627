-- Grain: data row that is not kept, with the reason. Received rows = kept + rejected.
select
    submission_id,
    form,
    sheet_name,
    row_number,
    record_key,
    rejection_reason
from {{ ref("int_rows") }}
where rejection_reason is not null
