-- Grain: printed figure: whether the computed value is what it says. NULL without a value.
with compared as (
    select
        figures.*,
        coalesce(measures.value, indicators.value) as computed_value,
        coalesce(indicators.operator, '=') as computed_operator,
        coalesce(measures.reason, indicators.reason) as reason,
        indicators.newest_on,
        indicators.unit as computed_unit,
        round(computed_value / figures.rounding_unit)
        = round(figures.value / figures.rounding_unit) as is_equal
    from {{ ref("int_figures") }} as figures
    left join {{ ref("int_figure_measures") }} as measures
        on figures.figure_id = measures.figure_id
    left join {{ ref("int_figure_indicators") }} as indicators
        on figures.figure_id = indicators.figure_id
)

select
    *,
    case operator
        when '=' then is_equal and computed_operator = '='
        when '>' then computed_value > value or (is_equal and computed_operator in ('>', '>='))
        when '<=' then computed_value <= value
        when '~' then abs(computed_value - value) <= 0.05 * abs(value)
    end as is_match
from compared
