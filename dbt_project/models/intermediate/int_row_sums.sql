-- Grain: day, form, whom its rows count for, span, slice and column: the sum of the column over the
-- rows that stand on the day, count of the administrative year, or are of the newest period of it.
with declared as (
    select
        form,
        span,
        unnest([numerator_slice, slice, slice, 'all']) as slice,
        unnest([numerator, denominator, 'rows', 'rows']) as column_name
    from {{ ref("int_declared_sums") }}
),

attributes as (
    select distinct
        form,
        attributes
    from {{ ref("int_row_amounts") }}
),

sliced as (
    -- Every condition of a slice holds.
    select
        attributes.form,
        attributes.attributes,
        slices.slice
    from attributes
    inner join {{ ref("slices") }} as slices on attributes.form = slices.form
    group by attributes.form, attributes.attributes, slices.slice
    having
        bool_and(
            coalesce(
                list_contains(
                    string_split(slices.codes, '|'), attributes.attributes[slices.column_name]
                ),
                false
            )
        )

    union all

    select
        form,
        attributes,
        'all' as slice
    from attributes
),

daily as (
    select
        days.as_of_date,
        amounts.form,
        amounts.agency_code,
        declared.span,
        declared.slice,
        declared.column_name,
        amounts.code,
        amounts.period_end,
        sum(amounts.total) as total
    from (select distinct * from declared) as declared
    inner join sliced on declared.form = sliced.form and declared.slice = sliced.slice
    inner join {{ ref("int_row_amounts") }} as amounts
        on
            sliced.form = amounts.form
            and sliced.attributes = amounts.attributes
            and declared.column_name = amounts.column_name
    inner join {{ ref("int_days") }} as days
        on days.as_of_date between amounts.first_day and amounts.last_day
    group by all
),

spanned as (
    select *
    from daily
    qualify
        span != 'latest'
        or period_end = max(period_end) over (partition by as_of_date, form, agency_code, span)
)

select
    as_of_date,
    form,
    agency_code,
    span,
    slice,
    column_name,
    cast(coalesce(sum(total), nullif(count(distinct code), 0)) as bigint) as total
from spanned
group by all
