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

{#- First day of the administrative year of a day, which runs from 15 December to 14 December. -#}
{% macro administrative_year_start(day) -%}
    make_date(year({{ day }} + 17) - 1, 12, 15)
{%- endmacro %}

{#- Last day of the administrative year of a day. -#}
{% macro administrative_year_end(day) -%}
    make_date(year({{ day }} + 17), 12, 14)
{%- endmacro %}
