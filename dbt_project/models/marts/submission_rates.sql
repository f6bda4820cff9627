with reporters as (
    -- Who might have to send the form.
    select
        slots.form,
        slots.reporting_date as slot_on,
        slots.period_start,
        slots.period_end,
        slots.due_at,
        slots.due_on <= {{ as_of_date() }} as is_due,
        agencies.agency_code as sender_code,
        agencies.peer_group
    from {{ ref("int_slots") }} as slots
    inner join {{ ref("forms") }} as forms on slots.form = forms.form
    inner join {{ ref("agencies") }} as agencies
        on
            agencies.peer_group = coalesce(forms.peer_group, agencies.peer_group)
            and slots.reporting_date
            between agencies.valid_from and coalesce(agencies.valid_to, {{ open_end() }})
),

counted_as as (
    select
        *,
        unnest(['all', peer_group, sender_code]) as agency_code
    from reporters
),

outcomes as (
    select distinct
        agency_code,
        form,
        slot_on,
        timeliness
    from {{ ref("fct_submissions") }}
    where slot_on is not null
),

counted as (
    select
        counted_as.slot_on,
        counted_as.form,
        counted_as.agency_code,
        counted_as.period_start,
        counted_as.period_end,
        counted_as.due_at,
        counted_as.is_due,
        count(*) as reporting_count,
        count(outcomes.timeliness) as expected_count,
        count(*) filter (where outcomes.timeliness in ('ON_TIME', 'LATE')) as received_count,
        count(*) filter (where outcomes.timeliness = 'ON_TIME') as on_time_count,
        count(*) filter (where outcomes.timeliness = 'LATE') as late_count,
        count(*) filter (where outcomes.timeliness = 'MISSING') as missing_count,
        count(*) filter (where outcomes.timeliness = 'NEVER_SENT') as never_sent_count,
        count(*) filter (where outcomes.timeliness = 'NOT_YET_DUE') as not_yet_due_count
    from counted_as
    left join outcomes
        on
            counted_as.sender_code = outcomes.agency_code
            and counted_as.form = outcomes.form
            and counted_as.slot_on = outcomes.slot_on
    group by all
)

select
    slot_on,
    form,
    agency_code,
    period_start,
    period_end,
    due_at,
    is_due,
    reporting_count,
    expected_count,
    received_count,
    on_time_count,
    late_count,
    missing_count,
    never_sent_count,
    not_yet_due_count,
    expected_count / reporting_count as expected_share,
    case when is_due then received_count / nullif(expected_count, 0) end as received_share,
    case when is_due then on_time_count / nullif(expected_count, 0) end as on_time_share
from counted
