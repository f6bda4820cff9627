-- Grain: day that this run builds: one that no run has built yet, or not from the same inputs. The
-- tables of days keep the others. Until the run has built them all, none of these counts as built.
{{ config(
    post_hook="delete from raw.built_days where (as_of_date, inputs_hash) not in
        (select (as_of_date, inputs_hash) from {{ ref('int_day_inputs') }})"
) }}

select as_of_date
from {{ ref("int_day_inputs") }}
anti join {{ source("raw", "built_days") }} as built
    using (as_of_date, inputs_hash)
