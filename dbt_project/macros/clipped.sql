{#-
A score within 0 and 100. Unknown stays unknown: `least` and `greatest` pass over NULL and would make
it 100 or 0.
-#}
{% macro clipped(score) -%}
    case when {{ score }} > 100 then 100 when {{ score }} < 0 then 0 else {{ score }} end
{%- endmacro %}
