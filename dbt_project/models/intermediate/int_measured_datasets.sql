-- Grain: row of a report of datasets: its figures against what the register says is due.
with registered as (
    -- What the lists that hold a dataset say of it; of several the first that says it.
    select
        dataset_code,
        valid_from,
        valid_to,
        arg_min(records_expected, row_number) filter (where records_expected is not null)
            as records_expected,
        arg_min(update_cycle_days, row_number) filter (where update_cycle_days is not null)
            as update_cycle_days
    from {{ ref("int_registered_datasets") }}
    group by dataset_code, valid_from, valid_to
),

due as (
    select
        sheet_rows.*,
        least(sheet_rows.valid_to, {{ as_of_date() }}) as last_day,
        coalesce(registered.records_expected, sheet_rows.records_expected) as expected_count,
        coalesce(registered.update_cycle_days, sheet_rows.update_cycle_days) as cycle_days,
        sheet_rows.reporting_date - sheet_rows.last_updated_on as age_days
    from {{ ref("int_reported_datasets") }} as sheet_rows
    left join registered
        on
            sheet_rows.dataset_code = registered.dataset_code
            and sheet_rows.reporting_date between registered.valid_from and registered.valid_to
    where sheet_rows.reporting_date <= {{ as_of_date() }}
)

select
    *,
    records_held / nullif(expected_count, 0) as coverage_share,
    {{ clipped("100 * records_verified / nullif(records_held, 0)") }} as measured_correct,
    {{ clipped("100 * records_held / nullif(expected_count, 0)") }} as measured_sufficient,
    {{ clipped("100 * (1 - records_duplicate / nullif(records_held, 0))") }} as measured_clean,
    case
        when age_days between 0 and cycle_days then 100
        when age_days > 0 then 100 * cycle_days / age_days
    end as measured_living
from due
