-- A figure that goes on within its year, or from report to report, and is less than it was in the
-- period before.
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
    '≥ ' || cast(cast(figures.computed_value as decimal(38, 2)) as varchar) as value_expected,
    figures.related_cells
from intermediate.int_cumulative_figures as figures
inner join intermediate.int_days as days
    on days.as_of_date between figures.valid_from and figures.valid_to
where
    figures.form = '{form}'
    and figures.verdict = 'DIFFERS'
    and figures.compared != 'carried_over'
