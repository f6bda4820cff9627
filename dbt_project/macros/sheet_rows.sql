{#-
The data rows of every form in which totals stand, as JSON: which columns a total has, its cells say.
-#}
{% macro rows_beside_totals() -%}
    {%- set forms = ["services"] -%}
    {#- The linter runs nothing. -#}
    {%- if execute is defined and execute -%}
        {%- set query -%}
            select distinct form from {{ source("raw", "control_totals") }} order by form
        {%- endset -%}
        {%- set forms = run_query(query).columns[0].values() or forms -%}
    {%- endif -%}
    {%- for form in forms %}
        select
            '{{ form }}' as form,
            sheet_rows.submission_id,
            sheet_rows.sheet_name,
            sheet_rows.row_number,
            to_json(sheet_rows) as cells
        from {{ source("raw", form) }} as sheet_rows
        where
            sheet_rows.submission_id in (
                select totals.submission_id
                from {{ source("raw", "control_totals") }} as totals
                where totals.form = '{{ form }}'
            )
        {{ "union all" if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
