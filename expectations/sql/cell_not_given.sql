-- A cell that is blank, or filled with nothing, although the register gives its value.
select
    days.as_of_date,
    rows.agency_code,
    rows.submission_id,
    rows.form,
    standing.sheet_name,
    standing.row_number,
    rows.record_key,
    gaps.column_name,
    texts.{column}_raw as value_found,
    cast(null as varchar) as value_expected,
    cast(null as varchar) as related_cells
from intermediate.int_rule_gaps as gaps
inner join intermediate.int_rule_rows as rows
    on
        gaps.form = rows.form
        and gaps.submission_id = rows.submission_id
        and gaps.record_key = rows.record_key
        and not list_contains(rows.excused_columns, gaps.column_name)
inner join intermediate.int_standing_rows as standing
    on
        rows.form = standing.form
        and rows.agency_code = standing.agency_code
        and rows.submission_id = standing.submission_id
        and rows.record_key = standing.record_key
inner join raw.{form} as texts
    on
        standing.submission_id = texts.submission_id
        and standing.row_number = texts.row_number
inner join intermediate.int_days as days
    on days.as_of_date between rows.valid_from and rows.valid_to
where
    gaps.form = '{form}'
    and gaps.column_name = '{column}'
    and gaps.state in ('blank', 'filler')
