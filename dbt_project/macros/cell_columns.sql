{#- A value read from a workbook with all that is known of its cell. -#}
{% macro cell_columns(names) -%}
    {%- for name in names %}
        {{ name }},
    {{ name }}_raw,
    {{ name }}_state,
    {{ name }}_problem,
    {{ name }}_repair{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- The columns of the tasks form and of the tasks register, in the order of their templates. -#}
{% macro task_columns() -%}
    {{ return([
        "task_code", "title", "lead_agency", "coordinating_agencies", "assigned_on", "deadline",
        "status", "percent_complete", "started_on", "completed_on", "deliverable", "evidence",
        "responsible_person", "obstacles", "proposal",
    ]) }}
{%- endmacro %}

{% macro register_task_columns() -%}
    {{ return([
        "programme_code", "task_code", "title", "lead_agency", "coordinating_agencies",
        "assigned_on", "deadline", "deliverable", "legal_basis",
    ]) }}
{%- endmacro %}
