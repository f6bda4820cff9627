-- Grain: row of a report that no longer counts from a day on, because another row says the same.
-- An abolished agency's row gives way where its successor reports the same key; of periods of a
-- procedure that overlap the longest counts.
with heirs as (
    select distinct
        agency_code,
        resolved_code as heir_code
    from {{ ref("int_agency_resolutions") }}
    where agency_code != resolved_code
),

replacements as (
    select
        replaced.form,
        replaced.submission_id,
        replaced.row_number,
        own.valid_from as replaced_from
    from {{ ref("int_standing_rows") }} as replaced
    inner join heirs on replaced.agency_code = heirs.agency_code
    inner join {{ ref("int_standing_rows") }} as own
        on
            replaced.form = own.form
            and replaced.record_key = own.record_key
            and heirs.heir_code = own.agency_code
    where replaced.form != 'tasks'

    union all

    select
        'services' as form,
        submission_id,
        row_number,
        replaced_from
    from {{ ref("int_service_overlaps") }}
)

select
    form,
    submission_id,
    row_number,
    min(replaced_from) as replaced_from
from replacements
group by all
