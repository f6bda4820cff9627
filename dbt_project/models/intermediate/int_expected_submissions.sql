-- Grain: agency, form and slot of the reporting calendar that has come by the day of the run.
-- Every reporting agency sends tasks, be it to say that it has none; another form is due from those
-- of whom the register expects a row on the day of the slot.
select distinct
    agencies.agency_code,
    calendar.form,
    calendar.reporting_date,
    calendar.due_at
from {{ ref("reporting_calendar") }} as calendar
inner join {{ ref("agencies") }} as agencies
    on
        agencies.peer_group is not null
        and calendar.reporting_date between agencies.valid_from
        and coalesce(agencies.valid_to, {{ open_end() }})
left join {{ ref("int_expected_rows") }} as expected
    on
        calendar.form = expected.form
        and agencies.agency_code = expected.agency_code
        and calendar.reporting_date between expected.valid_from and expected.valid_to
where
    calendar.reporting_date <= {{ as_of_date() }}
    and (calendar.form = 'tasks' or expected.record_key is not null)
