-- Grain: day, from the first accepted report to the day that the run reports.
select cast(day as date) as as_of_date
from generate_series(
    (
        select min(reporting_date)
        from {{ ref("int_submissions") }}
        where status = 'ACCEPTED'
    ),
    {{ as_of_date() }},
    interval 1 day
) as days (day)
