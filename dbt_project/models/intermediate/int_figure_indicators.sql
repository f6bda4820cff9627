-- Grain: printed figure of an indicator: what the agencies in charge measured on its day, else the
-- register's target for that day, else why there is nothing.
with reports as (
    select
        figures.figure_id,
        indicators.agency_code,
        indicators.measured_on,
        indicators.measured_on = figures.as_of_date as is_of_the_day,
        indicators.value,
        indicators.operator,
        indicators.upper_bound,
        indicators.unit,
        case
            when indicators.value is not null
                then row(indicators.value, indicators.operator, indicators.upper_bound)
        end as said
    from {{ ref("int_figures") }} as figures
    inner join {{ ref("fct_indicators") }} as indicators
        on
            figures.indicator_code = lower(indicators.indicator_code)
            and figures.agency_code in ('all', indicators.current_agency_code)
            and indicators.is_counted
    -- Who is not in charge of an indicator does not speak for the nation.
    where (indicators.indicator_code, indicators.current_agency_code) in (
        select (registered.indicator_code, registered.agency_code)
        from {{ ref("int_registered_indicators") }} as registered
    )
),

reported as (
    select
        figure_id,
        max(measured_on) as newest_on,
        count(*) filter (where is_of_the_day) as reports,
        count(distinct said) filter (where is_of_the_day) as different_values,
        {% for column in ["value", "operator", "upper_bound", "unit"] %}
            arg_min({{ column }}, agency_code) filter (where is_of_the_day and value is not null)
                as {{ column }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from reports
    group by figure_id
),

answered as (
    select
        figures.figure_id,
        figures.unit as printed_unit,
        registered.indicator_code is not null as is_registered,
        reported.newest_on,
        coalesce(reported.reports, 0) as reports,
        coalesce(reported.different_values, 0) as different_values,
        {% for column in ["value", "operator", "upper_bound", "unit"] %}
            case
                when reported.reports > 0 then reported.{{ column }}
                when registered.target_on = figures.as_of_date
                    then registered.{{ column if column == "unit" else
                        "target" if column == "value" else "target_" ~ column }}
            end as {{ column }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref("int_figures") }} as figures
    left join {{ ref("dim_indicators") }} as registered
        on figures.indicator_code = lower(registered.indicator_code)
    left join reported on figures.figure_id = reported.figure_id
    where figures.indicator_code is not null
),

judged as (
    select
        *,
        case
            when not is_registered then 'not_registered'
            when different_values > 1 then 'several_values'
            when value is not null and not coalesce(unit = printed_unit, false) then 'other_unit'
            when value is not null then null
            when reports > 0 then 'unreadable'
            when newest_on is not null then 'other_day'
            else 'never_measured'
        end as reason
    from answered
)

select
    figure_id,
    case when reason is null then value end as value,
    coalesce(operator, '=') as operator,
    upper_bound,
    reason,
    newest_on,
    unit
from judged
