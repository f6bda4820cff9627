-- Grain: task and first day of a register that lists it.
-- A register is a full snapshot of each of its programmes: it rules until the next one of the
-- programme, and what the next one leaves out is withdrawn.
with snapshots as (
    select
        programme_code,
        reporting_date,
        arg_max(submission_id, (received_at, submission_id)) as submission_id
    from {{ ref("int_register_rows") }}
    where rejection_reason is null
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
    rows.task_code,
    rows.programme_code,
    rows.title,
    rows.lead_agency,
    rows.lead_agency_raw,
    rows.coordinating_agencies,
    rows.coordinating_agencies_raw,
    rows.assigned_on,
    case policies.value
        when 'original'
            then first_value(rows.deadline) over (
                partition by rows.task_code order by rows.reporting_date
            )
        else rows.deadline
    end as deadline,
    first_value(rows.deadline) over (
        partition by rows.task_code order by rows.reporting_date
    ) as deadline_original,
    rows.deadline_precision,
    rows.deadline_kind,
    rows.deadline_raw,
    rows.deliverable,
    rows.legal_basis,
    rows.legal_basis_raw,
    rows.title_state,
    rows.lead_agency_state,
    rows.coordinating_agencies_state,
    rows.assigned_on_state,
    rows.deadline_state,
    rows.deliverable_state,
    rows.legal_basis_state,
    rows.submission_id,
    rows.sheet_name,
    rows.row_number,
    ruling.reporting_date as valid_from,
    ruling.valid_to
from {{ ref("int_register_rows") }} as rows
inner join ruling
    on
        rows.submission_id = ruling.submission_id
        and rows.programme_code = ruling.programme_code
cross join (
    select value
    from {{ ref("policies") }}
    where policy = 'deadline_that_counts'
) as policies
where rows.rejection_reason is null
