{#- A score within 0 and 100; unknown stays unknown, which `least` and `greatest` would make 100 or 0. -#}
{% macro clipped(score) -%}
    case when {{ score }} > 100 then 100 when {{ score }} < 0 then 0 else {{ score }} end
{%- endmacro %}
