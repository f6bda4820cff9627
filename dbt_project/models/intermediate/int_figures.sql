-- Grain: figure that was printed, and what it says in our measures. Figures invented for the sample
-- are there only where the data are invented.
with figures as (
    select *
    from {{ ref("published_figures") }}

    union all by name

    select *
    from {{ ref("sample_figures") }}
    where (select bool_or(readings.is_invented) from {{ ref("stg_readings") }} as readings)
)

select
    figures.* replace (
        coalesce(figures.programme_scope, '') as programme_scope,
        coalesce(figures.agency_code, 'all') as agency_code
    ),
    coalesce(aliases.of_measure, figures.measure) as computed_measure,
    coalesce(aliases.agency_code, figures.agency_code, 'all') as computed_agency_code,
    case when starts_with(figures.measure, 'indicator:') then substr(figures.measure, 11) end
        as indicator_code
from figures
left join {{ ref("measure_aliases") }} as aliases on figures.measure = aliases.measure
