-- Grain: measure of rows: the sums that it is made of. A share adds up its two columns over the
-- same rows: `a with b` is the sum of a over rows that have a and b, `rows with a` the number of
-- rows that have a.
with declared as (
    select
        *,
        numerator != 'rows' and numerator not like 'distinct %' as adds_up
    from {{ ref("measures") }}
    where form != 'tasks' and numerator is not null
)

select
    measure,
    form,
    span,
    programme_scope,
    slice,
    coalesce(numerator_slice, slice) as numerator_slice,
    case
        when adds_up and denominator != 'rows' then numerator || ' with ' || denominator
        else numerator
    end as numerator,
    case when adds_up then denominator || ' with ' || numerator else denominator end
        as denominator
from declared
