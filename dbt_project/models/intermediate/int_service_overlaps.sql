-- Grain: row of a report of services, and row that it gives way to: one of the same procedure that
-- speaks of some of the same days, of the same agency, its predecessor or its successor. The longer
-- period counts, so that no dossier is lost; of equally long ones the successor's, then the one
-- reported last.
{{ by_sender(form="'services'") }}

with resolutions as (
    select distinct
        agency_code,
        resolved_code
    from {{ ref("int_agency_resolutions") }}
),

kin as (
    select
        agency_code,
        resolved_code as other_code,
        cast(agency_code != resolved_code as integer) as seniority
    from resolutions

    union all

    select
        resolved_code as agency_code,
        agency_code as other_code,
        -1 as seniority
    from resolutions
    where agency_code != resolved_code
),

reported as (
    select services.*
    from {{ ref("int_reported_services") }} as services
    {{ only_touched("services", "agency_code", "'services'") }}
)

select
    shorter.agency_code as sender_code,
    shorter.submission_id,
    shorter.row_number,
    longer.submission_id as other_submission_id,
    longer.row_number as other_row_number,
    longer.valid_from as replaced_from,
    greatest(shorter.valid_from, longer.valid_from) as valid_from,
    least(shorter.valid_to, longer.valid_to) as valid_to,
    -- A later word, or the successor's, on all that the row speaks of: nothing is at fault.
    shorter.period_start >= longer.period_start
    and shorter.period_end <= longer.period_end
    and (
        kin.seniority = 1
        or (kin.seniority = 0 and shorter.reporting_date < longer.reporting_date)
    ) as is_said_again
from reported as shorter
inner join kin on shorter.agency_code = kin.agency_code
inner join reported as longer
    on
        kin.other_code = longer.agency_code
        and shorter.procedure_code = longer.procedure_code
        and shorter.record_key != longer.record_key
        and shorter.period_start <= longer.period_end
        and shorter.period_end >= longer.period_start
where
    (
        shorter.period_end - shorter.period_start,
        0,
        shorter.reporting_date,
        shorter.record_key
    ) < (
        longer.period_end - longer.period_start,
        kin.seniority,
        longer.reporting_date,
        longer.record_key
    )
