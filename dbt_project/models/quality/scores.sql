-- Shares and weights are decimals: their sums are exact, whatever the order of a parallel sum.
{{ by_day(tags=["after_quality"]) }}

with shares as (
    select
        results.*,
        rules.subject,
        rules.dimension,
        cast(rules.weight as decimal(9, 3)) as weight,
        rules.is_identifier,
        -- A rule without weight is measured, but no part of a score.
        results.status in ('PASS', 'FAIL', 'NOT_SUBMITTED') and rules.weight > 0 as is_assessed,
        greatest(results.applicable_count - results.failed_count - results.missing_count, 0)
            as passed_count,
        -- More surplus rows than registered ones: nothing passes, and not less than nothing.
        cast(
            coalesce(passed_count / nullif(results.applicable_count, 0), 0) as decimal(18, 15)
        ) as pass_share
    from {{ ref("rule_results") }} as results
    inner join {{ ref("rules") }} as rules on results.rule_id = rules.rule_id
    inner join {{ ref("int_days") }} as days on results.as_of_date = days.as_of_date
),

dimensions as (
    select
        as_of_date,
        agency_code,
        subject,
        dimension,
        cast(
            sum(weight * pass_share) filter (is_assessed)
            / nullif(sum(weight) filter (is_assessed), 0) as decimal(18, 15)
        ) as share,
        coalesce(sum(passed_count) filter (is_assessed), 0) as numerator,
        coalesce(sum(applicable_count) filter (is_assessed), 0) as denominator,
        coalesce(sum(weight) filter (is_assessed), 0) as weight_sum,
        bool_or(status = 'NOT_SUBMITTED') as is_absent,
        bool_or(is_assessed and is_identifier and pass_share < 1) as has_identifier_fault
    from shares
    group by all
),

weighed as (
    -- What has no weight is measured, but no part of a score.
    select
        dimensions.*,
        cast(weights.weight as decimal(9, 3)) as weight
    from dimensions
    inner join {{ ref("quality_weights") }} as weights
        on
            dimensions.subject = weights.subject
            and dimensions.dimension = weights.dimension
),

subjects as (
    select * exclude (weight)
    from weighed

    union all

    select
        as_of_date,
        agency_code,
        subject,
        'all' as dimension,
        cast(
            sum(weight * share) / nullif(sum(weight) filter (share is not null), 0)
            as decimal(18, 15)
        ) as share,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        coalesce(sum(weight) filter (share is not null), 0) as weight_sum,
        bool_or(is_absent) as is_absent,
        bool_or(has_identifier_fault) as has_identifier_fault
    from weighed
    group by as_of_date, agency_code, subject
),

levels as (
    select *
    from subjects

    union all

    -- Over the subjects that were assessed; absent only where every one of them is.
    select
        subjects.as_of_date,
        subjects.agency_code,
        'all' as subject,
        subjects.dimension,
        sum(cast(weights.weight as decimal(9, 3)) * subjects.share)
        / nullif(sum(weights.weight) filter (subjects.share is not null), 0) as share,
        sum(subjects.numerator) as numerator,
        sum(subjects.denominator) as denominator,
        coalesce(sum(weights.weight) filter (subjects.share is not null), 0) as weight_sum,
        coalesce(bool_and(subjects.is_absent) filter (subjects.share is not null), false)
            as is_absent,
        bool_or(subjects.has_identifier_fault) as has_identifier_fault
    from subjects
    inner join {{ ref("quality_subjects") }} as weights on subjects.subject = weights.subject
    group by subjects.as_of_date, subjects.agency_code, subjects.dimension
)

select
    levels.as_of_date,
    levels.agency_code,
    levels.subject,
    levels.dimension,
    cast(round(100 * levels.share, 6) as double) as score,
    cast(levels.numerator as bigint) as numerator,
    cast(levels.denominator as bigint) as denominator,
    cast(levels.weight_sum as double) as weight_sum,
    case
        when levels.is_absent then 'NOT_SUBMITTED'
        when levels.share is null then 'NOT_APPLICABLE'
        else 'ASSESSED'
    end as state,
    case
        when levels.share is null then null
        when levels.has_identifier_fault then 'RED'
        when round(100 * levels.share, 6) >= weights.green_from then 'GREEN'
        when round(100 * levels.share, 6) >= weights.amber_from then 'AMBER'
        else 'RED'
    end as band,
    (select run.rule_set_hash from {{ source("raw", "run") }} as run) as rule_set_hash,
    1 as method_version
from levels
inner join {{ ref("quality_weights") }} as weights
    on
        levels.subject = weights.subject
        and levels.dimension = weights.dimension
