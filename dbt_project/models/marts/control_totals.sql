with sheets as (
    select
        'rows' as kind,
        'sheet_total' as compared,
        totals.agency_code,
        totals.form,
        totals.reporting_date,
        totals.column_name,
        1 as figure_count,
        totals.value as stated_value,
        case
            when totals.is_sum then totals.value
            when totals.unknown_count = 0 or totals.is_wrong then totals.near_sum
        end as computed_value,
        case
            when totals.is_sum then 'MATCH'
            when totals.is_wrong then 'DIFFERS'
            else 'NOT_COMPUTABLE'
        end as verdict,
        case
            when totals.is_sum then 'agrees'
            when totals.is_wrong then 'sheet_total'
            when totals.value is null then 'total_unreadable'
            else 'rows_unreadable'
        end as reason,
        totals.submission_id,
        totals.sheet_name,
        totals.row_number,
        'total:' || totals.row_number as record_key,
        totals.column_name || ': ' || totals.first_row || '-' || totals.last_row as related_cells
    from {{ ref("int_sheet_totals") }} as totals
    where totals.reporting_date <= {{ as_of_date() }}
),

periods as (
    -- Those that agree: what a report says in a column, whenever it came to stand.
    select
        * exclude (stated_raw, valid_from, valid_to, figure_count, stated_value, computed_value),
        'cumulative' as kind,
        cast(sum(figure_count) as bigint) as figure_count,
        sum(stated_value) as stated_value,
        sum(computed_value) as computed_value
    from {{ ref("int_cumulative_figures") }}
    where {{ as_of_date() }} between valid_from and valid_to
    group by all
),

nation as (
    select
        'agencies' as kind,
        compared,
        agency_code,
        form,
        as_of_date as reporting_date,
        measure,
        figure_id,
        programme_scope,
        window_start,
        1 as figure_count,
        value as stated_value,
        case when reason is null then total end as computed_value,
        case
            when reason is not null then 'NOT_COMPUTABLE'
            when is_match then 'MATCH'
            else 'DIFFERS'
        end as verdict,
        case
            when reason is not null then reason
            when is_match then 'agrees'
            else compared
        end as reason,
        agencies || ' ' || compared as related_cells
    from {{ ref("int_national_sums") }}
),

every_total as (
    select * from sheets
    union all by name
    select * from periods
    union all by name
    select * from nation
)

select
    substr(
        md5(
            concat_ws(
                '|', totals.kind, totals.compared, totals.agency_code, totals.form,
                totals.reporting_date, totals.submission_id, totals.sheet_name,
                coalesce(totals.row_number, 0), totals.column_name, totals.reason,
                totals.related_cells, totals.row_before, totals.figure_id, totals.measure,
                totals.programme_scope, totals.window_start
            )
        ), 1, 16
    ) as control_id,
    totals.kind,
    totals.compared,
    totals.agency_code,
    totals.form,
    totals.reporting_date,
    totals.column_name,
    totals.measure,
    totals.figure_id,
    totals.programme_scope,
    totals.window_start,
    totals.figure_count,
    totals.stated_value,
    totals.computed_value,
    totals.stated_value - totals.computed_value as difference,
    totals.verdict,
    totals.reason,
    reasons.explanation_vi,
    reasons.explanation_en,
    totals.submission_id,
    totals.sheet_name,
    totals.row_number,
    totals.record_key,
    columns.column_letter || totals.row_number as cell,
    totals.related_cells
from every_total as totals
left join {{ ref("source_columns") }} as columns
    on
        totals.submission_id = columns.submission_id
        and totals.form = columns.form
        and totals.sheet_name = columns.sheet_name
        and totals.column_name = columns.column_name
left join {{ ref("control_total_reasons") }} as reasons on totals.reason = reasons.reason
