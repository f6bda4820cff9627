-- Every rule in force has a result for every agency that it concerns, on every day.
{{ config(tags=["after_quality"]) }}

with concerned as (
    select
        forms.form,
        agencies.agency_code,
        agencies.valid_from,
        coalesce(agencies.valid_to, {{ open_end() }}) as valid_to
    from {{ ref("forms") }} as forms
    inner join {{ ref("agencies") }} as agencies
        on agencies.peer_group = coalesce(forms.peer_group, agencies.peer_group)
    where forms.sender = 'agency'

    union all

    -- The committee answers for its registers from the first of each on.
    select
        standing.form,
        standing.agency_code,
        min(standing.valid_from) as valid_from,
        max(standing.valid_to) as valid_to
    from {{ ref("int_standing_rows") }} as standing
    inner join {{ ref("forms") }} as forms on standing.form = forms.form
    where forms.sender = 'committee'
    group by standing.form, standing.agency_code
)

select
    days.as_of_date,
    concerned.agency_code,
    rules.rule_id
from {{ ref("int_days") }} as days
inner join concerned on days.as_of_date between concerned.valid_from and concerned.valid_to
inner join {{ source("raw", "rules") }} as rules on concerned.form = rules.form
anti join {{ ref("rule_results") }} as results
    on
        days.as_of_date = results.as_of_date
        and concerned.agency_code = results.agency_code
        and rules.rule_id = results.rule_id
