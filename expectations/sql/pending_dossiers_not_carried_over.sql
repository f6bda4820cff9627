-- Dossiers left at the end of a period that are not those left before it, and received, less
-- those settled in it.
select
    days.as_of_date,
    figures.agency_code,
    figures.submission_id,
    figures.form,
    figures.sheet_name,
    figures.row_number,
    figures.record_key,
    figures.column_name,
    figures.stated_raw as value_found,
    cast(cast(figures.computed_value as bigint) as varchar) as value_expected,
    figures.related_cells
from intermediate.int_cumulative_figures as figures
inner join intermediate.int_days as days
    on days.as_of_date between figures.valid_from and figures.valid_to
where figures.verdict = 'DIFFERS' and figures.compared = 'carried_over'
