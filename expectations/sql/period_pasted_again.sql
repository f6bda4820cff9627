-- A period of ten dossiers or more whose every figure is that of the period before.
select
    days.as_of_date,
    this.agency_code,
    this.submission_id,
    'services' as form,
    this.sheet_name,
    this.row_number,
    this.record_key,
    'dossiers_received' as column_name,
    this.dossiers_received_raw as value_found,
    cast(null as varchar) as value_expected,
    strftime(before.period_end, '%d/%m/%Y')
    || ' ' || before.sheet_name || '!' || before.row_number as related_cells
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
    this.dossiers_received >= 10
    and this.dossiers_received = before.dossiers_received
    and this.dossiers_online = before.dossiers_online
    and this.dossiers_fully_online = before.dossiers_fully_online
    and this.dossiers_resolved = before.dossiers_resolved
    and this.resolved_on_time = before.resolved_on_time
    and this.dossiers_via_vneid = before.dossiers_via_vneid
    and this.dossiers_reusing_data = before.dossiers_reusing_data
