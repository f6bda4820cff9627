-- Grain: day, from the first accepted report of an agency to the day that the run reports. Where
-- there are registers alone, from the first of them.
select cast(day as date) as as_of_date
from generate_series(
    (
        select
            coalesce(
                min(submissions.reporting_date) filter (where forms.sender = 'agency'),
                min(submissions.reporting_date)
            )
        from {{ ref("int_submissions") }} as submissions
        inner join {{ ref("forms") }} as forms on submissions.form = forms.form
        where submissions.status = 'ACCEPTED'
    ),
    {{ as_of_date() }},
    interval 1 day
) as days (day)
