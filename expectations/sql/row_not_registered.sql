-- A row whose code the register does not give to this agency, neither when the report was made nor
-- since. A key of several parts is judged part by part, each at its own cell.
with placed as (
    select
        standing.*,
        cast(texts.{column} as varchar) as code,
        texts.{column}_raw
    from intermediate.int_standing_rows as standing
    inner join raw.{form} as texts
        on
            standing.submission_id = texts.submission_id
            and standing.row_number = texts.row_number
    where standing.form = '{form}'
),

listed as (
    select
        agency_code,
        registered_key as record_key,
        valid_from,
        valid_to
    from intermediate.int_registered_keys
    where form = '{form}'

    union all

    -- Of registered keys the rows expected are a part: those that a slot of the calendar asks for.
    select
        agency_code,
        record_key,
        valid_from,
        valid_to
    from intermediate.int_expected_rows
    where
        form = '{form}'
        and form not in (select keys.form from intermediate.int_registered_keys as keys)
),

parts as (
    select
        agency_code,
        unnest(list_append(string_split(record_key, '/'), record_key)) as code,
        valid_from,
        valid_to
    from listed
),

known as (
    select distinct parts.*
    from parts
    semi join placed
        on parts.agency_code = placed.agency_code and parts.code = placed.code
),

-- Rows that the register knows from the start are most, and are left out before the others are
-- looked at one by one.
unsure as (
    select placed.*
    from placed
    anti join known
        on
            placed.agency_code = known.agency_code
            and placed.code = known.code
            and placed.valid_from >= known.valid_from
            and placed.reporting_date <= known.valid_to
),

dated as (
    select
        unsure.*,
        coalesce(min(known.valid_from), date '9999-12-31') as registered_from
    from unsure
    left join known
        on
            unsure.agency_code = known.agency_code
            and unsure.code = known.code
            and unsure.reporting_date <= known.valid_to
    group by all
)

select
    days.as_of_date,
    dated.agency_code,
    dated.submission_id,
    dated.form,
    dated.sheet_name,
    dated.row_number,
    dated.record_key,
    '{column}' as column_name,
    dated.{column}_raw as value_found,
    cast(null as varchar) as value_expected,
    cast(null as varchar) as related_cells
from dated
inner join intermediate.int_days as days
    on
        days.as_of_date between dated.valid_from and dated.valid_to
        and dated.registered_from > days.as_of_date
