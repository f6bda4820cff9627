-- Every indicator of `indicators.csv`. A figure for a day after the last report is a target.
with reporting_dates (reporting_date) as (
    values (date '2025-09-23'), (date '2025-10-28')
),

scales as (
    select
        word_vi as word,
        code::double as scale
    from seeds.words
    where list = 'scale'
),

-- No scale, one such as "triệu", or two such as "nghìn tỷ".
products as (
    select
        null as word,
        1.0 as scale
    union all
    select
        word,
        scale
    from scales
    union all
    select
        first_scales.word || ' ' || second_scales.word as word,
        first_scales.scale * second_scales.scale as scale
    from scales as first_scales
    cross join scales as second_scales
),

scaled_units as (
    select
        units.code as unit,
        products.scale,
        concat_ws(' ', products.word, units.word_vi) as unit_raw
    from seeds.words as units
    cross join products
    where units.list = 'unit'
),

all_figures as (
    select * from seeds.published_figures
    union all by name
    select * from seeds.sample_figures
),

figures as (
    select
        upper(replace(measure, 'indicator:', '')) as indicator_code,
        unit,
        if(as_of_date > '2025-10-28', value::double, null) as target,
        if(as_of_date > '2025-10-28', operator, null) as target_operator,
        if(as_of_date > '2025-10-28', as_of_date, null) as target_on
    from all_figures
    where measure like 'indicator:%'
)

select
    indicators.agency_code,
    reporting_dates.reporting_date,
    indicators.indicator_code,
    indicators.name_vi as indicator_name,
    scaled_units.unit,
    scaled_units.scale as unit_scale,
    indicators.unit as unit_raw,
    indicators.direction,
    indicators.measure_kind,
    coalesce(figures.target / scaled_units.scale, indicators.target::double) as target,
    coalesce(figures.target_operator, if(indicators.target is null, null, '=')) as target_operator,
    coalesce(figures.target_on, indicators.target_on)::date as target_on
from invented.indicators as indicators
inner join figures on indicators.indicator_code = figures.indicator_code
inner join scaled_units
    on indicators.unit = scaled_units.unit_raw and figures.unit = scaled_units.unit
cross join reporting_dates
