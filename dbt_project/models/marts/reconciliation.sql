{{ config(tags=["after_quality"]) }}

with figures as (
    select
        * replace (
            coalesce(programme_scope, '') as programme_scope,
            coalesce(agency_code, 'all') as agency_code
        )
    from {{ ref("published_figures") }}
),

compared as (
    select
        figures.*,
        computed.value as computed_value,
        known.measure is not null as is_measured,
        case figures.operator
            when '='
                then
                    round(computed.value / figures.rounding_unit)
                    = round(figures.value / figures.rounding_unit)
            when '>' then computed.value > figures.value
            when '<=' then computed.value <= figures.value
            when '~' then abs(computed.value - figures.value) <= 0.05 * abs(figures.value)
        end as is_match
    from figures
    left join {{ ref("fct_measures") }} as computed
        on
            figures.as_of_date = computed.as_of_date
            and figures.measure = computed.measure
            and figures.programme_scope = computed.programme_scope
            and figures.agency_code = computed.agency_code
            and figures.window_start is not distinct from computed.window_start
    left join {{ ref("measures") }} as known on figures.measure = known.measure
),

rivals as (
    -- Another figure of the same scope, measure, agency, window and day that does match.
    select
        compared.figure_id,
        min(others.figure_id) as figure_id_that_matches
    from compared
    inner join compared as others
        on
            compared.figure_id != others.figure_id
            and compared.measure = others.measure
            and compared.programme_scope = others.programme_scope
            and compared.agency_code = others.agency_code
            and compared.as_of_date = others.as_of_date
            and compared.window_start is not distinct from others.window_start
            and others.is_match
    where not compared.is_match
    group by all
),

first_day as (
    select min(as_of_date) as as_of_date
    from {{ ref("int_days") }}
),

judged as (
    select
        compared.*,
        rivals.figure_id_that_matches,
        case
            when compared.is_match then 'MATCH'
            when compared.is_match is null then 'NOT_COMPUTABLE'
            when rivals.figure_id_that_matches is not null then 'CONTRADICTED'
            else 'DIFFERS'
        end as verdict,
        first_day.as_of_date as first_day,
        case
            when not compared.is_measured then 'no_form'
            when compared.as_of_date > {{ as_of_date() }} then 'after_run'
            when first_day.as_of_date is null or compared.as_of_date < first_day.as_of_date
                then 'before_first_report'
            when compared.computed_value is null then 'no_task'
        end as gap
    from compared
    left join rivals on compared.figure_id = rivals.figure_id
    cross join first_day
)

select
    figure_id,
    source,
    published_on,
    programme_scope,
    measure,
    agency_code,
    window_start,
    as_of_date,
    operator,
    value as published_value,
    computed_value,
    computed_value - value as difference,
    unit,
    rounding_unit,
    verdict,
    case
        when verdict = 'MATCH' then 'Khớp với số liệu tính từ báo cáo'
        when verdict = 'CONTRADICTED'
            then
                'Mâu thuẫn với '
                || figure_id_that_matches
                || ', số cùng phạm vi và khớp với báo cáo'
        when verdict = 'DIFFERS' then 'Khác số liệu tính từ báo cáo'
        when gap = 'no_form' then 'Chưa thu thập biểu mẫu của chỉ tiêu này'
        when gap = 'after_run' then 'Sau ngày số liệu của lần chạy này'
        when gap = 'before_first_report' then 'Trước báo cáo đầu tiên'
        else 'Không có nhiệm vụ nào thuộc phạm vi'
    end as explanation_vi,
    case
        when verdict = 'MATCH' then 'Equals what the reports say'
        when verdict = 'CONTRADICTED'
            then
                'Contradicts '
                || figure_id_that_matches
                || ', of the same scope, which the reports confirm'
        when verdict = 'DIFFERS' then 'Differs from what the reports say'
        when gap = 'no_form' then 'The form behind this measure is not collected yet'
        when gap = 'after_run' then 'After the day that this run reports'
        when gap = 'before_first_report' then 'Before the first report'
        else 'No task is in this scope'
    end as explanation_en,
    note
from judged
