-- A row whose code is in no row that the register expects of this agency, neither when the report
-- was made nor since. A key of several parts is judged part by part, each at its own cell.
with known as (
    select distinct
        agency_code,
        unnest(list_append(string_split(record_key, '/'), record_key)) as code,
        valid_from,
        valid_to
    from intermediate.int_expected_rows
    where form = '{form}'
),

placed as (
    select
        standing.*,
        texts.{column}_raw,
        coalesce(min(known.valid_from), date '9999-12-31') as registered_from
    from intermediate.int_standing_rows as standing
    inner join raw.{form} as texts
        on
            standing.submission_id = texts.submission_id
            and standing.row_number = texts.row_number
    left join known
        on
            standing.agency_code = known.agency_code
            and cast(texts.{column} as varchar) = known.code
            and standing.reporting_date <= known.valid_to
    where standing.form = '{form}'
    group by all
)

select
    days.as_of_date,
    placed.agency_code,
    placed.submission_id,
    placed.form,
    placed.sheet_name,
    placed.row_number,
    placed.record_key,
    '{column}' as column_name,
    placed.{column}_raw as value_found,
    cast(null as varchar) as value_expected,
    cast(null as varchar) as related_cells
from placed
inner join intermediate.int_days as days
    on
        days.as_of_date between placed.valid_from and placed.valid_to
        and placed.registered_from > days.as_of_date
where placed.registered_from > placed.valid_from
