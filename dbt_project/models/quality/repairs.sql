-- Grain: cell and rule: everything that reading changed, before and after.
with marked as (
    {{ marked_cells("repair") }}
),

repaired as (
    -- A cell may have taken several repairs.
    select
        * exclude (mark),
        unnest(string_split(mark, '; ')) as rule
    from marked
)

select
    repaired.submission_id,
    repaired.form,
    repaired.sheet_name,
    repaired.row_number,
    repaired.column_name,
    columns.column_letter || repaired.row_number as cell,
    repaired.value_before,
    repaired.value_after,
    repaired.rule,
    codes.sentence_vi,
    codes.sentence_en
from repaired
left join {{ ref("repair_codes") }} as codes on repaired.rule = codes.code
left join {{ ref("source_columns") }} as columns
    on
        repaired.submission_id = columns.submission_id
        and repaired.form = columns.form
        and repaired.sheet_name = columns.sheet_name
        and repaired.column_name = columns.column_name
