-- Rows of the other forms, of the agencies that lead or coordinate a task, invented by arithmetic.
create table marts.dim_forms as from seeds.forms;

create table marts.dim_slices as from seeds.slices;

create table marts.dim_measure_aliases as from seeds.measure_aliases;

create table raw.made_agencies as
select agency_code, any_value(a.peer_group) as peer_group,
    row_number() over (order by agency_code)::integer as n
from raw.made_words join marts.dim_agencies a using (agency_code)
where a.peer_group is not null and a.valid_to is null group by agency_code;

create table raw.made_reports as
select reporting_date, coalesce(lead(reporting_date) over (order by reporting_date) - 1,
        date '9999-12-31') as last_day
from (select distinct reporting_date from raw.readings);

create table marts.dim_services as
select 'd.00000' || p as procedure_code, agency_code, 'Thủ tục giả định ' || p as procedure_name,
    ['full', 'partial', 'none'][p] as service_level, p = 1 as is_essential,
    null::varchar as procedure_suffix, null::date as withdrawn_on,
    's-BCD-2025-07-20' as submission_id, 'Danh mục dịch vụ' as sheet_name,
    (10 * n + p)::integer as row_number
from raw.made_agencies, range(1, 4) t(p);

create table marts.fct_services as
with periods as (
    select m, (date '2024-12-15' + to_months(m::integer))::date as period_start,
        (date '2025-01-14' + to_months(m::integer))::date as period_end
    from range(10) t(m)
)
select period_end, agency_code, procedure_code, null::varchar as procedure_suffix, period_start,
    service_level, (100 + 10 * n + m)::bigint as dossiers_received,
    (60 + 5 * n + 2 * m)::bigint as dossiers_online,
    (10 + n + 4 * m)::bigint as dossiers_fully_online, 90::bigint as dossiers_resolved,
    80::bigint as resolved_on_time, 10::bigint as resolved_late, 10::bigint as dossiers_pending,
    50::bigint as results_digitised, 20::bigint as dossiers_via_vneid,
    15::bigint as dossiers_reusing_data, agency_code as current_agency_code,
    not (agency_code = 'P01' and m = 0) as is_counted, r.reporting_date,
    r.reporting_date as valid_from, null::date as valid_to,
    's-' || agency_code || '-' || r.reporting_date as submission_id,
    'Dịch vụ công' as sheet_name, (30 * n + 3 * m + right(procedure_code, 1)::integer)::integer
        as row_number
from marts.dim_services join raw.made_agencies using (agency_code), periods,
    (select max(reporting_date) as reporting_date from raw.made_reports) r;

create table marts.bridge_dataset_lists as
select 'CSDL.' || n || '.' || d as dataset_code, unnest(['QĐ 1', 'QĐ 2'][:d]) as list_source,
    30::bigint as update_cycle_days, 1000::bigint as records_expected, null::date as withdrawn_on,
    's-BCD-2025-07-20' as submission_id, 'Danh mục CSDL' as sheet_name,
    (10 * n + d)::integer as row_number
from raw.made_agencies, range(1, 3) t(d);

create table marts.dim_datasets as
select dataset_code, 'Cơ sở dữ liệu giả định ' || dataset_code as dataset_name, agency_code,
    list(list_source order by list_source) as list_sources, count(*) as list_count,
    any_value(update_cycle_days) as update_cycle_days,
    any_value(records_expected) as records_expected, null::date as withdrawn_on,
    any_value(submission_id) as submission_id, any_value(sheet_name) as sheet_name,
    min(row_number) as row_number
from marts.bridge_dataset_lists join raw.made_agencies
    on n = split_part(dataset_code, '.', 2)::integer
group by dataset_code, agency_code;

create table marts.fct_datasets as
with figures as (
    select r.reporting_date, r.last_day, dataset_code, agency_code, records_expected,
        (700 + 20 * row_number)::bigint % 1000 as records_held, 600::bigint as records_verified,
        7::bigint as records_duplicate, r.reporting_date - 10 * (row_number % 7) as last_updated_on,
        update_cycle_days, row_number % 2 = 0 as is_connected, row_number % 5 as consumer_count,
        row_number
    from marts.dim_datasets, raw.made_reports r
)
select reporting_date, dataset_code, agency_code, records_expected, records_held, records_verified,
    records_duplicate, records_expected as records_due,
    records_held / records_expected as coverage_share, last_updated_on::date as last_updated_on,
    (reporting_date - last_updated_on)::bigint as age_days, update_cycle_days,
    update_cycle_days as cycle_due_days, age_days <= update_cycle_days as is_within_cycle,
    is_connected, consumer_count::bigint as consumer_count,
    95.0::double as declared_correct_score, 80.5::double as measured_correct_score,
    14.5::double as difference_correct_score, 95.0::double as declared_sufficient_score,
    100 * records_held / records_expected as measured_sufficient_score,
    95 - 100 * records_held / records_expected as difference_sufficient_score,
    null::double as declared_clean_score, 99.0::double as measured_clean_score,
    null::double as difference_clean_score, 90.0::double as declared_living_score,
    100.0::double as measured_living_score, -10.0::double as difference_living_score,
    agency_code as current_agency_code, true as is_counted, reporting_date as valid_from,
    case when last_day < date '9999-12-31' then last_day end as valid_to,
    's-' || agency_code || '-' || reporting_date as submission_id, 'Cơ sở dữ liệu' as sheet_name,
    row_number
from figures;

