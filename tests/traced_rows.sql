-- Rows of forms other than tasks, put in place of those of the published file: few enough to know
-- each by its cell. P01 reports forty procedures; BKHDT two, which BTC answers for now,
-- one of which BTC reports itself.
create or replace table marts.fct_services as
select date '2025-09-14' as period_end, 'P01' as agency_code, '1.0000' || (10 + n) as procedure_code,
    date '2025-08-15' as period_start, if(n % 2 = 0, 'full', 'partial') as service_level,
    10 as dossiers_received, n % 5 as dossiers_fully_online, 2 as dossiers_pending,
    'P01' as current_agency_code, true as is_counted, date '2025-09-20' as reporting_date,
    date '2025-09-20' as valid_from, null::date as valid_to, 's-P01-services' as submission_id,
    'Dịch vụ công' as sheet_name, (5 + n + if(n >= 20, 1, 0))::integer as row_number
from range(40) as numbers (n)
union all
from (values
(date '2025-09-14', 'BKHDT', '1.000001', date '2025-08-15', 'full', 100, 60, 9, 'BTC', true,
    date '2025-09-20', date '2025-09-20', null, 's-BKHDT-services', 'Dịch vụ công', 7),
('2025-09-14', 'BKHDT', '1.000002', '2025-08-15', 'full', 999, 999, 9, 'BTC', false, '2025-09-20',
    '2025-09-20', null, 's-BKHDT-services', 'Dịch vụ công', 8),
('2025-09-14', 'BTC', '1.000002', '2025-08-15', null, 50, 20, 3, 'BTC', true, '2025-09-20',
    '2025-09-20', null, 's-BTC-services', 'Dịch vụ công', 7),
('2025-08-14', 'BTC', '1.000002', '2025-07-15', 'full', 50, 30, 4, 'BTC', true, '2025-09-20',
    '2025-09-20', null, 's-BTC-services', 'Dịch vụ công', 8),
('2024-12-14', 'BTC', '1.000002', '2024-11-15', 'full', 999, 999, 5, 'BTC', true, '2025-09-20',
    '2025-09-20', null, 's-BTC-services', 'Dịch vụ công', 9)
) as _;

create or replace table marts.dim_services as
select procedure_code, current_agency_code as agency_code, service_level,
    row_number = 8 as is_essential, null::date as withdrawn_on, 's-BCD-services' as submission_id,
    'Danh mục dịch vụ' as sheet_name, row_number
from marts.fct_services where agency_code = 'BTC' and period_end > date '2025-01-01';

create or replace table marts.fct_indicators as
select *, 'Báo cáo giả định' as source
from (values
(date '2025-08-31', '5G_POPULATION_COVERAGE', 'BKHCN', 26.0, 'percent', date '2025-09-23',
    null::date, 's-BKHCN-indicators', 'Chỉ tiêu', 6),
('2025-08-31', '5G_POPULATION_COVERAGE', 'BKHCN', 25.0, 'percent', '2025-09-20', '2025-09-22',
    's-BKHCN-earlier', 'Chỉ tiêu', 9)
) as _ (measured_on, indicator_code, agency_code, value, unit, valid_from, valid_to, submission_id,
    sheet_name, row_number);

create or replace table marts.dim_indicators as
select 'ELECTRONICS_EXPORTS_TARGET' as indicator_code, 'BCT' as agency_code, 'USD' as unit,
    170e9 as target, date '2025-12-31' as target_on, null::date as withdrawn_on,
    's-BCD-services' as submission_id, 'Danh mục chỉ tiêu' as sheet_name, 12 as row_number;

insert into quality.source_columns by name
with sheets as (
    from (values
    ('s-P01-services', 'services', 'Dịch vụ công', 'ABCDFGH'),
    ('s-BKHDT-services', 'services', 'Dịch vụ công', 'ABCDEFG'),
    ('s-BTC-services', 'services', 'Dịch vụ công', 'ABCDEFG')
    ) as _ (submission_id, form, sheet_name, letters)
)

select * exclude (letters),
    unnest(['procedure_code', 'service_level', 'period_start', 'period_end', 'dossiers_received',
        'dossiers_fully_online', 'dossiers_pending']) as column_name,
    unnest(string_split(letters, '')) as column_letter
from sheets;

insert into quality.source_columns by name
from (values
('s-BCD-services', 'register_services', 'Danh mục dịch vụ', 'procedure_code', 'A'),
('s-BCD-services', 'register_services', 'Danh mục dịch vụ', 'service_level', 'C'),
('s-BCD-services', 'register_services', 'Danh mục dịch vụ', 'is_essential', 'D'),
('s-BCD-services', 'register_indicators', 'Danh mục chỉ tiêu', 'indicator_code', 'A'),
('s-BCD-services', 'register_indicators', 'Danh mục chỉ tiêu', 'unit', 'C'),
('s-BCD-services', 'register_indicators', 'Danh mục chỉ tiêu', 'target', 'G'),
('s-BCD-services', 'register_indicators', 'Danh mục chỉ tiêu', 'target_on', 'H'),
('s-BKHCN-indicators', 'indicators', 'Chỉ tiêu', 'indicator_code', 'A'),
('s-BKHCN-indicators', 'indicators', 'Chỉ tiêu', 'value', 'C'),
('s-BKHCN-indicators', 'indicators', 'Chỉ tiêu', 'unit', 'D'),
('s-BKHCN-indicators', 'indicators', 'Chỉ tiêu', 'measured_on', 'E')
) as _ (submission_id, form, sheet_name, column_name, column_letter);

-- Another form in each of these sheets, with columns of the same names: none of its cells counts.
insert into quality.source_columns by name
select submission_id, sheet_name, column_name, 'commune_criteria' as form, 'Z' as column_letter
from quality.source_columns;

insert into marts.fct_submissions by name
select submission_id, any_value(form) as form, 'ACCEPTED' as status,
    submission_id || '.xlsx' as file_name
from quality.source_columns where submission_id not in (
    select known.submission_id from marts.fct_submissions as known
    where known.submission_id is not null
) group by submission_id;

update marts.reconciliation set verdict = 'MATCH', computed_value = published_value
where figure_id in ('F025', 'F026', 'F028', 'F063')
