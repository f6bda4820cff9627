{#-
What the rows of a form add up to, for measures to choose from: one row per interval of days, whom
the rows count for, period, values that slices ask for, and column. Column `rows` counts rows; of a
`distinct` column every code has a row of its own, because codes cannot be added up.

Arguments: form; adds (columns that are summed; of a boolean the true ones); tells_apart (the column
whose codes are counted); sliced_by (columns that slices ask for); period_end (the column, of a form
that reports periods: a row then counts until the end of the administrative year of its period).
-#}
{% macro row_amounts(form, tells_apart, adds=[], sliced_by=[], period_end=none) -%}
    {%- set columns -%}
        counted.form,
        counted.agency_code,
        {%- if period_end %}
        greatest(counted.valid_from, sheet_rows.{{ period_end }}) as first_day,
        least(
            counted.valid_to, {{ administrative_year_end("sheet_rows." ~ period_end) }}
        ) as last_day,
        sheet_rows.{{ period_end }} as period_end,
        {%- else %}
        counted.valid_from as first_day,
        counted.valid_to as last_day,
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
        where counted.form = '{{ form }}'
    {%- endset -%}
    select
        * exclude (totals),
        unnest(['rows'{% for name in adds %}, '{{ name }}'{% endfor %}]) as column_name,
        cast(null as varchar) as code,
        unnest(totals) as total
    from (
        select
            {{ columns }},
            [
                count(*),
                {% for name in adds %}
                    cast(sum(cast(sheet_rows.{{ name }} as bigint)) as bigint),
                {% endfor %}
            ] as totals
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
