{#-
What the rows of a form add up to, for measures to choose from: one row per interval of days, whom
the rows count for, who sent them, period, values that slices ask for, and column. Column `rows` counts rows; of a
`distinct` column every code has a row of its own, because codes cannot be added up. `a with b` and
`rows with a` take only rows that have both, as shares need them (int_declared_sums).

Arguments: form; adds (columns that are summed; of a boolean the true ones); shares (of a column of
these, the columns that are divided by it); tells_apart (the column whose codes are counted);
sliced_by (columns that slices ask for); period_end (the column, of a form that reports periods: a
row then counts while the administrative year of its period does) and period_start.
-#}
{% macro row_amounts(
    form, tells_apart, adds=[], shares={}, sliced_by=[], period_end=none, period_start=none
) -%}
    {%- set sums = [["rows", "count(*)"]] -%}
    {%- for name in adds -%}
        {%- do sums.append([name, added(name)]) -%}
        {%- do sums.append(["rows with " ~ name, "count(sheet_rows." ~ name ~ ")"]) -%}
    {%- endfor -%}
    {%- for whole, parts in shares.items() -%}
        {%- for part in parts -%}
            {%- do sums.append([part ~ " with " ~ whole, added(part, whole)]) -%}
            {%- do sums.append([whole ~ " with " ~ part, added(whole, part)]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set columns -%}
        counted.form,
        counted.sender_code,
        counted.agency_code,
        {%- if period_end %}
        {%- set year = year_of_period("sheet_rows." ~ period_end) %}
        greatest(
            counted.valid_from, sheet_rows.{{ period_end }}, {{ year_counts_from(year) }}
        ) as first_day,
        least(counted.valid_to, {{ year_counts_to(year) }}) as last_day,
        sheet_rows.{{ period_start }} as period_start,
        sheet_rows.{{ period_end }} as period_end,
        {%- else %}
        counted.valid_from as first_day,
        counted.valid_to as last_day,
        cast(null as date) as period_start,
        cast(null as date) as period_end,
        {%- endif %}
        map(
            cast([{% for name in sliced_by %}'{{ name }}',{% endfor %}] as varchar[]),
            cast(
                [{% for name in sliced_by %}cast(sheet_rows.{{ name }} as varchar),{% endfor %}]
                as varchar[]
            )
        ) as attributes
    {%- endset -%}
    {%- set rows -%}
        from {{ ref("int_counted_rows") }} as counted
        inner join {{ source("raw", form) }} as sheet_rows
            on
                counted.submission_id = sheet_rows.submission_id
                and counted.row_number = sheet_rows.row_number
        {{ only_touched("counted") }}
        where counted.form = '{{ form }}'
    {%- endset -%}
    select
        * exclude (totals),
        unnest([{% for name, _ in sums %}'{{ name }}',{% endfor %}]) as column_name,
        cast(null as varchar) as code,
        unnest(totals) as total
    from (
        select
            {{ columns }},
            [{% for _, total in sums %}{{ total }},{% endfor %}] as totals
        {{ rows }}
        group by all
    )

    union all

    select distinct
        {{ columns }},
        'distinct {{ tells_apart }}' as column_name,
        sheet_rows.{{ tells_apart }} as code,
        cast(null as bigint) as total
    {{ rows }}
{%- endmacro %}

{#- The sum of a column, over rows that have another one too. -#}
{% macro added(name, other=none) -%}
    cast(
        sum(cast(sheet_rows.{{ name }} as bigint))
    {%- if other %} filter (where sheet_rows.{{ other }} is not null){% endif %} as bigint
    )
{%- endmacro %}
