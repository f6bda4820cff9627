-- Grain: agency, indicator and first day: its newest measurement, whichever that is, or the bare
-- code of the indicator while none is reported.
with newest as (
    select distinct
        agency_code,
        indicator_code,
        reporting_date,
        arg_max(record_key, measured_on) over (
            partition by agency_code, indicator_code order by reporting_date
        ) as record_key
    from {{ ref("int_reported_indicators") }}
),

measured as (
    select
        agency_code,
        indicator_code,
        record_key,
        reporting_date as valid_from,
        coalesce(
            lead(reporting_date) over (
                partition by agency_code, indicator_code order by reporting_date
            ) - 1,
            {{ open_end() }}
        ) as valid_to
    from newest

    union all

    select
        registered.agency_code,
        registered.indicator_code,
        registered.indicator_code as record_key,
        date '1900-01-01' as valid_from,
        coalesce(min(newest.reporting_date) - 1, {{ open_end() }}) as valid_to
    from {{ ref("int_registered_indicators") }} as registered
    left join newest
        on
            registered.agency_code = newest.agency_code
            and registered.indicator_code = newest.indicator_code
    group by registered.agency_code, registered.indicator_code
)

select
    'indicators' as form,
    registered.agency_code,
    measured.record_key,
    greatest(registered.valid_from, measured.valid_from) as valid_from,
    least(registered.valid_to, measured.valid_to) as valid_to,
    case when registered.unit is null then ['unit'] else [] end as excused_columns
from {{ ref("int_registered_indicators") }} as registered
inner join measured
    on
        registered.agency_code = measured.agency_code
        and registered.indicator_code = measured.indicator_code
        and registered.valid_from <= measured.valid_to
        and registered.valid_to >= measured.valid_from
