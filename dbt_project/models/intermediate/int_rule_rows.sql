-- Grain: form, agency, record and first day: a row that the register says must be there, and the
-- row of a report, if any, that speaks of it on those days.
{{ by_sender("agency_code") }}

with spoken as (
    select
        expected.form,
        expected.agency_code,
        expected.record_key,
        expected.valid_from as expected_from,
        expected.valid_to as expected_to,
        expected.excused_columns,
        standing.submission_id,
        case
            when standing.submission_id is not null
                then greatest(expected.valid_from, standing.valid_from)
        end as valid_from,
        case
            when standing.submission_id is not null
                then least(expected.valid_to, standing.valid_to)
        end as valid_to
    from {{ ref("int_expected_rows") }} as expected
    left join {{ ref("int_standing_rows") }} as standing
        on
            expected.form = standing.form
            and expected.agency_code = standing.agency_code
            and expected.record_key = standing.record_key
            and expected.valid_from <= standing.valid_to
            and expected.valid_to >= standing.valid_from
    {{ only_touched("expected", "agency_code") }}
),

silent as (
    -- Before the first report, between two of them, and after the last one.
    select
        form,
        agency_code,
        record_key,
        expected_from,
        expected_to,
        excused_columns,
        coalesce(lag(valid_to) over reports + 1, expected_from) as valid_from,
        coalesce(valid_from - 1, expected_to) as valid_to
    from spoken
    window
        reports as (
            partition by form, agency_code, record_key, expected_from order by valid_from
        )

    union all

    select
        form,
        agency_code,
        record_key,
        expected_from,
        expected_to,
        excused_columns,
        max(valid_to) + 1 as valid_from,
        expected_to as valid_to
    from spoken
    where submission_id is not null
    group by form, agency_code, record_key, expected_from, expected_to, excused_columns
)

select
    form,
    agency_code,
    record_key,
    valid_from,
    valid_to,
    submission_id,
    excused_columns
from spoken
where submission_id is not null

union all

select
    form,
    agency_code,
    record_key,
    valid_from,
    valid_to,
    cast(null as varchar) as submission_id,
    excused_columns
from silent
where valid_from <= valid_to
