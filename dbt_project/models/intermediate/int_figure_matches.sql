-- Grain: printed figure: whether what was computed lies within what it says: a number reported as a
-- bound allows many, and all of them must. NULL without a value.
with compared as (
    select
        figures.*,
        coalesce(measures.value, indicators.value) as computed_value,
        coalesce(indicators.operator, '=') as computed_operator,
        indicators.upper_bound as computed_upper_bound,
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
),

bounded as (
    select
        *,
        {{ first_allowed("computed_value", "computed_operator") }} as first_computed,
        {{ last_allowed("computed_value", "computed_upper_bound", "computed_operator") }}
            as last_computed,
        {{ first_allowed("value", "operator") }} as first_printed,
        {{ last_allowed("value", "null", "operator") }} as last_printed,
        computed_upper_bound is null and computed_operator = operator as is_said_alike
    from compared
)

select
    * exclude (first_computed, last_computed, first_printed, last_printed, is_said_alike),
    -- The same number after rounding, with the same sign, says the same.
    (is_equal and is_said_alike)
    -- A printed point has no other numbers in it.
    or (operator != '=' and first_computed >= first_printed and last_computed <= last_printed)
        as is_match,
    first_computed < last_computed as is_open
from bounded
