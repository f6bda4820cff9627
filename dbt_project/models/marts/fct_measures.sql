{{ by_day() }}

with counts as (
    unpivot (
        select
            as_of_date,
            programme_scope,
            agency_code,
            case when agency_code = 'all' then tasks_involving end as tasks_assigned,
            case when agency_code != 'all' then tasks_involving end as tasks_involving_agency,
            tasks_completed,
            tasks_completed_on_time,
            tasks_completed_late,
            tasks_in_progress,
            tasks_overdue,
            tasks_unknown
        from {{ ref("int_task_counts") }}
    )
    on columns(* exclude (as_of_date, programme_scope, agency_code))
    into name measure value numerator
),

window_counts as (
    unpivot {{ ref("int_window_counts") }}
    on columns(* exclude (as_of_date, programme_scope, agency_code, window_start))
    into name measure value numerator
),

agencies_with_tasks as (
    select
        tasks.as_of_date,
        scopes.programme_scope,
        'all' as agency_code,
        'agencies_with_tasks' as measure,
        count(distinct tasks.agency_code) as numerator
    from {{ ref("int_task_agency_days") }} as tasks
    inner join {{ ref("agencies") }} as agencies
        on
            tasks.agency_code = agencies.agency_code
            and tasks.as_of_date between agencies.valid_from
            and coalesce(agencies.valid_to, {{ open_end() }})
            and agencies.peer_group is not null
    inner join {{ ref("int_programme_scopes") }} as scopes
        on tasks.programme_code = scopes.programme_code
    group by all
),

shares as (
    select
        as_of_date,
        programme_scope,
        agency_code,
        unnest(['on_time_share_of_done', 'on_time_share_of_due']) as measure,
        tasks_completed_on_time as numerator,
        unnest([tasks_completed, tasks_due]) as denominator
    from {{ ref("int_task_counts") }}
),

every_measure as (
    select
        *,
        null as window_start,
        null as denominator
    from counts
    union all by name
    select
        *,
        null as denominator
    from window_counts
    union all by name
    select
        *,
        null as window_start,
        null as denominator
    from agencies_with_tasks
    union all by name
    select
        *,
        null as window_start
    from shares
    union all by name
    select
        *,
        null as window_start
    from {{ ref("int_row_measures") }}
)

select
    every_measure.as_of_date,
    every_measure.measure,
    every_measure.programme_scope,
    every_measure.agency_code,
    cast(every_measure.window_start as date) as window_start,
    case
        when
            measures.unit = 'share'
            then every_measure.numerator / nullif(every_measure.denominator, 0)
        else every_measure.numerator
    end as value,
    every_measure.numerator,
    cast(every_measure.denominator as bigint) as denominator,
    measures.unit
from every_measure
inner join {{ ref("measures") }} as measures on every_measure.measure = measures.measure
