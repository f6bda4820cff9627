-- The register of changes that stands on the day of the run.
select
    changes.old_commune_code,
    changes.new_commune_code,
    changes.merge_type,
    changes.old_name,
    changes.new_name,
    changes.agency_code[1] as agency_code,
    standing.reporting_date,
    standing.submission_id,
    standing.sheet_name,
    standing.row_number
from {{ source("raw", "register_commune_changes") }} as changes
inner join {{ ref("int_standing_rows") }} as standing
    on
        changes.submission_id = standing.submission_id
        and changes.sheet_name = standing.sheet_name
        and changes.row_number = standing.row_number
        and standing.form = 'register_commune_changes'
        and {{ as_of_date() }} between standing.valid_from and standing.valid_to
