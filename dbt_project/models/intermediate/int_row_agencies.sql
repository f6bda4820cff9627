-- Grain: kept row of a report or register, agency that answers for it, and first day.
{{ by_sender() }}

{% set registers = ["services", "datasets", "indicators", "communes"] %}
with named as (
    select
        standing.form,
        standing.submission_id,
        standing.row_number,
        standing.record_key,
        standing.agency_code as sender_code,
        standing.agency_code,
        1 as position,
        standing.valid_from,
        standing.valid_to
    from {{ ref("int_standing_rows") }} as standing
    inner join {{ ref("forms") }} as forms
        on
            standing.form = forms.form
            and forms.sender = 'agency'
            -- Who is involved in a task is said by the register, not by who reports it.
            and forms.form != 'tasks'
    {% for register in registers %}

        union all

        select
            standing.form,
            standing.submission_id,
            standing.row_number,
            standing.record_key,
            standing.agency_code as sender_code,
            unnest(sheet_rows.agency_code) as agency_code,
            generate_subscripts(sheet_rows.agency_code, 1) as position,
            standing.valid_from,
            standing.valid_to
        from {{ ref("int_standing_rows") }} as standing
        inner join {{ source("raw", "register_" ~ register) }} as sheet_rows
            on
                standing.submission_id = sheet_rows.submission_id
                and standing.row_number = sheet_rows.row_number
        where standing.form = 'register_{{ register }}'
    {% endfor %}
)

select
    named.form,
    named.submission_id,
    named.row_number,
    named.record_key,
    named.sender_code,
    answers.answering_code as agency_code,
    answers.peer_group,
    min(named.position) as position,
    greatest(named.valid_from, answers.valid_from) as valid_from,
    least(named.valid_to, answers.valid_to) as valid_to
from named
inner join {{ ref("int_agency_answers") }} as answers
    on
        named.agency_code = answers.agency_code
        and named.valid_from <= answers.valid_to
        and named.valid_to >= answers.valid_from
{{ only_touched("named") }}
group by all
