-- A total in the sheet that is not the sum of the rows it may cover.
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
    cast(cast(totals.near_sum as bigint) as varchar) as value_expected,
    totals.column_name || ': ' || totals.first_row || '-' || totals.last_row as related_cells
from intermediate.int_sheet_totals as totals
inner join intermediate.int_days as days
    on days.as_of_date between totals.valid_from and totals.valid_to
where totals.form = '{form}' and totals.is_wrong
