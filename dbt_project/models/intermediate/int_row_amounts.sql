-- Grain: form, whom its rows count for, interval of days, period, the values that slices ask for,
-- and column: what the rows add up to, or one of their codes. Only what measures declare.
{{ by_sender() }}

with amounts as (
    {{ row_amounts(
        "services",
        tells_apart="procedure_code",
        adds=[
            "dossiers_received", "dossiers_online", "dossiers_fully_online", "dossiers_resolved",
            "resolved_on_time", "resolved_late", "dossiers_pending", "results_digitised",
            "dossiers_via_vneid", "dossiers_reusing_data",
        ],
        shares={
            "dossiers_received": [
                "dossiers_fully_online", "dossiers_online", "dossiers_reusing_data",
            ],
            "dossiers_resolved": ["resolved_on_time", "results_digitised"],
            "dossiers_online": ["dossiers_via_vneid"],
        },
        sliced_by=["service_level"],
        period_end="period_end",
        period_start="period_start",
    ) }}
    union all
    {{ row_amounts(
        "datasets",
        tells_apart="dataset_code",
        adds=[
            "records_expected", "records_held", "records_verified", "records_duplicate",
            "is_connected",
        ],
        shares={
            "records_expected": ["records_held"],
            "records_held": ["records_verified", "records_duplicate"],
        },
    ) }}
    union all
    {{ row_amounts("commune_criteria", tells_apart="commune_code", adds=["is_met"]) }}
    union all
    {{ row_amounts(
        "register_services",
        tells_apart="procedure_code",
        sliced_by=["service_level", "is_essential"],
    ) }}
    union all
    {{ row_amounts("register_datasets", tells_apart="dataset_code") }}
    union all
    {{ row_amounts("register_criteria", tells_apart="criterion_code") }}
    union all
    {{ row_amounts("register_communes", tells_apart="commune_code") }}
),

declared as (
    select
        form,
        numerator as column_name
    from {{ ref("int_declared_sums") }}

    union

    select
        form,
        denominator as column_name
    from {{ ref("int_declared_sums") }}
)

select *
from amounts
where
    first_day <= last_day
    and (
        column_name = 'rows'
        or (form, column_name) in (
            select (declared.form, declared.column_name) from declared
        )
    )
