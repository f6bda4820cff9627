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

{#-
The administrative year, from 15 December to 14 December, in which a period ends: a number.
17 days on it is the calendar's.
-#}
{% macro year_of_period(period_end) -%}
    year({{ period_end }} + 17)
{%- endmacro %}

{#-
The administrative year that counts on a day: that of the last month (from a 15th to a 14th) that
has ended by then. From 14 January to 13 January, so that the last month, which is filed after the
year has ended, counts too: 13 days back it is the calendar's.
-#}
{% macro year_that_counts(day) -%}
    year({{ day }} - 13)
{%- endmacro %}

{#- First day of an administrative year. -#}
{% macro year_start(year) -%}
    make_date({{ year }} - 1, 12, 15)
{%- endmacro %}

{#- Last day of an administrative year. -#}
{% macro year_end(year) -%}
    make_date({{ year }}, 12, 14)
{%- endmacro %}

{#- First day on which an administrative year counts. -#}
{% macro year_counts_from(year) -%}
    make_date({{ year }}, 1, 14)
{%- endmacro %}

{#- Last day on which an administrative year counts. -#}
{% macro year_counts_to(year) -%}
    make_date({{ year }} + 1, 1, 13)
{%- endmacro %}
