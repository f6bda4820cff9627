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
            days.as_of_date >= findings.opened_on
            and days.as_of_date < coalesce(findings.closed_on, {{ open_end() }})
    group by all
)

select
    as_of_date,
    agency_code,
    rule_id,
    results.failed_count,
    open_findings.finding_count
from {{ ref("rule_results") }} as results
full join open_findings using (as_of_date, agency_code, rule_id)
where coalesce(results.failed_count, 0) != coalesce(open_findings.finding_count, 0)
