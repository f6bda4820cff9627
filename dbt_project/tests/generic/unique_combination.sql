{#-
Gate: these columns together are the key. NULLs count as values. Of a table of days only those of
the run are looked at: the others passed when they were built.
-#}
{% test unique_combination(model, columns) %}
select {{ columns | join(", ") }}
from {{ model }}
{%- if columns[0] == "as_of_date" %}
where as_of_date in (select days.as_of_date from {{ ref("int_days") }} as days)
{%- endif %}
group by {{ columns | join(", ") }}
having count(*) > 1
{% endtest %}
