-- A total in the sheet that is not the sum of the rows it may cover: those since the section or the
-- total above, those since the total above, or all. Where a row says nothing the sum is not known:
-- then only a total that is less than its known parts is found.
with totals as (
    select
        totals.*,
        submissions.agency_code,
        submissions.valid_from,
        submissions.valid_to
    from raw.control_totals as totals
    inner join intermediate.int_submissions as submissions
        on totals.submission_id = submissions.submission_id and totals.form = submissions.form
    where
        totals.form = '{form}'
        and totals.value is not null
        and submissions.valid_from is not null
),

said as (
    select
        sheet_rows.submission_id,
        sheet_rows.sheet_name,
        sheet_rows.row_number,
        to_json(sheet_rows) as cells
    from raw.{form} as sheet_rows
    where sheet_rows.submission_id in (select totals.submission_id from totals)
),

parts as (
    select
        totals.submission_id,
        totals.sheet_name,
        totals.row_number,
        totals.column_name,
        totals.value as total,
        said.row_number between totals.first_row and totals.last_row as is_near,
        said.row_number between totals.earliest_row and totals.last_row as is_far,
        cast(said.cells ->> totals.column_name as double) as part
    from totals
    inner join said
        on
            totals.submission_id = said.submission_id
            and totals.sheet_name = said.sheet_name
),

sums as (
    select
        submission_id,
        sheet_name,
        row_number,
        column_name,
        any_value(total) as total,
        sum(part) filter (is_near) as near_sum,
        sum(part) filter (is_far) as far_sum,
        sum(part) as whole_sum,
        count(*) - count(part) as unknown_count
    from parts
    group by all
)

select
    days.as_of_date,
    totals.agency_code,
    totals.submission_id,
    totals.form,
    totals.sheet_name,
    totals.row_number,
    'total:' || totals.row_number as record_key,
    totals.column_name,
    totals.value_raw as value_found,
    cast(cast(sums.near_sum as bigint) as varchar) as value_expected,
    totals.column_name || ': ' || totals.first_row || '-' || totals.last_row as related_cells
from totals
inner join sums
    on
        totals.submission_id = sums.submission_id
        and totals.sheet_name = sums.sheet_name
        and totals.row_number = sums.row_number
        and totals.column_name = sums.column_name
inner join intermediate.int_days as days
    on days.as_of_date between totals.valid_from and totals.valid_to
where
    sums.total not in (sums.near_sum, sums.far_sum, sums.whole_sum)
    and (sums.unknown_count = 0 or sums.total < sums.near_sum)
