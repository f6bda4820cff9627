{{ config(tags=["after_quality"]) }}

with rivals as (
    -- Another figure of the same scope, measure, agency, window and day that does match.
    select
        matched.figure_id,
        min(others.figure_id) as figure_id_that_matches
    from {{ ref("int_figure_matches") }} as matched
    inner join {{ ref("int_figure_matches") }} as others
        on
            matched.figure_id != others.figure_id
            and matched.computed_measure = others.computed_measure
            and matched.programme_scope = others.programme_scope
            and matched.computed_agency_code = others.computed_agency_code
            and matched.as_of_date = others.as_of_date
            and matched.window_start is not distinct from others.window_start
            and others.is_match
    where not matched.is_match
    group by all
),

judged as (
    select
        matched.*,
        rivals.figure_id_that_matches,
        case
            when matched.is_match then 'MATCH'
            when matched.computed_value is null then 'NOT_COMPUTABLE'
            when rivals.figure_id_that_matches is not null then 'CONTRADICTED'
            else 'DIFFERS'
        end as verdict
    from {{ ref("int_figure_matches") }} as matched
    left join rivals on matched.figure_id = rivals.figure_id
)

select
    judged.figure_id,
    judged.source,
    judged.published_on,
    judged.programme_scope,
    judged.measure,
    judged.agency_code,
    judged.window_start,
    judged.as_of_date,
    judged.operator,
    judged.value as published_value,
    judged.computed_value,
    case
        when judged.computed_value is null then null
        when judged.computed_upper_bound is null then judged.computed_operator
        else 'range'
    end as computed_operator,
    judged.computed_value - judged.value as difference,
    judged.unit,
    judged.rounding_unit,
    judged.verdict,
    {% for language in ["vi", "en"] %}
        replace(
            replace(
                replace(
                    reasons.explanation_{{ language }},
                    '{other}', coalesce(judged.figure_id_that_matches, '')
                ),
                '{day}', coalesce(strftime(judged.newest_on, '%d/%m/%Y'), '')
            ),
            '{unit}', coalesce(judged.computed_unit, '?')
        ) as explanation_{{ language }},
    {% endfor %}
    judged.note
from judged
left join {{ ref("reconciliation_reasons") }} as reasons
    on
        coalesce(
            judged.reason,
            case when judged.verdict = 'DIFFERS' and judged.is_open then 'only_a_bound' end,
            judged.verdict
        ) = reasons.reason
