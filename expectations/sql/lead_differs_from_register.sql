-- Lead agencies that are not those of the register; an abolished one stands for its successor.
-- The register that ruled on the reporting date: a later one is no fault of this report.
with named as (
    select
        rows.submission_id,
        rows.task_code,
        rows.lead_agency_raw,
        register.lead_agency_raw as register_raw,
        register.sheet_name || '!' || register.row_number as register_address,
        rows.reporting_date,
        rows.lead_agency as reported,
        register.lead_agency as registered
    from intermediate.int_reported_tasks as rows
    inner join intermediate.int_registered_tasks as register
        on
            rows.task_code = register.task_code
            and rows.reporting_date between register.valid_from and register.valid_to
    where
        rows.lead_agency_state = 'present'
        and register.lead_agency_state = 'present'
        and rows.lead_agency != register.lead_agency
),

differing as (
    select *
    from named
    where
        (
            select list(distinct coalesce(successors.resolved_code, reported.code) order by all)
            from unnest(named.reported) as reported (code)
            left join intermediate.int_agency_resolutions as successors
                on
                    reported.code = successors.agency_code
                    and named.reporting_date between successors.valid_from and successors.valid_to
        )
        != (
            select list(distinct coalesce(successors.resolved_code, registered.code) order by all)
            from unnest(named.registered) as registered (code)
            left join intermediate.int_agency_resolutions as successors
                on
                    registered.code = successors.agency_code
                    and named.reporting_date between successors.valid_from and successors.valid_to
        )
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
    differing.lead_agency_raw as value_found,
    differing.register_raw as value_expected,
    'BCD ' || differing.register_address as related_cells
from intermediate.int_task_agency_days as days
inner join differing
    on
        days.submission_id = differing.submission_id
        and days.task_code = differing.task_code
