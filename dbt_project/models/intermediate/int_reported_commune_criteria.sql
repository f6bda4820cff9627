-- Grain: row of an accepted report, with the days on which it is its sender's word.
{{ config(materialized="view") }}

select
    sheet_rows.*,
    standing.agency_code,
    standing.reporting_date,
    standing.valid_from,
    standing.valid_to
from {{ source("raw", "commune_criteria") }} as sheet_rows
inner join {{ ref("int_standing_rows") }} as standing
    on
        sheet_rows.submission_id = standing.submission_id
        and sheet_rows.row_number = standing.row_number
        and standing.form = 'commune_criteria'
