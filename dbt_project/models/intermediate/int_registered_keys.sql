-- Grain: form, agency, what the register gives it to report on, and first day. Registers in a row
-- that give the same are one row.
with listed as (
    {% set codes = {"services": "procedure_code", "datasets": "dataset_code"} %}
    {% for form, code in codes.items() %}
        select
            '{{ form }}' as form,
            agency_code,
            {{ code }} as registered_key,
            valid_from,
            valid_to
        from {{ ref("int_registered_" ~ form) }}

        union
    {% endfor %}
    select
        form,
        agency_code,
        record_key as registered_key,
        valid_from,
        valid_to
    from {{ ref("int_expected_commune_criteria") }}

    union

    -- An indicator that a register drops stays with the agency that had it last.
    select
        'indicators' as form,
        agency_code,
        indicator_code as registered_key,
        valid_from,
        case
            when valid_to = max(valid_to) over (partition by indicator_code) then {{ open_end() }}
            else valid_to
        end as valid_to
    from {{ ref("int_registered_indicators") }}
),

marked as (
    select
        *,
        coalesce(lag(valid_to) over registers != valid_from - 1, true) as is_new
    from listed
    window
        registers as (partition by form, agency_code, registered_key order by valid_from)
),

numbered as (
    select
        *,
        count_if(is_new) over (
            partition by form, agency_code, registered_key order by valid_from
        ) as stretch
    from marked
)

select
    form,
    agency_code,
    registered_key,
    min(valid_from) as valid_from,
    max(valid_to) as valid_to
from numbered
group by form, agency_code, registered_key, stretch
