-- Grain: kept row of an accepted submission, with the days on which it is its sender's word.
-- A snapshot stands until the next report; of a form that accumulates each key stands until a newer
-- report speaks of it.
{{ by_sender("agency_code") }}

select
    kept.form,
    kept.agency_code,
    kept.record_key,
    kept.submission_id,
    kept.sheet_name,
    kept.row_number,
    kept.reporting_date,
    kept.valid_from,
    case
        when forms.time = 'accumulating'
            then
                coalesce(
                    lead(kept.reporting_date) over (
                        partition by kept.form, kept.agency_code, kept.record_key
                        order by kept.reporting_date
                    ) - 1,
                    {{ open_end() }}
                )
        else kept.valid_to
    end as valid_to
from {{ ref("int_rows") }} as kept
inner join {{ ref("forms") }} as forms on kept.form = forms.form
{{ only_touched("kept", "agency_code") }}
where kept.status = 'ACCEPTED' and kept.rejection_reason is null
