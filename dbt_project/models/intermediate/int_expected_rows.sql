-- Grain: form, agency, record and first day: what the register says must be reported on those days.
{% set forms = ["tasks", "services", "datasets", "indicators", "commune_criteria", "registers"] %}
{% for form in forms %}
    {% if not loop.first %}
        union all
    {% endif %}
    select
        form,
        agency_code,
        record_key,
        valid_from,
        least(valid_to, {{ as_of_date() }}) as valid_to,
        excused_columns
    from {{ ref("int_expected_" ~ form) }}
    where valid_from <= {{ as_of_date() }} and valid_from <= valid_to
{% endfor %}
