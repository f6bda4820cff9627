{{ config(tags=["after_quality"]) }}

with failed as (
    select
        as_of_date,
        agency_code,
        rule_id,
        count(*) as failed_count
    from {{ ref("int_rule_failures") }}
    where not is_excepted
    group by all
),

missing as (
    select
        days.as_of_date,
        missing.agency_code,
        missing.rule_id,
        count(distinct missing.record_key) as missing_count
    from {{ ref("int_rule_missing") }} as missing
    inner join {{ ref("int_days") }} as days
        on days.as_of_date between missing.valid_from and missing.valid_to
    -- A row that fails a rule is not missing for it as well.
    anti join {{ ref("int_rule_failures") }} as failures
        on
            days.as_of_date = failures.as_of_date
            and missing.agency_code = failures.agency_code
            and missing.rule_id = failures.rule_id
            and missing.record_key = failures.record_key
    group by all
),

counted as (
    select
        concerned.as_of_date,
        concerned.agency_code,
        rules.rule_id,
        rules.rule_version,
        concerned.applicable_count,
        coalesce(failed.failed_count, 0) as failed_count,
        coalesce(missing.missing_count, 0) as missing_count,
        case
            when outcomes.rule_id is null then 'not_run'
            when outcomes.error is not null then 'rule_broke'
            when concerned.applicable_count = 0 and failed.failed_count is null
                then 'nothing_registered'
            when not concerned.has_report and not concerned.is_due then 'not_due_yet'
            when not concerned.has_report then 'no_report'
        end as reason
    from {{ ref("int_rule_agencies") }} as concerned
    inner join {{ ref("rules") }} as rules on concerned.form = rules.form
    left join {{ source("measured", "rule_outcomes") }} as outcomes
        on rules.rule_id = outcomes.rule_id
    left join failed
        on
            concerned.as_of_date = failed.as_of_date
            and concerned.agency_code = failed.agency_code
            and rules.rule_id = failed.rule_id
    left join missing
        on
            concerned.as_of_date = missing.as_of_date
            and concerned.agency_code = missing.agency_code
            and rules.rule_id = missing.rule_id
)

select
    as_of_date,
    agency_code,
    rule_id,
    rule_version,
    case
        when reason in ('not_run', 'rule_broke') then 'ERROR'
        when reason in ('nothing_registered', 'not_due_yet') then 'NOT_APPLICABLE'
        when reason = 'no_report' then 'NOT_SUBMITTED'
        when failed_count + missing_count > 0 then 'FAIL'
        else 'PASS'
    end as status,
    case when reason is null or reason = 'no_report' then applicable_count else 0 end
        as applicable_count,
    failed_count,
    case
        when reason is null then missing_count
        when reason = 'no_report' then applicable_count
        else 0
    end as missing_count,
    reason
from counted
