-- No row of a report or register vanishes on its way to its table: each that stands on the day of
-- the run and that the run placed is there, alone or, of several that say the same, by the one
-- that holds.
{% set tables = {
    "services": ["fct_services", ["procedure_code", "period_end"]],
    "datasets": ["fct_datasets", ["dataset_code"]],
    "indicators": ["fct_indicators", ["indicator_code", "measured_on"]],
    "commune_criteria": ["fct_commune_criteria", ["commune_code", "criterion_code"]],
} %}
{% for form, (table, key) in tables.items() %}
    {% if not loop.first %}
        union all
    {% endif %}
    (
        select
            '{{ form }}' as form,
            reported.agency_code,
            concat_ws('/', reported.{{ key | join(", reported.") }}) as record_key
        from {{ ref("int_reported_" ~ form) }} as reported
        {{ only_touched("reported", "agency_code", "'" ~ form ~ "'") }}
        where {{ as_of_date() }} between reported.valid_from and reported.valid_to
        except
        select
            '{{ form }}' as form,
            facts.agency_code,
            concat_ws('/', facts.{{ key | join(", facts.") }}) as record_key
        from {{ ref(table) }} as facts
        {{ only_touched("facts", "agency_code", "'" ~ form ~ "'") }}
    )
{% endfor %}
