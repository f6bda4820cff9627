-- Gate: what is expected of agencies is received, lacking or not due yet, and received in time or
-- late; a group has the sum of its agencies.
select
    slot_on,
    form,
    agency_code
from {{ ref("submission_rates") }}
where
    expected_count
    != received_count + missing_count + never_sent_count + not_yet_due_count
    or received_count != on_time_count + late_count
    or expected_count > reporting_count
    or (is_due and not_yet_due_count > 0)
    or (not is_due and missing_count + never_sent_count > 0)

union all

select
    slot_on,
    form,
    'all' as agency_code
from {{ ref("submission_rates") }}
group by slot_on, form
having
    sum(expected_count) filter (where agency_code = 'all')
    != sum(expected_count) filter (where agency_code not in ('all', 'central', 'provinces'))
