-- Grain: kept row of a report or register, and first day on which it may count: the register gives
-- what the row speaks of to the agency that answers for it. Every row may where no register knows
-- the form, and until one lists anything.
{{ by_sender() }}

with known as (
    select
        forms.form,
        coalesce(min(keys.valid_from), {{ open_end() }}) as known_from
    from {{ ref("forms") }} as forms
    left join {{ ref("int_registered_keys") }} as keys
        on forms.form = keys.form and forms.registered_key is not null
    group by forms.form
),

answering as (
    select
        *,
        -- What a row speaks of, without the days that it speaks of.
        regexp_replace(record_key, '(/\d{4}-\d{2}-\d{2})+$', '') as registered_key
    from {{ ref("int_row_agencies") }}
)

select
    standing.form,
    standing.submission_id,
    standing.row_number,
    standing.agency_code as sender_code,
    standing.valid_from,
    least(standing.valid_to, known.known_from - 1) as valid_to
from {{ ref("int_standing_rows") }} as standing
inner join known
    on standing.form = known.form and standing.valid_from < known.known_from
{{ only_touched("standing", "agency_code") }}

union all

select
    answering.form,
    answering.submission_id,
    answering.row_number,
    answering.sender_code,
    greatest(answering.valid_from, keys.valid_from) as valid_from,
    least(answering.valid_to, keys.valid_to) as valid_to
from answering
inner join {{ ref("int_registered_keys") }} as keys
    on
        answering.form = keys.form
        and answering.agency_code = keys.agency_code
        and answering.registered_key = keys.registered_key
        and answering.valid_from <= keys.valid_to
        and answering.valid_to >= keys.valid_from
inner join {{ ref("forms") }} as forms
    on answering.form = forms.form and forms.registered_key is not null
{{ only_touched("answering") }}
