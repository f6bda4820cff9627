-- Grain: form, agency, record and first day: a row that the register says must be there, and the
-- row of a report, if any, that speaks of it on those days.
{{ config(tags=["after_quality"]) }}

with numbered as (
    select
        *,
        as_of_date - cast(
            row_number() over (
                partition by agency_code, task_code, submission_id, deadline_kind
                order by as_of_date
            ) as integer
        ) as island
    from {{ ref("int_task_agency_days") }}
),

spans as (
    select
        agency_code,
        task_code,
        submission_id,
        deadline_kind,
        min(as_of_date) as valid_from,
        max(as_of_date) as valid_to
    from numbered
    group by agency_code, task_code, submission_id, deadline_kind, island
)

select
    'tasks' as form,
    spans.agency_code,
    spans.task_code as record_key,
    spans.valid_from,
    spans.valid_to,
    spans.submission_id,
    spans.deadline_kind,
    coalesce(len(registered.coordinating_agencies), 0) > 0 as has_coordinators
from spans
inner join {{ ref("int_registered_tasks") }} as registered
    on
        spans.task_code = registered.task_code
        and spans.valid_from between registered.valid_from and registered.valid_to

union all

select
    'register_tasks' as form,
    'BCD' as agency_code,
    task_code as record_key,
    valid_from,
    least(valid_to, {{ as_of_date() }}) as valid_to,
    submission_id,
    deadline_kind,
    coalesce(len(coordinating_agencies), 0) > 0 as has_coordinators
from {{ ref("int_registered_tasks") }}
where valid_from <= {{ as_of_date() }}
