-- Grain: row of a report that no longer counts from a day on, because another row says the same.
-- An abolished agency's row gives way where its successor reports the same key; a period of a
-- procedure where the successor, or a newer report of its own, speaks of the same days. Within one
-- report the shorter of two such periods holds.
with heirs as (
    select distinct
        agency_code,
        resolved_code as heir_code
    from {{ ref("int_agency_resolutions") }}
),

replacements as (
    select
        replaced.form,
        replaced.submission_id,
        replaced.row_number,
        own.valid_from as replaced_from
    from {{ ref("int_standing_rows") }} as replaced
    inner join heirs
        on replaced.agency_code = heirs.agency_code and heirs.agency_code != heirs.heir_code
    inner join {{ ref("int_standing_rows") }} as own
        on
            replaced.form = own.form
            and replaced.record_key = own.record_key
            and heirs.heir_code = own.agency_code
    where replaced.form != 'tasks'

    union all

    select
        'services' as form,
        replaced.submission_id,
        replaced.row_number,
        own.valid_from as replaced_from
    from {{ ref("int_reported_services") }} as replaced
    inner join heirs on replaced.agency_code = heirs.agency_code
    inner join {{ ref("int_reported_services") }} as own
        on
            heirs.heir_code = own.agency_code
            and replaced.procedure_code = own.procedure_code
            and replaced.record_key != own.record_key
            and replaced.period_start <= own.period_end
            and replaced.period_end >= own.period_start
    where
        heirs.heir_code != replaced.agency_code
        or (
            replaced.reporting_date,
            replaced.period_start - replaced.period_end,
            replaced.record_key
        ) < (own.reporting_date, own.period_start - own.period_end, own.record_key)
)

select
    form,
    submission_id,
    row_number,
    min(replaced_from) as replaced_from
from replacements
group by all