create table marts.dim_indicators as
select 'CT.' || i as indicator_code, 'Chỉ tiêu giả định ' || i as indicator_name,
    (select min(agency_code) from raw.made_agencies) as agency_code,
    ['percent', 'VND', 'people'][i] as unit, ['%', 'tỷ đồng', 'người'][i] as unit_raw,
    [1, 1e9, 1][i] as unit_scale, 'stock' as measure_kind, ['up', 'down', 'up'][i] as direction,
    [80.0, 3e12, 5000.0][i] as target, '>=' as target_operator, null::double as target_upper_bound,
    date '2025-12-31' as target_on, null::date as withdrawn_on,
    's-BCD-2025-07-20' as submission_id, 'Danh mục chỉ tiêu' as sheet_name,
    (i + 4)::integer as row_number
from range(1, 4) t(i);

create table marts.fct_indicators as
select r.reporting_date - 3 as measured_on, indicator_code, agency_code, target * 0.9 as value,
    '=' as operator, null::double as upper_bound, unit, measure_kind, direction, target, target_on,
    case direction when 'down' then target * 0.1 else target * -0.1 end as gap,
    direction = 'down' as has_met_target, 'Báo cáo giả định' as source, r.reporting_date,
    agency_code as current_agency_code, true as is_counted, r.reporting_date as valid_from,
    null::date as valid_to,
    's-' || agency_code || '-' || r.reporting_date as submission_id, 'Chỉ tiêu' as sheet_name,
    row_number
from marts.dim_indicators, raw.made_reports r;

create table marts.dim_criteria as
select printf('TC%02d', c) as criterion_code, 'Tiêu chí giả định ' || c as criterion_name,
    null::date as withdrawn_on, 's-BCD-2025-07-20' as submission_id,
    'Danh mục tiêu chí' as sheet_name, (c + 4)::integer as row_number
from range(1, 17) t(c);

create table marts.dim_communes as
select printf('%05d', 100 * n + x) as commune_code, 'Xã giả định ' || x as commune_name,
    agency_code, null::date as withdrawn_on, 's-BCD-2025-07-20' as submission_id,
    'Danh mục xã' as sheet_name, (10 * n + x)::integer as row_number
from raw.made_agencies, range(1, 5) t(x) where peer_group = 'provinces';

create table marts.fct_commune_criteria as
select r.reporting_date, commune_code, criterion_code, agency_code,
    hash(commune_code || criterion_code) % 3 > 0 as is_met, null::double as value,
    null::varchar as operator, null::varchar as unit, r.reporting_date as checked_on,
    agency_code as current_agency_code, true as is_counted, r.reporting_date as valid_from,
    case when r.last_day < date '9999-12-31' then r.last_day end as valid_to,
    's-' || agency_code || '-' || r.reporting_date as submission_id, 'Tiêu chí cấp xã' as sheet_name,
    (row_number() over (partition by r.reporting_date, agency_code
        order by commune_code, criterion_code) + 3)::integer as row_number
from marts.dim_communes, marts.dim_criteria, raw.made_reports r;

create table marts.commune_coverage as
select agency_code, valid_from, valid_to, count(distinct commune_code) as communes_registered,
    count(distinct commune_code) as communes_reported, 0::bigint as communes_meeting_all,
    count(*) as criteria_expected, count(*) as criteria_reported, count_if(is_met)::bigint
        as criteria_met, 1.0::double as coverage_share, criteria_met / criteria_reported as met_share
from marts.fct_commune_criteria group by all;

create table raw.made_sums as
select d.as_of_date, whom as agency_code, sum(dossiers_fully_online)::bigint as online,
    sum(dossiers_received)::bigint as received, count(distinct period_end)::bigint as periods,
    max(period_end) as newest_period_end
from raw.made_days d join marts.fct_services s on s.period_end <= d.as_of_date and s.is_counted
join (select agency_code, unnest(['all', peer_group, agency_code]) as whom from raw.made_agencies) w
    on w.agency_code = s.current_agency_code
group by all;

insert into marts.fct_measures
select as_of_date, 'online_dossier_share', '', agency_code, null, online / received, online,
    received, 'share'
from raw.made_sums;

create table marts.fct_service_outlook as
select as_of_date, agency_code, periods, newest_period_end, date '2025-12-14' as year_end,
    12 - periods as remaining_periods, received as received_to_date,
    online as fully_online_to_date, online / received as share_to_date, 0.8::double as target_share,
    round(received / periods * (12 - periods)) as expected_received_remaining,
    1.9::double as needed_share, false as is_reachable, 0.46::double as projected_share,
    0.44::double as projected_low, 0.48::double as projected_high, 3::bigint as backtest_count,
    2::bigint as backtest_covered, 0.013::double as backtest_mean_absolute_error
from raw.made_sums;

insert into quality.source_columns
select submission_id, 'services', 'Dịch vụ công', unnest(['procedure_code', 'period_start',
        'period_end', 'dossiers_received', 'dossiers_online', 'dossiers_fully_online']),
    unnest(['A', 'D', 'E', 'F', 'G', 'H']), null
from raw.receipts where agency_code != 'BCD'
union all
select submission_id, 'indicators', 'Chỉ tiêu', unnest(['indicator_code', 'value', 'unit',
        'measured_on']), unnest(['A', 'C', 'D', 'E']), null
from raw.receipts where agency_code != 'BCD'
union all
select submission_id, 'commune_criteria', 'Tiêu chí cấp xã', unnest(['commune_code',
        'criterion_code', 'is_met']), unnest(['A', 'B', 'C']), null
from raw.receipts where agency_code != 'BCD'
union all
select submission_id, 'register_indicators', 'Danh mục chỉ tiêu', unnest(['indicator_code', 'unit',
        'target', 'target_on']), unnest(['A', 'C', 'F', 'G']), null
from raw.receipts where agency_code = 'BCD'
