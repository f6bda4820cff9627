-- Dossiers left at the end of a period that are not those left before it, and received, less
-- those settled in it.
select
    days.as_of_date,
    this.agency_code,
    this.submission_id,
    'services' as form,
    this.sheet_name,
    this.row_number,
    this.record_key,
    'dossiers_pending' as column_name,
    this.dossiers_pending_raw as value_found,
    cast(before.dossiers_pending + this.dossiers_received - this.dossiers_resolved as varchar)
        as value_expected,
    strftime(before.period_end, '%d/%m/%Y')
    || ' ' || before.sheet_name || '!' || before.row_number
    || ': ' || before.dossiers_pending_raw as related_cells
from intermediate.int_reported_services as this
inner join intermediate.int_reported_services as before
    on
        this.agency_code = before.agency_code
        and this.procedure_code = before.procedure_code
        and this.period_start = before.period_end + 1
        and this.valid_from <= before.valid_to
        and this.valid_to >= before.valid_from
inner join intermediate.int_days as days
    on
        days.as_of_date between this.valid_from and this.valid_to
        and days.as_of_date between before.valid_from and before.valid_to
where
    this.dossiers_pending
    != before.dossiers_pending + this.dossiers_received - this.dossiers_resolved
