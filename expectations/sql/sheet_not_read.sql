-- A further sheet of the form in the same file. Only the first is read: nobody knows which one is
-- meant, or whether both are.
with others as (
    select
        submission_id,
        sheet_name as read_sheet,
        unnest(other_sheets) as sheet_name
    from raw.reading_forms
    where form = '{form}'
)

select
    days.as_of_date,
    submissions.agency_code,
    submissions.submission_id,
    submissions.form,
    others.sheet_name,
    cast(null as integer) as row_number,
    'sheet:' || others.sheet_name as record_key,
    cast(null as varchar) as column_name,
    others.sheet_name as value_found,
    others.read_sheet as value_expected,
    cast(null as varchar) as related_cells
from intermediate.int_submissions as submissions
inner join others on submissions.submission_id = others.submission_id
inner join intermediate.int_days as days
    on days.as_of_date between submissions.valid_from and submissions.valid_to
where submissions.form = '{form}'
