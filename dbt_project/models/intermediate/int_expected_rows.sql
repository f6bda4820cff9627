-- Grain: form, agency, record and first day: what the register says must be reported on those days.
{{ by_sender("agency_code") }}
{% set forms = ["tasks", "services", "datasets", "indicators", "commune_criteria", "registers"] %}
{% for form in forms %}
    {% if not loop.first %}
        union all
    {% endif %}
    select
        expected.form,
        expected.agency_code,
        expected.record_key,
        expected.valid_from,
        expected.valid_to,
        expected.excused_columns
    from {{ ref("int_expected_" ~ form) }} as expected
    {{ only_touched("expected", "agency_code") }}
    where expected.valid_from <= expected.valid_to
{% endfor %}
