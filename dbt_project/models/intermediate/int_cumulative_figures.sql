-- Grain: figure that goes on from the period before and does not agree with it, with the days on
-- which both stand; and of those that agree, or that nothing stands before, one row for each
-- report, column and days on which they stand. Which columns go on, and how, says seed
-- `cumulative_figures`.
{{ by_sender("agency_code") }}
{%- set flows = [
    "dossiers_received", "dossiers_online", "dossiers_fully_online", "dossiers_resolved",
    "resolved_on_time", "resolved_late", "results_digitised", "dossiers_via_vneid",
    "dossiers_reusing_data",
] -%}
{%- set held = ["records_held"] %}

with
{% for form in ["services", "datasets", "indicators"] %}
    {{ form }} as not materialized (
        select reported.*
        from {{ ref("int_reported_" ~ form) }} as reported
        {{ only_touched("reported", "agency_code", "'" ~ form ~ "'") }}
    ),

{% endfor %}

carried_over as (
    select
        this.*,
        before.dossiers_pending + this.dossiers_received - this.dossiers_resolved as expected,
        before.submission_id is not null as has_before,
        -- Of 800,000 rows nobody reads the address of one that agrees.
        case
            when this.dossiers_pending != expected
                then
                    strftime(before.period_end, '%d/%m/%Y') || ' ' || before.sheet_name || '!'
                    || before.row_number || ': ' || before.dossiers_pending_raw
        end as related_cells,
        case
            when this.dossiers_pending != expected
                then before.submission_id || '!' || before.row_number
        end as row_before,
        greatest(this.valid_from, before.valid_from) as both_from,
        least(this.valid_to, before.valid_to) as both_to
    from services as this
    left join services as before
        on
            this.agency_code = before.agency_code
            and this.procedure_code = before.procedure_code
            and this.period_start = before.period_end + 1
            and this.valid_from <= before.valid_to
            and this.valid_to >= before.valid_from
),

same_start as (
    -- The shorter period that is nearest: a longer one from the same day on includes it.
    select
        this.*,
        {% for column in flows %}
            before.{{ column }} as {{ column }}_before,
            before.{{ column }}_raw as {{ column }}_raw_before,
        {% endfor %}
        strftime(before.period_end, '%d/%m/%Y') || ' ' || before.sheet_name || '!'
        || before.row_number as address_before,
        before.submission_id || '!' || before.row_number as row_before,
        greatest(this.valid_from, before.valid_from) as both_from,
        least(this.valid_to, before.valid_to) as both_to
    from services as this
    inner join services as before
        on
            this.agency_code = before.agency_code
            and this.procedure_code = before.procedure_code
            and this.period_start = before.period_start
            and this.period_end > before.period_end
            and this.valid_from <= before.valid_to
            and this.valid_to >= before.valid_from
    qualify
        rank() over (
            partition by this.submission_id, this.row_number order by before.period_end desc
        ) = 1
),

next_report as (
    select
        *,
        {% for column in held %}
            lag({{ column }}) over reports as {{ column }}_before,
            lag({{ column }}_raw) over reports as {{ column }}_raw_before,
        {% endfor %}
        lag(submission_id) over reports as submission_before,
        lag(submission_id || '!' || row_number) over reports as row_before,
        lag(strftime(reporting_date, '%d/%m/%Y') || ' ' || sheet_name || '!' || row_number)
            over reports as address_before
    from datasets
    window reports as (partition by agency_code, dataset_code order by reporting_date)
),

measured as (
    select
        *,
        value * case when value_unit is null then coalesce(unit_scale, 1) else 1 end as scaled,
        coalesce(value_unit, unit) as unit_code
    from indicators
    where
        value_operator = '='
        and indicator_code in (
            select registered.indicator_code
            from {{ source("raw", "register_indicators") }} as registered
            where registered.measure_kind = 'flow'
        )
),

