{#- A score within 0 and 100. Unknown stays unknown, not 100 or 0 as `least` and `greatest` have it. -#}
{% macro clipped(score) -%}
    case when {{ score }} > 100 then 100 when {{ score }} < 0 then 0 else {{ score }} end
{%- endmacro %}
