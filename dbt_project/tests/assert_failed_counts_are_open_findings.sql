-- Every failure that is counted is an open finding, and no other: per rule, agency and day.
{{ config(tags=["after_quality"]) }}

with open_findings as (
    select
        days.as_of_date,
        findings.agency_code,
        findings.rule_id,
        count(*) as finding_count
    from {{ ref("findings") }} as findings
    inner join {{ ref("int_days") }} as days
        on
            findings.opened_on <= days.as_of_date
            and coalesce(findings.closed_on, {{ open_end() }}) > days.as_of_date
    group by all
),

built as (
    select results.*
    from {{ ref("rule_results") }} as results
    inner join {{ ref("int_days") }} as days on results.as_of_date = days.as_of_date
)

select
    results.as_of_date,
    results.agency_code,
    results.rule_id,
    results.failed_count,
    open_findings.as_of_date as found_on,
    open_findings.agency_code as found_at,
    open_findings.finding_count
from built as results
full join open_findings
    on
        results.as_of_date = open_findings.as_of_date
        and results.agency_code = open_findings.agency_code
        and results.rule_id = open_findings.rule_id
where coalesce(results.failed_count, 0) != coalesce(open_findings.finding_count, 0)
