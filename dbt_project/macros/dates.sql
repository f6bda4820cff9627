{#-
The day that the run reports. Never the clock, and no variable of dbt: a variable that changes every
day would make dbt parse the whole project every day (3.6 s of a run, 2026-11-22).
-#}
{% macro as_of_date() -%}
    (select run.as_of_date from {{ source("raw", "run") }} as run)
{%- endmacro %}

{#- The day until which something holds that has no end yet. -#}
{% macro open_end() -%}
    date '9999-12-31'
{%- endmacro %}
