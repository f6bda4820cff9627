-- Grain: cell of a total row in a report that was, or is, its sender's word, beside the sums of the
-- rows that it may cover: those since the section or the total above (near), those since the total
-- above (far), or all (whole). Where a row says nothing the sum is not known: then only a total
-- that is less than its known parts is wrong.
with totals as (
    select
        totals.*,
        submissions.agency_code,
        submissions.reporting_date,
        submissions.valid_from,
        submissions.valid_to
    from {{ source("raw", "control_totals") }} as totals
    inner join {{ ref("int_submissions") }} as submissions
        on totals.submission_id = submissions.submission_id and totals.form = submissions.form
    where submissions.valid_from is not null
),

said as (
    {{ rows_beside_totals() }}
),

parts as (
    select
        totals.submission_id,
        totals.form,
        totals.sheet_name,
        totals.row_number,
        totals.column_name,
        said.row_number between totals.first_row and totals.last_row as is_near,
        said.row_number between totals.earliest_row and totals.last_row as is_far,
        cast(said.cells ->> totals.column_name as double) as part
    from totals
    inner join said
        on
            totals.submission_id = said.submission_id
            and totals.form = said.form
            and totals.sheet_name = said.sheet_name
),

sums as (
    select
        submission_id,
        form,
        sheet_name,
        row_number,
        column_name,
        sum(part) filter (is_near) as near_sum,
        sum(part) filter (is_far) as far_sum,
        sum(part) as whole_sum,
        count(*) - count(part) as unknown_count
    from parts
    group by all
)

select
    totals.*,
    sums.near_sum,
    sums.far_sum,
    sums.whole_sum,
    sums.unknown_count,
    coalesce(totals.value in (sums.near_sum, sums.far_sum, sums.whole_sum), false) as is_sum,
    coalesce(
        totals.value not in (sums.near_sum, sums.far_sum, sums.whole_sum)
        and (sums.unknown_count = 0 or totals.value < sums.near_sum),
        false
    ) as is_wrong
from totals
left join sums
    on
        totals.submission_id = sums.submission_id
        and totals.form = sums.form
        and totals.sheet_name = sums.sheet_name
        and totals.row_number = sums.row_number
        and totals.column_name = sums.column_name
