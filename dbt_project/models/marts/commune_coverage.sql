-- Days on which nothing changed for a province are one row.
with edges as (
    select
        agency_code,
        valid_from as edge
    from {{ ref("int_rule_rows") }}
    where form = 'commune_criteria'

    union

    select
        agency_code,
        valid_to + 1 as edge
    from {{ ref("int_rule_rows") }}
    where form = 'commune_criteria'
),

spans as (
    select
        agency_code,
        edge as valid_from,
        lead(edge) over (partition by agency_code order by edge) - 1 as valid_to
    from edges
),

communes as (
    select
        spans.agency_code,
        spans.valid_from,
        spans.valid_to,
        split_part(expected.record_key, '/', 1) as commune_code,
        count(*) as criteria_expected,
        count(expected.submission_id) as criteria_reported,
        count_if(coalesce(sheet_rows.is_met, false)) as criteria_met
    from spans
    inner join {{ ref("int_rule_rows") }} as expected
        on
            expected.form = 'commune_criteria'
            and spans.agency_code = expected.agency_code
            and spans.valid_from between expected.valid_from and expected.valid_to
    left join {{ ref("int_reported_commune_criteria") }} as sheet_rows
        on
            expected.submission_id = sheet_rows.submission_id
            and expected.record_key = sheet_rows.record_key
    group by all
)

select
    agency_code,
    valid_from,
    case when valid_to < {{ as_of_date() }} then valid_to end as valid_to,
    count(*) as communes_registered,
    count(*) filter (where criteria_reported > 0) as communes_reported,
    count(*) filter (where criteria_met = criteria_expected) as communes_meeting_all,
    cast(sum(criteria_expected) as bigint) as criteria_expected,
    cast(sum(criteria_reported) as bigint) as criteria_reported,
    cast(sum(criteria_met) as bigint) as criteria_met,
    sum(criteria_reported) / sum(criteria_expected) as coverage_share,
    sum(criteria_met) / nullif(sum(criteria_reported), 0) as met_share
from communes
where valid_from <= {{ as_of_date() }}
group by agency_code, valid_from, valid_to
