-- A row that nobody can place, because this part of its key is blank or cannot be read, and its words
-- tell no row of the register for certain.
-- Such a row is known by its first three cells, which say what it is about; not by its number, for
-- rows move.
with texts as (
    select
        submission_id,
        row_number,
        {column},
        {column}_raw,
        list_value(*columns('_raw$')) as raw_cells
    from raw.{form}
)

select
    days.as_of_date,
    rows.agency_code,
    rows.submission_id,
    rows.form,
    rows.sheet_name,
    rows.row_number,
    'row:' || md5(array_to_string(list_slice(texts.raw_cells, 1, 3), '¦')) as record_key,
    '{column}' as column_name,
    texts.{column}_raw as value_found,
    cast(null as varchar) as value_expected,
    texts.raw_cells[2] as related_cells
from intermediate.int_rows as rows
inner join texts
    on
        rows.submission_id = texts.submission_id
        and rows.row_number = texts.row_number
inner join intermediate.int_days as days
    on days.as_of_date between rows.valid_from and rows.valid_to
where
    rows.form = '{form}'
    and rows.rejection_reason in ('no_key', 'match_pending', 'no_match')
    and texts.{column} is null
