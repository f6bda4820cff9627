-- Grain: form, submission, record and column: a cell of a kept row that no rule can judge, because
-- it is blank where a value is due, filled with nothing (`không`, `-`), or cannot be read.
select
    kept.form,
    kept.submission_id,
    kept.record_key,
    gaps.column_name,
    gaps.state
from {{ ref("stg_gaps") }} as gaps
inner join {{ ref("int_rows") }} as kept
    on
        gaps.submission_id = kept.submission_id
        and gaps.form = kept.form
        and gaps.row_number = kept.row_number
where kept.rejection_reason is null
