{#-
Gate: these columns together are the key. NULLs count as values. Of a table that stays from run to
run only what the run built is looked at, the rest passed when it was built: of days those of
int_days, of rows those whose `sender` (the name of that column) is in int_touched.
-#}
{% test unique_combination(model, columns, sender=none) %}
select {{ columns | join(", ") }}
from (
    select built.*
    from {{ model }} as built
    {% if sender -%}
        {{ only_touched("built", sender) }}
    {%- elif columns[0] == "as_of_date" -%}
        semi join {{ ref("int_days") }} as days on built.as_of_date = days.as_of_date
    {%- endif %}
)
group by {{ columns | join(", ") }}
having count(*) > 1
{% endtest %}
