-- Grain: printed figure of a measure: what it is on its day, in the unit of the figure, or why
-- there is nothing.
select
    figures.figure_id,
    case when figures.unit = 'percent' and computed.unit = 'share' then 100 else 1 end
    * computed.value as value,
    case
        when known.measure is null then 'not_measured'
        when computed.value is not null then null
        when figures.as_of_date > {{ as_of_date() }} then 'after_run'
        when
            not exists (
                select days.as_of_date
                from {{ ref("int_day_inputs") }} as days
                where days.as_of_date <= figures.as_of_date
            )
            then 'before_first_report'
        when computed.measure is not null then 'no_sum'
        when known.form = 'tasks' then 'no_task'
        else 'no_row'
    end as reason
from {{ ref("int_figures") }} as figures
left join {{ ref("fct_measures") }} as computed
    on
        figures.as_of_date = computed.as_of_date
        and figures.computed_measure = computed.measure
        and figures.programme_scope = computed.programme_scope
        and figures.computed_agency_code = computed.agency_code
        and figures.window_start is not distinct from computed.window_start
left join {{ ref("measures") }} as known on figures.computed_measure = known.measure
where figures.indicator_code is null
