-- Grain: day and task: what its leads say together, by the policy `collective_done`.
-- Bodies that do not report to the committee (companies, Party commissions) are not waited for.
with policies as (
    select value
    from {{ ref("policies") }}
    where policy = 'collective_done'
),

leads as (
    select
        words.as_of_date,
        words.task_code,
        bool_or(words.has_report) as has_report,
        bool_or(words.is_started or words.is_done) as is_started,
        case any_value(policies.value)
            when 'all' then bool_and(words.is_done)
            when 'any' then bool_or(words.is_done)
            else arg_min(words.is_done, (words.lead_position, words.agency_code))
        end as is_done,
        -- The latest completion, or none when one of the leads gives no date.
        case
            when count(words.completed_on) = count_if(words.is_done) then max(words.completed_on)
        end as completed_on,
        -- Rounded, so that the order of a parallel sum leaves no trace.
        round(avg(words.percent_complete), 6) as percent_complete,
        max(words.reporting_date) as reported_on,
        arg_min(words.status_raw, (words.lead_position, words.agency_code)) as status_reported_raw,
        case
            when bool_and(coalesce(words.status_reported = 'DONE', false)) then 'DONE'
            when
                count(distinct words.status_reported) = 1
                and count(words.status_reported) = count(*)
                then max(words.status_reported)
            when
                bool_or(words.status_reported in ('DONE', 'IN_PROGRESS', 'REGULAR'))
                then 'IN_PROGRESS'
            else arg_min(words.status_reported, (words.lead_position, words.agency_code))
        end as status_reported,
        bool_or(words.has_evidence) as has_evidence,
        arg_min(sheet_rows.obstacles, (words.lead_position, words.agency_code)) as obstacles,
        arg_min(sheet_rows.proposal, (words.lead_position, words.agency_code)) as proposal
    from {{ ref("int_task_agency_days") }} as words
    inner join {{ ref("agencies") }} as agencies
        on
            words.agency_code = agencies.agency_code
            and words.as_of_date between agencies.valid_from
            and coalesce(agencies.valid_to, {{ open_end() }})
            and agencies.peer_group is not null
    left join {{ ref("int_reported_tasks") }} as sheet_rows
        on
            words.submission_id = sheet_rows.submission_id
            and words.task_code = sheet_rows.task_code
    cross join policies
    where words.role = 'lead'
    group by all
),

days as (
    select
        days.as_of_date,
        registered.*,
        coalesce(leads.has_report, false) as has_report,
        coalesce(leads.is_started, false) as is_started,
        coalesce(leads.is_done, false) as is_done,
        case when leads.is_done then leads.completed_on end as completed_on,
        leads.percent_complete,
        leads.reported_on,
        coalesce(leads.status_reported, 'UNKNOWN') as status_reported,
        leads.status_reported_raw,
        coalesce(leads.has_evidence, false) as has_evidence,
        leads.obstacles,
        leads.proposal
    from {{ ref("int_days") }} as days
    inner join {{ ref("int_registered_tasks") }} as registered
        on days.as_of_date between registered.valid_from and registered.valid_to
    left join leads
        on days.as_of_date = leads.as_of_date and registered.task_code = leads.task_code
)

select
    *,
    {{ task_status(
        "is_done", "completed_on", "is_started", "has_report",
        "deadline", "deadline_kind", "deadline_state", "as_of_date",
    ) }} as status
from days
