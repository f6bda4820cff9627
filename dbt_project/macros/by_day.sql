{#-
A table of days that stays from run to run: a run builds the days of int_days anew, and those that
are no days of the run any more go. Its query gives rows of int_days only.
-#}
{% macro by_day(tags=[]) -%}
    {{ config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_days() }}",
        tags=tags,
    ) }}
{%- endmacro %}

{% macro forget_days() -%}
    {#- Outside the condition, or dbt does not see what the table depends on. -#}
    {%- set days, inputs = ref("int_days"), ref("int_day_inputs") -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where
            as_of_date in (select days.as_of_date from {{ days }} as days)
            or as_of_date not in (select inputs.as_of_date from {{ inputs }} as inputs)
    {%- endif %}
{%- endmacro %}
