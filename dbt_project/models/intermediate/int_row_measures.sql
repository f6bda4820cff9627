-- Grain: day, measure and whom it is for: measures of rows as seed `measures` declares them, where
-- any row is in the slice.
select
    counted.as_of_date,
    measures.measure,
    coalesce(measures.programme_scope, '') as programme_scope,
    counted.agency_code,
    -- No row in a slice is a count of nothing; no value in a column is no sum.
    coalesce(numerators.total, case when measures.numerator = 'rows' then 0 end) as numerator,
    denominators.total as denominator
from {{ ref("int_declared_sums") }} as measures
inner join {{ ref("int_row_sums") }} as counted
    on
        measures.form = counted.form
        and measures.span = counted.span
        and measures.slice = counted.slice
        and counted.column_name = 'rows'
left join {{ ref("int_row_sums") }} as numerators
    on
        counted.as_of_date = numerators.as_of_date
        and counted.form = numerators.form
        and counted.agency_code = numerators.agency_code
        and counted.span = numerators.span
        and measures.numerator_slice = numerators.slice
        and measures.numerator = numerators.column_name
left join {{ ref("int_row_sums") }} as denominators
    on
        counted.as_of_date = denominators.as_of_date
        and counted.form = denominators.form
        and counted.agency_code = denominators.agency_code
        and counted.span = denominators.span
        and counted.slice = denominators.slice
        and measures.denominator = denominators.column_name
