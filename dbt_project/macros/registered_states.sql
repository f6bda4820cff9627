{#- Columns of the register of tasks whose cells rules may read. -#}
{% macro registered_states() -%}
    {{ return([
        "title", "lead_agency", "coordinating_agencies", "assigned_on", "deadline", "deliverable",
        "legal_basis",
    ]) }}
{%- endmacro %}
