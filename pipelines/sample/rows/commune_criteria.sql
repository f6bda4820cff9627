-- Every commune on every criterion; most are met. Two criteria have a value, which decides.
with judged as (
    select
        communes.agency_code,
        communes.reporting_date,
        communes.commune_code,
        criteria.criterion_code,
        communes.commune_code || '|' || criteria.criterion_code as word,
        -- Some provinces are further on than others, some criteria are harder than others.
        draw('province|' || communes.agency_code, 74, 99)
        - draw('criterion|' || criteria.criterion_code, 0, 16) as likelihood
    from register_communes as communes
    inner join register_criteria as criteria
        on communes.reporting_date = criteria.reporting_date
    where communes.reporting_date = '2025-09-23'
),

decided as (
    select
        *,
        draw('met|' || word, 0, 99) < likelihood as is_met
    from judged
)

select
    agency_code,
    reporting_date,
    commune_code,
    criterion_code,
    is_met,
    case
        when criterion_code in ('TC02', 'TC05')
            then if(is_met, draw('value|' || word, 90, 100), draw('value|' || word, 35, 89))::double
    end as value,
    if(criterion_code in ('TC02', 'TC05'), '=', null) as value_operator,
    reporting_date - draw('checked|' || word, 0, 60)::integer as checked_on
from decided
