-- What owners say of their databases, twice; they mostly think better of them than the counts do.
with registered as (
    select distinct on (dataset_code, reporting_date)
        agency_code,
        reporting_date,
        dataset_code,
        dataset_name,
        records_expected,
        update_cycle_days,
        dataset_code || '|' || reporting_date as word,
        (reporting_date - date '2025-09-23') // 2 as gain
    from register_datasets
    order by dataset_code, reporting_date, list_source
),

counted as (
    select
        *,
        records_expected * (
            gain + case
                when draw('more|' || dataset_code, 0, 99) < 4 then 1020
                else draw('held|' || dataset_code, 520, 970)
            end
        ) // 1000 as held,
        if(
            draw('old|' || word, 0, 99) < 25,
            update_cycle_days + draw('age|' || word, 1, 200),
            update_cycle_days * draw('age|' || word, 0, 90) // 100
        ) as age,
        draw('connected|' || dataset_code, 0, 99) < 60 + gain as is_connected
    from registered
),

checked as (
    select
        *,
        held * (draw('verified|' || dataset_code, 450, 950) + gain) // 1000 as verified,
        held * draw('duplicate|' || word, 0, 15) // 1000 as duplicate,
        max(reporting_date - age::integer)
            over (partition by dataset_code order by reporting_date) as updated_on
    from counted
)

select
    agency_code,
    reporting_date,
    dataset_code,
    dataset_name,
    records_expected::bigint as records_expected,
    held::bigint as records_held,
    verified::bigint as records_verified,
    duplicate::bigint as records_duplicate,
    updated_on as last_updated_on,
    update_cycle_days,
    is_connected,
    if(is_connected, draw('consumers|' || word, 0, 18), 0)::bigint as consumer_count,
    least(100, 100 * verified // held + draw('correct|' || word, -3, 20))::double
        as self_score_correct,
    least(100, 100 * held // records_expected + draw('sufficient|' || word, -3, 15))::double
        as self_score_sufficient,
    least(100, 100 - 100 * duplicate // held + draw('clean|' || word, -4, 3))::double
        as self_score_clean,
    if(
        reporting_date - updated_on <= update_cycle_days,
        draw('living|' || word, 90, 100),
        draw('living|' || word, 55, 95)
    )::double as self_score_living
from checked
