{#-
Ends of what a number with its operator says, as the first and the last number that it allows: `=`
a point, `>` and `<` open to one side, `~` 5 % to both. Without the number itself (> and <) an end
is the next one that a double holds, so that ends compare like any numbers.
-#}
{% macro first_allowed(value, operator) -%}
    case
        when {{ operator }} in ('<', '<=') then cast('-infinity' as double)
        when {{ operator }} = '>' then nextafter({{ value }}, cast('infinity' as double))
        when {{ operator }} = '~' then {{ value }} - 0.05 * abs({{ value }})
        else {{ value }}
    end
{%- endmacro %}

{#- `upper_bound` is the upper end of a range, NULL where there is none. -#}
{% macro last_allowed(value, upper_bound, operator) -%}
    {%- set upper -%} coalesce({{ upper_bound }}, {{ value }}) {%- endset -%}
    case
        when {{ operator }} in ('>', '>=') then cast('infinity' as double)
        when {{ operator }} = '<' then nextafter({{ upper }}, cast('-infinity' as double))
        when {{ operator }} = '~' then {{ upper }} + 0.05 * abs({{ upper }})
        else {{ upper }}
    end
{%- endmacro %}
