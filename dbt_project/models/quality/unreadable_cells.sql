-- Grain: cell that cannot be read with certainty, and why.
with marked as (
    {{ marked_cells("problem") }}
),

named as (
    select
        * exclude (mark, value_after),
        -- A code, and what it is about after a colon or a blank.
        regexp_extract(mark, '^[a-z0-9_]+') as problem,
        trim(regexp_replace(mark, '^[a-z0-9_]+:?', '')) as detail
    from marked
)

select
    named.submission_id,
    named.form,
    named.sheet_name,
    named.row_number,
    named.column_name,
    columns.column_letter || named.row_number as cell,
    named.value_before as value_found,
    named.problem,
    replace(codes.sentence_vi, '{detail}', named.detail) as sentence_vi,
    replace(codes.sentence_en, '{detail}', named.detail) as sentence_en
from named
left join {{ ref("problem_codes") }} as codes on named.problem = codes.code
left join {{ ref("source_columns") }} as columns
    on
        named.submission_id = columns.submission_id
        and named.form = columns.form
        and named.sheet_name = columns.sheet_name
        and named.column_name = columns.column_name
