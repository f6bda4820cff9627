-- Dossiers settled that are not those on time and those late together.
select
    cast(null as date) as as_of_date,
    agency_code,
    submission_id,
    'services' as form,
    sheet_name,
    row_number,
    record_key,
    'dossiers_resolved' as column_name,
    dossiers_resolved_raw as value_found,
    cast(resolved_on_time + resolved_late as varchar) as value_expected,
    'resolved_on_time = ' || resolved_on_time_raw || '; resolved_late = ' || resolved_late_raw
        as related_cells
from intermediate.int_reported_services
where dossiers_resolved != resolved_on_time + resolved_late
