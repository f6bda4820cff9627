{#- The day that the run reports. Never the clock. -#}
{% macro as_of_date() -%}
    date '{{ var("as_of_date") }}'
{%- endmacro %}

{#- The day until which something holds that has no end yet. -#}
{% macro open_end() -%}
    date '9999-12-31'
{%- endmacro %}
