{#-
A table of rows that stays from run to run: a run places the rows of int_touched anew. Its query
gives only those. `sender` is the column of the agency that sent a row, `form` that of its form, or
the name of the form in quotes.
-#}
{% macro by_sender(sender="sender_code", form="form") -%}
    {{ config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook='{{ forget_rows("' ~ sender ~ '", "' ~ form ~ '") }}',
    ) }}
{%- endmacro %}

{% macro forget_rows(sender, form) -%}
    {#- Outside the condition, or dbt does not see what the table depends on. -#}
    {%- set touched = ref("int_touched") -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where ({{ form }}, {{ sender }}) in (
            select (touched.form, touched.agency_code) from {{ touched }} as touched
        )
    {%- endif %}
{%- endmacro %}

{#- Only rows of a form and a sender that the run places anew. -#}
{% macro only_touched(rows, sender="sender_code", form=none) -%}
    semi join {{ ref("int_touched") }} as touched
        on {{ form or rows ~ ".form" }} = touched.form
        and {{ rows }}.{{ sender }} = touched.agency_code
{%- endmacro %}
