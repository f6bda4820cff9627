{{ by_day(tags=["after_quality"]) }}

with failed as (
    select
        as_of_date,
        agency_code,
        rule_id,
        count(*) as failed_count
    from {{ ref("int_rule_failures") }}
    where
        not is_excepted
        and as_of_date in (select days.as_of_date from {{ ref("int_days") }} as days)
    group by all
),

unjudged as (
    select
        rule_id,
        agency_code,
        valid_from,
        valid_to,
        count(*) as row_count
    from {{ ref("int_rule_missing") }}
    group by all
),

unjudged_daily as (
    select
        days.as_of_date,
        unjudged.agency_code,
        unjudged.rule_id,
        cast(sum(unjudged.row_count) as bigint) as row_count
    from unjudged
    inner join {{ ref("int_days") }} as days
        on days.as_of_date between unjudged.valid_from and unjudged.valid_to
    group by all
),

failed_and_missing as (
    -- A row that fails a rule is not missing for it as well.
    select
        failures.as_of_date,
        failures.agency_code,
        failures.rule_id,
        count(distinct failures.record_key) as row_count
    from {{ ref("int_rule_failures") }} as failures
    inner join {{ ref("int_days") }} as days on failures.as_of_date = days.as_of_date
    inner join {{ ref("int_rule_rows") }} as rows
        on
            failures.form = rows.form
            and failures.agency_code = rows.agency_code
            and failures.record_key = rows.record_key
            and failures.as_of_date between rows.valid_from and rows.valid_to
    left join {{ ref("int_rule_missing") }} as missing
        on
            failures.rule_id = missing.rule_id
            and failures.agency_code = missing.agency_code
            and failures.record_key = missing.record_key
            and failures.as_of_date between missing.valid_from and missing.valid_to
    where rows.submission_id is null or missing.rule_id is not null
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
        concerned.unreported_count
        + coalesce(unjudged_daily.row_count, 0)
        - coalesce(failed_and_missing.row_count, 0) as missing_count,
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
    left join unjudged_daily
        on
            concerned.as_of_date = unjudged_daily.as_of_date
            and concerned.agency_code = unjudged_daily.agency_code
            and rules.rule_id = unjudged_daily.rule_id
    left join failed_and_missing
        on
            concerned.as_of_date = failed_and_missing.as_of_date
            and concerned.agency_code = failed_and_missing.agency_code
            and rules.rule_id = failed_and_missing.rule_id
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
