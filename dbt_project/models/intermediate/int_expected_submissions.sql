-- Grain: agency, form and slot of the reporting calendar that has opened by the day of the run.
-- Every reporting agency sends tasks, be it to say that it has none; another form is due from those
-- of whom the register expects a row on the day of the slot, or on the day of the run before it.
with asked as (
    -- Rows are many, and ask on the same days.
    select distinct
        form,
        agency_code,
        valid_from,
        valid_to
    from {{ ref("int_expected_rows") }}
)

select distinct
    agencies.agency_code,
    slots.form,
    slots.reporting_date,
    slots.serves_from,
    slots.serves_to,
    slots.period_start,
    slots.period_end,
    slots.due_on,
    slots.due_at
from {{ ref("int_slots") }} as slots
inner join {{ ref("agencies") }} as agencies
    on
        agencies.peer_group is not null
        and slots.reporting_date between agencies.valid_from
        and coalesce(agencies.valid_to, {{ open_end() }})
left join asked
    on
        slots.form = asked.form
        and agencies.agency_code = asked.agency_code
        and slots.reporting_date >= asked.valid_from
        and least(slots.reporting_date, {{ as_of_date() }}) <= asked.valid_to
where slots.form = 'tasks' or asked.agency_code is not null
