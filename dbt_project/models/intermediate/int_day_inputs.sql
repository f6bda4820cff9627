-- Grain: day, from the first accepted report of an agency to the day that the run reports; where
-- there are registers alone, from the first of them. The hash is of all that a day can say: what
-- was sent for it or for an earlier day, what was decided by then, and the rules.
with said as (
    select
        reporting_date as said_on,
        form || mark as mark
    from {{ ref("int_submission_marks") }}

    union all

    select
        -- The day in Asia/Ho_Chi_Minh, 7 hours ahead of UTC all year.
        cast(decided_at + interval 7 hour as date) as said_on,
        concat_ws('|', decided_at, kind, key, answer) as mark
    from {{ ref("stg_decisions") }}
    where kind = 'exception'
),

dated as (
    select
        said_on,
        md5(string_agg(mark, chr(10) order by mark)) as mark
    from said
    group by said_on
),

days as (
    select cast(series.day as date) as as_of_date
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
    ) as series (day)
)

select
    days.as_of_date,
    md5(
        concat(
            (select run.rule_set_hash from {{ source("raw", "run") }} as run),
            string_agg(dated.mark, '' order by dated.said_on)
        )
    ) as inputs_hash
from days
inner join dated on days.as_of_date >= dated.said_on
group by days.as_of_date
