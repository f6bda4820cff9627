-- Grain: task and first day of a register that lists it.
-- A register is a full snapshot of each of its programmes: it rules until the next one of the
-- programme, and what the next one leaves out is withdrawn.
with policies as (
    select value
    from {{ ref("policies") }}
    where policy = 'deadline_that_counts'
),

register_rows as (
    select
        sheet_rows.*,
        kept.reporting_date,
        kept.received_at
    from {{ source("raw", "register_tasks") }} as sheet_rows
    inner join {{ ref("int_rows") }} as kept
        on
            sheet_rows.submission_id = kept.submission_id
            and sheet_rows.row_number = kept.row_number
            and kept.form = 'register_tasks'
            and kept.status = 'ACCEPTED'
            and kept.rejection_reason is null
),

snapshots as (
    select
        programme_code,
        reporting_date,
        arg_max(submission_id, (received_at, submission_id)) as submission_id
    from register_rows
    group by all
),

ruling as (
    select
        *,
        coalesce(
            lead(reporting_date) over (partition by programme_code order by reporting_date) - 1,
            {{ open_end() }}
        ) as valid_to
    from snapshots
)

select
    sheet_rows.record_key,
    sheet_rows.task_code,
    sheet_rows.programme_code,
    sheet_rows.title,
    sheet_rows.lead_agency,
    sheet_rows.lead_agency_raw,
    sheet_rows.coordinating_agencies,
    sheet_rows.coordinating_agencies_raw,
    sheet_rows.assigned_on,
    -- What kind of deadline it is goes with the deadline that counts.
    {% for column in ["deadline", "deadline_precision", "deadline_kind"] %}
        case policies.value
            when 'original' then first_value(sheet_rows.{{ column }}) over listed
            else sheet_rows.{{ column }}
        end as {{ column }},
    {% endfor %}
    first_value(sheet_rows.deadline) over listed as deadline_original,
    sheet_rows.deadline_raw,
    sheet_rows.deliverable,
    sheet_rows.legal_basis,
    sheet_rows.legal_basis_raw,
    sheet_rows.title_state,
    sheet_rows.lead_agency_state,
    sheet_rows.coordinating_agencies_state,
    sheet_rows.assigned_on_state,
    sheet_rows.deadline_state,
    sheet_rows.deliverable_state,
    sheet_rows.legal_basis_state,
    sheet_rows.submission_id,
    sheet_rows.sheet_name,
    sheet_rows.row_number,
    ruling.reporting_date as valid_from,
    ruling.valid_to
from register_rows as sheet_rows
inner join ruling
    on
        sheet_rows.submission_id = ruling.submission_id
        and sheet_rows.programme_code = ruling.programme_code
cross join policies
window listed as (partition by sheet_rows.task_code order by sheet_rows.reporting_date)
