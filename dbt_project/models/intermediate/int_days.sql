-- Grain: day that this run builds: one that no run has built yet, or not from the same inputs. The
-- tables of days keep the others. Until the run has built them all, none of these counts as built.
{{ config(
    post_hook="delete from raw.built_days where (as_of_date, inputs_hash) not in
        (select (as_of_date, inputs_hash) from {{ ref('int_day_inputs') }})"
) }}

select inputs.as_of_date
from {{ ref("int_day_inputs") }} as inputs
anti join {{ source("raw", "built_days") }} as built
    on inputs.as_of_date = built.as_of_date and inputs.inputs_hash = built.inputs_hash
