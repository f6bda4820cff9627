-- Grain: agency, form and slot of the reporting calendar that has come by the day of the run.
select
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
where calendar.reporting_date <= {{ as_of_date() }}
