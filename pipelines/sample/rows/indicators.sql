-- The figure as its ministry reports it. Where a figure only says "more than", a ministry that
-- knows better gives a definite value; `reported_value` and `reported_on` make those that disagree.
with all_figures as (
    select * from seeds.published_figures
    union all by name
    select * from seeds.sample_figures
),

figures as (
    select
        upper(replace(measure, 'indicator:', '')) as indicator_code,
        as_of_date::date as as_of_date,
        operator,
        value::double as value
    from all_figures
    where measure like 'indicator:%'
),

measured as (
    select
        indicators.indicator_code,
        indicators.measured_operator,
        coalesce(indicators.reported_on::date, figures.as_of_date) as measured_on,
        case
            when indicators.reported_value is not null then indicators.reported_value::double
            when indicators.measured_operator = figures.operator then figures.value
            else round(
                figures.value * case figures.operator
                    when '>' then 1 + draw(indicators.indicator_code, 5, 30) / 1000.0
                    when '<=' then 0.8
                    else 1 + draw(indicators.indicator_code, -30, 30) / 1000.0
                end,
                if(figures.value between 11 and 100, 1, 0)
            )
        end as value
    from invented.indicators as indicators
    inner join figures on indicators.indicator_code = figures.indicator_code
)

select
    registered.agency_code,
    registered.reporting_date,
    registered.indicator_code,
    measured.measured_on,
    registered.indicator_name,
    measured.value / registered.unit_scale as value,
    measured.measured_operator as value_operator,
    registered.unit,
    registered.unit_scale,
    registered.unit_raw,
    'Báo cáo chuyên ngành số ' || draw(measured.indicator_code, 10, 400) || ' (giả định)' as source
from measured
inner join register_indicators as registered
    on
        measured.indicator_code = registered.indicator_code
        and registered.reporting_date >= measured.measured_on
