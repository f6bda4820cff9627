-- Grain: submission and form, with its standing and the days on which it is the agency's word.
with current_days as (
    select
        submission_id,
        form,
        reporting_date as valid_from,
        coalesce(
            lead(reporting_date) over (
                partition by agency_code, form, snapshot_scope order by reporting_date
            ) - 1,
            {{ open_end() }}
        ) as valid_to
    from {{ ref("int_submission_versions") }}
    where is_newest
)

select
    forms.submission_id,
    forms.form,
    forms.agency_code,
    forms.reporting_date,
    forms.received_at,
    forms.rows_received,
    forms.snapshot_scope,
    versions.version_number,
    case
        when forms.is_refused or forms.answer = 'refuse' then 'REFUSED'
        when forms.is_withdrawn then 'WITHDRAWN'
        when forms.is_unread then 'RECEIVED'
        when versions.submission_id is null or versions.has_fallen then 'HELD'
        when versions.is_newest then 'ACCEPTED'
        else 'SUPERSEDED'
    end as status,
    case
        when forms.is_refused then forms.refusal
        when forms.answer = 'refuse' then 'refused_by_decision'
        when forms.is_withdrawn then 'withdrawn_by_decision'
        when versions.submission_id is null then forms.identity_doubt
        when versions.has_fallen then 'rows_fell'
        when versions.is_same_content then 'same_content'
    end as reason_code,
    current_days.valid_from,
    current_days.valid_to
from {{ ref("int_submission_forms") }} as forms
left join {{ ref("int_submission_versions") }} as versions
    on forms.submission_id = versions.submission_id and forms.form = versions.form
left join current_days
    on forms.submission_id = current_days.submission_id and forms.form = current_days.form
