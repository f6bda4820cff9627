-- Grain: day and finding: a failing cell or row that stands on the day.
-- What fails in a row holds on every day on which the row is the agency's word about a registered
-- record; rules about unregistered rows speak of their days themselves.
{{ by_day(tags=["after_quality"]) }}

with placed as (
    -- A row of a register may be judged once for each agency that it names.
    select distinct
        failing.*,
        rows.valid_from,
        rows.valid_to
    from {{ source("measured", "failing_rows") }} as failing
    inner join {{ ref("int_rule_rows") }} as rows
        on
            failing.form = rows.form
            and failing.agency_code = rows.agency_code
            and failing.submission_id = rows.submission_id
            and failing.record_key = rows.record_key
    where failing.as_of_date is null
),

standing as (
    select placed.* replace (days.as_of_date as as_of_date)
    from placed
    inner join {{ ref("int_days") }} as days
        on days.as_of_date between placed.valid_from and placed.valid_to

    union all by name

    select *
    from {{ source("measured", "failing_rows") }}
    where as_of_date in (select days.as_of_date from {{ ref("int_days") }} as days)
),

named as (
    select
        * exclude (valid_from, valid_to),
        -- The same at the next report, wherever the row has moved.
        substr(
            md5(
                concat_ws(
                    '|', rule_id, agency_code, form, record_key, coalesce(column_name, ''),
                    row_number() over (
                        partition by
                            as_of_date, rule_id, agency_code, form, record_key, column_name
                        order by sheet_name, row_number
                    )
                )
            ), 1, 16
        ) as finding_id
    from standing
)

select
    named.*,
    exceptions.finding_id is not null as is_excepted
from named
left join {{ ref("int_exceptions") }} as exceptions
    on
        named.finding_id = exceptions.finding_id
        and named.as_of_date between exceptions.valid_from and exceptions.valid_to
