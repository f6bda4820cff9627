-- Grain: form and agency whose rows this run places anew, since something that decides about them
-- has changed. The tables of rows keep the others. Until the run has built them all, none of these
-- counts as built.
{{ config(
    post_hook="delete from raw.built_senders where (form, agency_code, inputs_hash) not in
        (select (form, agency_code, inputs_hash) from {{ ref('int_sender_inputs') }})"
) }}

select
    inputs.form,
    inputs.agency_code
from {{ ref("int_sender_inputs") }} as inputs
anti join {{ source("raw", "built_senders") }} as built
    on
        inputs.form = built.form
        and inputs.agency_code = built.agency_code
        and inputs.inputs_hash = built.inputs_hash
