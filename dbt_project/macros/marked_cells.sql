{#-
Every cell that bears a mark of reading, one row each: `repair`, what was done to read it, or
`problem`, why it cannot be read. Columns come from the tables themselves, whatever templates feed
them. The text of columns that templates call personal is never shown.
-#}
{% macro marked_cells(mark) -%}
    {%- set forms = [
        "tasks", "services", "datasets", "indicators", "commune_criteria", "register_tasks",
        "register_services", "register_datasets", "register_indicators", "register_criteria",
        "register_communes", "register_province_changes", "register_commune_changes",
    ] -%}
    {%- set personal = ["responsible_person"] -%}
    {%- set selected = [] -%}
    {%- for form in forms -%}
        {%- set types = {} -%}
        {#- The linter has no adapter. -#}
        {%- if adapter is defined -%}
            {%- for column in adapter.get_columns_in_relation(source("raw", form)) -%}
                {%- do types.update({column.name: column.data_type}) -%}
            {%- endfor -%}
        {%- endif -%}
        {%- for name, type in types.items() if name ~ "_" ~ mark in types -%}
            {%- do selected.append(marked_column(form, name, type, mark, name in personal)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ selected | join(" union all ") or marked_column("tasks", "task_code", "varchar", mark) }}
{%- endmacro %}

{#- The marked cells of one column, with the text before and the value after. -#}
{% macro marked_column(form, name, type, mark, is_personal=false) -%}
    {%- set value = "array_to_string(" ~ name ~ ", '; ')" if type.endswith("[]")
        else "cast(" ~ name ~ " as varchar)" -%}
    select
        submission_id,
        '{{ form }}' as form,
        sheet_name,
        row_number,
        '{{ name }}' as column_name,
        {{ "'•••'" if is_personal else name ~ "_raw" }} as value_before,
        {{ "'•••'" if is_personal else value }} as value_after,
        {{ name }}_{{ mark }} as mark
    from {{ source("raw", form) }}
    where {{ name }}_{{ mark }} is not null
{%- endmacro %}
