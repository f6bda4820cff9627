-- Grain: row of a report or register, whom it counts for (`all`, a peer group, or one agency), and
-- first day. A row counts once for each of them, however many agencies it names, on days on which
-- the register gives what it speaks of to who answers for it, until another row replaces it.
{{ by_sender() }}

with standing as (
    select
        standing.form,
        standing.submission_id,
        standing.row_number,
        standing.sender_code,
        standing.valid_from,
        least(standing.valid_to, replaced.replaced_from - 1) as valid_to
    from {{ ref("int_registered_rows") }} as standing
    left join {{ ref("int_replaced_rows") }} as replaced
        on
            standing.form = replaced.form
            and standing.submission_id = replaced.submission_id
            and standing.row_number = replaced.row_number
    {{ only_touched("standing") }}
    where standing.form in (select measures.form from {{ ref("measures") }} as measures)
),

counted as (
    select
        form,
        submission_id,
        row_number,
        sender_code,
        'all' as agency_code,
        valid_from,
        valid_to
    from standing

    union all

    select distinct
        standing.form,
        standing.submission_id,
        standing.row_number,
        standing.sender_code,
        unnest([answering.agency_code, answering.peer_group]) as agency_code,
        greatest(standing.valid_from, answering.valid_from) as valid_from,
        least(standing.valid_to, answering.valid_to) as valid_to
    from standing
    inner join {{ ref("int_row_agencies") }} as answering
        on
            standing.form = answering.form
            and standing.submission_id = answering.submission_id
            and standing.row_number = answering.row_number
)

select *
from counted
where agency_code is not null and valid_from <= valid_to
