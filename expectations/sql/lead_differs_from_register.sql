-- Lead agencies that are not those of the register; an abolished one stands for its successor.
-- The register that ruled on the reporting date: a later one is no fault of this report.
with pairs as (
    select
        reported.submission_id,
        reported.task_code,
        reported.reporting_date,
        reported.lead_agency as reported_codes,
        reported.lead_agency_raw as reported_raw,
        register.lead_agency as register_codes,
        register.lead_agency_raw as register_raw,
        register.sheet_name || '!' || register.row_number as register_address
    from intermediate.int_reported_tasks as reported
    inner join intermediate.int_registered_tasks as register
        on
            reported.task_code = register.task_code
            and reported.reporting_date between register.valid_from and register.valid_to
    where
        reported.lead_agency_state = 'present'
        and register.lead_agency_state = 'present'
        and reported.lead_agency != register.lead_agency
),

codes as (
    select
        submission_id,
        task_code,
        reporting_date,
        'reported' as side,
        unnest(reported_codes) as code
    from pairs

    union all

    select
        submission_id,
        task_code,
        reporting_date,
        'register' as side,
        unnest(register_codes) as code
    from pairs
),

answerable as (
    select
        codes.submission_id,
        codes.task_code,
        codes.side,
        list_sort(list(distinct coalesce(successors.resolved_code, codes.code))) as codes
    from codes
    left join intermediate.int_agency_resolutions as successors
        on
            codes.code = successors.agency_code
            and codes.reporting_date between successors.valid_from and successors.valid_to
    group by codes.submission_id, codes.task_code, codes.side
),

differing as (
    select
        submission_id,
        task_code
    from answerable
    group by submission_id, task_code
    having count(distinct codes) > 1
)

select
    days.as_of_date,
    days.agency_code,
    days.submission_id,
    'tasks' as form,
    days.sheet_name,
    days.row_number,
    days.task_code as record_key,
    'lead_agency' as column_name,
    pairs.reported_raw as value_found,
    pairs.register_raw as value_expected,
    'BCD ' || pairs.register_address as related_cells
from intermediate.int_task_agency_days as days
inner join pairs
    on
        days.submission_id = pairs.submission_id
        and days.task_code = pairs.task_code
inner join differing
    on
        days.submission_id = differing.submission_id
        and days.task_code = differing.task_code
