-- Grain: form and agency that may send it, with the hash of all that decides about its rows: what
-- the agency sent, those before and those after it (their periods may overlap), the registers, the
-- slots and the rules, and which of these hold on the day that the run reports.
with agency_groups as (
    select distinct
        agencies.agency_code,
        coalesce(heirs.resolved_code, agencies.agency_code) as group_code
    from {{ ref("agencies") }} as agencies
    left join {{ ref("int_agency_resolutions") }} as heirs
        on
            agencies.agency_code = heirs.agency_code
            and heirs.valid_to = {{ open_end() }}
),

sent as (
    select
        marks.form,
        agency_groups.group_code,
        md5(
            string_agg(
                concat_ws(
                    '|', marks.mark, marks.valid_from, marks.valid_to,
                    marks.valid_from <= {{ as_of_date() }}
                ), chr(10)
                order by marks.mark
            )
        ) as mark
    from {{ ref("int_submission_marks") }} as marks
    inner join agency_groups on marks.agency_code = agency_groups.agency_code
    group by marks.form, agency_groups.group_code
),

registers as (
    select string_agg(sent.mark, '' order by sent.form, sent.group_code) as mark
    from sent
    inner join {{ ref("forms") }} as forms on sent.form = forms.form
    where forms.sender = 'committee'
),

handovers as (
    select count(*) as mark
    from {{ ref("int_agency_answers") }}
    where valid_from <= {{ as_of_date() }}
),

slots as (
    select
        form,
        string_agg(reporting_date, '|' order by reporting_date) as mark
    from {{ ref("int_slots") }}
    group by form
)

select
    forms.form,
    agency_groups.agency_code,
    md5(
        concat_ws(
            chr(10),
            (select run.rule_set_hash from {{ source("raw", "run") }} as run),
            registers.mark, handovers.mark, slots.mark, sent.mark
        )
    ) as inputs_hash
from {{ ref("forms") }} as forms
cross join agency_groups
cross join registers
cross join handovers
left join sent
    on forms.form = sent.form and agency_groups.group_code = sent.group_code
left join slots on forms.form = slots.form
