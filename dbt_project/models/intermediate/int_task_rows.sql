-- Grain: row of a tasks sheet that was taken, with the reason why it is not kept, if any.
-- A task without a code in its sheet bears the one that it was matched with.
{{ config(materialized="view") }}

select
    sheet_rows.* replace (
        found.record_key as record_key,
        coalesce(sheet_rows.task_code, found.record_key) as task_code
    ),
    found.agency_code,
    found.reporting_date,
    found.valid_from,
    found.valid_to,
    found.rejection_reason
from {{ source("raw", "tasks") }} as sheet_rows
inner join {{ ref("int_rows") }} as found
    on
        sheet_rows.submission_id = found.submission_id
        and sheet_rows.row_number = found.row_number
        and found.form = 'tasks'
