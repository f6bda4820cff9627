-- The register of changes that stands on the day of the run.
select
    changes.old_agency_code[1] as old_agency_code,
    changes.new_agency_code[1] as new_agency_code,
    changes.old_name,
    changes.new_name,
    standing.reporting_date,
    standing.submission_id,
    standing.sheet_name,
    standing.row_number
from {{ source("raw", "register_province_changes") }} as changes
inner join {{ ref("int_standing_rows") }} as standing
    on
        changes.submission_id = standing.submission_id
        and changes.sheet_name = standing.sheet_name
        and changes.row_number = standing.row_number
        and standing.form = 'register_province_changes'
        and {{ as_of_date() }} between standing.valid_from and standing.valid_to
