{#-
Who answers now for a row of a form, whether the register knows the row on `day`, and whether
another row replaces it: the joins behind `current_agency_code` and `is_counted` of the facts.
-#}
{% macro join_row_standing(form, rows, day) %}
left join {{ ref("int_agency_answers") }} as answers
    on
        {{ rows }}.agency_code = answers.agency_code
        and {{ as_of_date() }} between answers.valid_from and answers.valid_to
left join {{ ref("int_registered_rows") }} as registered
    on
        registered.form = '{{ form }}'
        and {{ rows }}.submission_id = registered.submission_id
        and {{ rows }}.row_number = registered.row_number
        and {{ day }} between registered.valid_from and registered.valid_to
left join {{ ref("int_replaced_rows") }} as replaced
    on
        replaced.form = '{{ form }}'
        and {{ rows }}.submission_id = replaced.submission_id
        and {{ rows }}.row_number = replaced.row_number
{% endmacro %}

{#- Whether a row enters sums: registered for its agency, and not replaced yet. -#}
{% macro is_counted() -%}
registered.row_number is not null
    and coalesce(replaced.replaced_from > {{ as_of_date() }}, true)
{%- endmacro %}