same_year as (
    select
        this.*,
        before.scaled as scaled_before,
        strftime(before.measured_on, '%d/%m/%Y') || ' ' || before.sheet_name || '!'
        || before.row_number || ': ' || before.value_raw as related_cells,
        before.submission_id || '!' || before.row_number as row_before,
        greatest(this.valid_from, before.valid_from) as both_from,
        least(this.valid_to, before.valid_to) as both_to
    from measured as this
    inner join measured as before
        on
            this.agency_code = before.agency_code
            and this.indicator_code = before.indicator_code
            and this.unit_code is not distinct from before.unit_code
            and year(this.measured_on) = year(before.measured_on)
            and this.measured_on > before.measured_on
            and this.valid_from <= before.valid_to
            and this.valid_to >= before.valid_from
    qualify
        rank() over (
            partition by this.submission_id, this.row_number order by before.measured_on desc
        ) = 1
),

{%- set place -%}
    agency_code, submission_id, sheet_name, row_number, record_key, reporting_date
{%- endset %}

compared as materialized (
    select
        {{ place }},
        'services' as form,
        'dossiers_pending' as column_name,
        'carried_over' as compared,
        has_before,
        dossiers_pending as stated,
        expected,
        dossiers_pending_raw as stated_raw,
        related_cells,
        row_before,
        coalesce(both_from, valid_from) as valid_from,
        coalesce(both_to, valid_to) as valid_to,
        dossiers_pending != expected as is_wrong
    from carried_over

    {% for column in flows %}
        union all
        select
            {{ place }},
            'services' as form,
            '{{ column }}' as column_name,
            'same_start' as compared,
            true as has_before,
            {{ column }} as stated,
            {{ column }}_before as expected,
            {{ column }}_raw as stated_raw,
            address_before || ': ' || {{ column }}_raw_before as related_cells,
            row_before,
            both_from as valid_from,
            both_to as valid_to,
            {{ column }} < {{ column }}_before as is_wrong
        from same_start
    {% endfor %}

    {% for column in held %}
        union all
        select
            {{ place }},
            'datasets' as form,
            '{{ column }}' as column_name,
            'next_report' as compared,
            submission_before is not null as has_before,
            {{ column }} as stated,
            {{ column }}_before as expected,
            {{ column }}_raw as stated_raw,
            address_before || ': ' || {{ column }}_raw_before as related_cells,
            row_before,
            valid_from,
            valid_to,
            {{ column }} < {{ column }}_before as is_wrong
        from next_report
    {% endfor %}

    union all

    select
        {{ place }},
        'indicators' as form,
        'value' as column_name,
        'same_year' as compared,
        true as has_before,
        scaled as stated,
        scaled_before as expected,
        value_raw as stated_raw,
        related_cells,
        row_before,
        both_from as valid_from,
        both_to as valid_to,
        scaled < scaled_before as is_wrong
    from same_year
),

asked as (
    select compared.*
    from compared
    inner join {{ ref("cumulative_figures") }} as figures
        on
            compared.form = figures.form
            and compared.column_name = figures.column_name
            and compared.compared = figures.compared
)

select
    form,
    compared,
    agency_code,
    submission_id,
    sheet_name,
    column_name,
    reporting_date,
    row_number,
    record_key,
    1 as figure_count,
    cast(stated as double) as stated_value,
    cast(expected as double) as computed_value,
    stated_raw,
    related_cells,
    row_before,
    'DIFFERS' as verdict,
    compared as reason,
    valid_from,
    valid_to
from asked
where is_wrong

union all

select
    form,
    compared,
    agency_code,
    submission_id,
    sheet_name,
    column_name,
    reporting_date,
    null as row_number,
    null as record_key,
    count(*) as figure_count,
    cast(sum(stated) as double) as stated_value,
    cast(sum(expected) filter (where is_wrong is not null) as double) as computed_value,
    null as stated_raw,
    null as related_cells,
    null as row_before,
    case when is_wrong is null then 'NOT_COMPUTABLE' else 'MATCH' end as verdict,
    case
        when not has_before then 'first_period'
        when is_wrong is null then 'blank_before'
        else 'agrees'
    end as reason,
    valid_from,
    valid_to
from asked
where not coalesce(is_wrong, false)
group by all
