create macro raw.status_of(done, completed, started, deadline, day) as case
    when done and completed > deadline then 'DONE_LATE'
    when done then 'DONE_ON_TIME'
    when deadline is null then 'REGULAR'
    when started and day > deadline then 'IN_PROGRESS_LATE'
    when started then 'IN_PROGRESS_ON_TIME'
    when day > deadline then 'NOT_STARTED_LATE'
    else 'NOT_STARTED_ON_TIME'
end;

create macro raw.group_of(status) as case
    when status like 'DONE_%' then 'completed'
    when status like '%_LATE' then 'overdue'
    else 'in_progress'
end;

create table marts.dim_agencies as
select agency_code, valid_from::date as valid_from, valid_to::date as valid_to, name_vi, name_en,
    kind, peer_group, official_code, successor_code
from seeds.agencies;

create table marts.dim_measures as from seeds.measures;

create table marts.dim_programmes as from seeds.programmes;

create table marts.dim_labels as
select list, code, word_vi as label_vi, null::varchar as label_en
from seeds.words where is_label = 'true'
union all select 'form', form, label_vi, label_en from seeds.forms
union all select 'dimension', dimension, label_vi, label_en from seeds.quality_dimensions
union all select list, code, label_vi, label_en from seeds.codes;

create table marts.dim_tasks as
select task_code, programme_code, title, lead_agency_code as lead_agencies, assigned_on, deadline,
    deadline as deadline_original, 'day' as deadline_precision,
    case when deadline is null then 'regular' else 'fixed' end as deadline_kind,
    null::varchar as coordinating_agencies, 's-BCD-2025-07-20' as submission_id, 'Danh mục nhiệm vụ' as sheet_name, row_number
from raw.made_tasks;

create table marts.fct_task_agencies as
with words as (
    select d.as_of_date, w.task_code, w.agency_code, w.role, w.is_group_member, t.deadline,
        coalesce(w.completed_on <= d.as_of_date, false) as is_done,
        coalesce(w.started_on <= d.as_of_date, false) as is_started, w.started_on,
        case when w.completed_on <= d.as_of_date then w.completed_on end as completed_on,
        (select max(r.reporting_date) from raw.readings r where r.reporting_date <= d.as_of_date)
            as reported_on, w.row_number
    from raw.made_days d, raw.made_words w join raw.made_tasks t using (task_code)
)
select as_of_date, task_code, agency_code, role, is_group_member,
    raw.status_of(is_done, completed_on, is_started, deadline, as_of_date) as status,
    raw.group_of(status) as status_group,
    case when is_done then 'DONE' else 'IN_PROGRESS' end as status_reported,
    false as has_status_conflict,
    case when is_done then 100.0 else 40.0 end as percent_complete_pct,
    started_on, completed_on, reported_on,
    's-' || agency_code || '-' || reported_on as submission_id, 'Nhiệm vụ' as sheet_name, row_number
from words;

create table marts.fct_tasks as
with leads as (
    select as_of_date, task_code, bool_and(status_group = 'completed') as is_done,
        bool_or(started_on <= as_of_date) as is_started, max(completed_on) as completed_on,
        max(reported_on) as reported_on, avg(percent_complete_pct) as percent_complete_pct
    from marts.fct_task_agencies where role = 'lead' group by all
)
select as_of_date, task_code, programme_code, lead_agency_code, assigned_on, deadline,
    deadline as deadline_original, 'day' as deadline_precision,
    case when deadline is null then 'regular' else 'fixed' end as deadline_kind,
    raw.status_of(is_done, completed_on, is_started, deadline, as_of_date) as status,
    raw.group_of(status) as status_group,
    case when is_done then 'DONE' else 'IN_PROGRESS' end as status_reported,
    'Đã hoàn thành' as status_reported_raw, false as has_status_conflict,
    status in ('IN_PROGRESS_LATE', 'NOT_STARTED_LATE') as is_overdue,
    case when is_overdue then as_of_date - deadline end as days_overdue,
    percent_complete_pct, case when is_done then completed_on end as completed_on,
    true as has_evidence, null::varchar as obstacles, null::varchar as proposal, reported_on,
    as_of_date - reported_on as days_since_report, 's-BCD-2025-07-20' as register_submission_id,
    'Danh mục nhiệm vụ' as register_sheet_name, row_number as register_row_number
from raw.made_tasks join leads using (task_code) order by as_of_date, task_code;

create table marts.fct_measures as
with counted as (
    select as_of_date, task_code, 'all' as agency_code, status, status_group, deadline,
        completed_on, assigned_on, programme_code
    from marts.fct_tasks
    union all
    select w.as_of_date, w.task_code, w.agency_code, w.status, w.status_group, t.deadline,
        w.completed_on, t.assigned_on, t.programme_code
    from marts.fct_task_agencies w join raw.made_tasks t using (task_code)
),
scoped as (
    select '' as programme_scope, * from counted
    union all select programme_code, * from counted
    union all select 'NQ71+KL', * from counted where programme_code in ('NQ71', 'KL')
    union all select 'NQ71+KL+KH02', * from counted where programme_code in ('NQ71', 'KL', 'KH02')
),
wide as (
    select as_of_date, programme_scope, agency_code,
        count(*) as tasks_involving,
        count_if(status_group = 'completed') as tasks_completed,
        count_if(status = 'DONE_ON_TIME') as tasks_completed_on_time,
        count_if(status = 'DONE_LATE') as tasks_completed_late,
        count_if(status_group = 'in_progress') as tasks_in_progress,
        count_if(status_group = 'overdue') as tasks_overdue,
        count_if(status_group = 'unknown') as tasks_unknown,
        count_if(assigned_on > date '2025-07-20' and assigned_on <= as_of_date)
            as tasks_assigned_in_window,
        count_if(status_group = 'completed' and completed_on > date '2025-07-20')
            as tasks_completed_in_window,
        count_if(deadline <= as_of_date or status_group = 'completed') as tasks_due
    from scoped group by all
),
named as (
    select * from (unpivot wide on columns(* exclude (as_of_date, programme_scope, agency_code))
        into name measure value numerator)
    union all
    select as_of_date, '', 'all', 'agencies_with_tasks', count(distinct agency_code)
    from marts.fct_task_agencies group by all
)
select as_of_date,
    case when measure != 'tasks_involving' then measure
        when agency_code = 'all' then 'tasks_assigned' else 'tasks_involving_agency' end as measure,
    programme_scope, agency_code,
    case when measure like '%in_window' then date '2025-07-20' end as window_start,
    numerator::double as value, numerator, null::bigint as denominator, 'tasks' as unit
from named where measure != 'tasks_due'
union all
select as_of_date, 'on_time_share_of_due', programme_scope, agency_code, null,
    tasks_completed_on_time / nullif(tasks_due, 0), tasks_completed_on_time, tasks_due, 'share'
from wide;

create table marts.agency_scorecards as
with cards as (
    select w.as_of_date, w.agency_code, '' as programme_scope, a.peer_group,
        count(*) as tasks_involving, count_if(role = 'lead') as tasks_led,
        count_if(status_group = 'completed') as tasks_completed,
        count_if(status = 'DONE_ON_TIME') as tasks_completed_on_time,
        count_if(status_group = 'in_progress') as tasks_in_progress,
        count_if(status_group = 'overdue') as tasks_overdue,
        count_if(status_group = 'unknown') as tasks_unknown,
        count_if(role = 'lead' and (status_group != 'in_progress')) as tasks_due,
        count_if(role = 'lead' and status = 'DONE_ON_TIME') as led_on_time
    from marts.fct_task_agencies w join marts.dim_agencies a
        on a.agency_code = w.agency_code and a.valid_to is null
    group by all
)
select * exclude (led_on_time), tasks_completed_on_time / nullif(tasks_completed, 0)
        as on_time_share_of_done,
    led_on_time / nullif(tasks_due, 0) as on_time_share_of_due,
    60.0 + hash(agency_code) % 400 / 10 as quality_score, 90.0 as correct_score,
    80.0 as sufficient_score, 95.5 as clean_score, 70.25 as living_score, 1.0 as coverage_share,
    case when led_on_time / nullif(tasks_due, 0) is not null then rank() over (
        partition by as_of_date, peer_group
        order by led_on_time / nullif(tasks_due, 0) desc nulls last) end as rank_in_peer_group,
    count(led_on_time / nullif(tasks_due, 0)) over (partition by as_of_date, peer_group)
        as ranked_agencies
from cards;

create table marts.reconciliation as
select f.figure_id, f.source, f.published_on::date as published_on,
    coalesce(f.programme_scope, '') as programme_scope, f.measure,
    coalesce(f.agency_code, 'all') as agency_code, f.window_start::date as window_start,
    f.as_of_date::date as as_of_date, f.operator, f."value"::double as published_value,
    m.value as computed_value, case when m.value is not null then '=' end as computed_operator,
    m.value - f."value"::double as difference, f.unit,
    f.rounding_unit::double as rounding_unit,
    case when m.value is null then 'NOT_COMPUTABLE' when m.value = f."value"::double then 'MATCH'
        else 'DIFFERS' end as verdict,
    'Khác số liệu tính từ báo cáo' as explanation_vi,
    'Differs from what the reports say' as explanation_en, f.note
from seeds.published_figures f left join marts.fct_measures m
    on m.as_of_date = f.as_of_date::date and m.measure = f.measure
    and m.programme_scope = coalesce(f.programme_scope, '')
    and m.agency_code = coalesce(f.agency_code, 'all')
    and m.window_start is not distinct from f.window_start::date;

create table marts.control_totals as
select 'c1' as control_id, 'rows' as kind, 'sheet_total' as compared, 'BTC' as agency_code,
    'services' as form, date '2025-09-23' as reporting_date, 'dossiers_received' as column_name,
    null::varchar as measure, null::varchar as figure_id, null::varchar as programme_scope,
    null::date as window_start, 1::bigint as figure_count, 1199.0::double as stated_value,
    1200.0::double as computed_value, -1.0::double as difference, 'DIFFERS' as verdict,
    'sheet_total' as reason, 'Dòng tổng khác tổng các dòng của nó' as explanation_vi,
    'The total is not the sum of its rows' as explanation_en, 's-BTC-2025-09-23' as submission_id,
    'Dịch vụ công' as sheet_name, 8::integer as row_number, 'total:8' as record_key, 'G8' as cell,
    'dossiers_received: 6-7' as related_cells;

create table marts.fct_submissions as
select r.submission_id, case when r.agency_code = 'BCD' then 'register_tasks' else 'tasks' end as form,
    r.agency_code, d.reporting_date,
    case when r.agency_code != 'BCD' then d.reporting_date end as slot_on,
    (date_trunc('month', slot_on - 13) - interval 1 month + interval 14 day)::date as period_start,
    (date_trunc('month', slot_on - 13) + interval 13 day)::date as period_end,
    slot_on + interval '17 hours' as due_at,
    case when r.agency_code = 'BTC' then 'HELD' else 'ACCEPTED' end as status,
    case r.agency_code when 'BCD' then null when 'BTC' then 'MISSING' when 'P01' then 'LATE'
        else 'ON_TIME' end as timeliness, r.received_at,
    r.agency_code = 'P01' as is_late, 12::bigint as rows_received, 12::bigint as rows_kept,
    0::bigint as rows_rejected, r.sha256, r.sha256 as content_hash, r.file_name,
    case when r.agency_code = 'BTC' then 'other_agency' end as reason_code,
    case when r.agency_code = 'BTC' then 'Bìa ghi tên cơ quan khác; chờ xác nhận' end as reason_vi,
    case when r.agency_code = 'BTC' then 'The cover names another agency; awaiting a decision' end
        as reason_en, null::varchar as detail,
    case when r.agency_code = 'P01' then 'Phụ lục' end as unmatched_sheets,
    case when r.agency_code = 'P01' then 'Ghi chú; (G)' end as unmatched_columns
from raw.receipts r join raw.readings d using (submission_id)
union all
select null, 'tasks', agency_code, date '2025-09-23', date '2025-09-23', date '2025-08-15',
    date '2025-09-14', timestamp '2025-09-23 17:00:00', 'EXPECTED', 'NEVER_SENT',
    null, null, null, null, null, null, null, null, null, null, null, null, null, null
from marts.dim_agencies where agency_code in ('BQP', 'P04');

create table marts.submission_rates as
with agencies as (
    select agency_code as sender_code, unnest(['all', peer_group, agency_code]) as agency_code
    from marts.dim_agencies where peer_group is not null and valid_to is null
),
slots as (
    select distinct slot_on, form, period_start, period_end, due_at
    from marts.fct_submissions where slot_on is not null
),
outcomes as (
    select distinct agency_code as sender_code, form, slot_on, timeliness
    from marts.fct_submissions where slot_on is not null
)
select slot_on, form, agency_code, period_start, period_end, due_at, true as is_due,
    count(*) as reporting_count, count(timeliness) as expected_count,
    count(*) filter (timeliness in ('ON_TIME', 'LATE')) as received_count,
    count(*) filter (timeliness = 'ON_TIME') as on_time_count,
    count(*) filter (timeliness = 'LATE') as late_count,
    count(*) filter (timeliness = 'MISSING') as missing_count,
    count(*) filter (timeliness = 'NEVER_SENT') as never_sent_count, 0::bigint as not_yet_due_count,
    expected_count / reporting_count as expected_share,
    received_count / nullif(expected_count, 0) as received_share,
    on_time_count / nullif(expected_count, 0) as on_time_share
from slots cross join agencies left join outcomes using (slot_on, form, sender_code)
group by slot_on, form, agency_code, period_start, period_end, due_at;

create table quality.rules as
select 'TSK-COR-001' as rule_id, 1 as rule_version, 'tasks' as form, 'tasks' as subject, 'correct' as dimension,
    'row' as level, 'major' as severity, 1.0 as weight, false as is_identifier,
    'agency' as responsible, 'Ngày hoàn thành không trước ngày giao' as sentence_vi,
    'Completed on or after the day assigned' as sentence_en, 'Sửa ngày hoàn thành' as how_to_fix_vi,
    'Mend the completion date' as how_to_fix_en, 'Nghị quyết 71/NQ-CP' as basis;

create table quality.rule_results as
select as_of_date, agency_code, 'TSK-COR-001' as rule_id, 'FAIL' as status,
    12::bigint as applicable_count, 2::bigint as failed_count, 1::bigint as missing_count,
    null::varchar as reason, 1 as rule_version
from (select distinct as_of_date, agency_code from marts.fct_task_agencies);

create table quality.findings as
select 'f1' as finding_id, 1 as episode, 'TSK-COR-001' as rule_id, 1 as rule_version, 'P01' as agency_code,
    'tasks' as form, 'NQ71-001' as record_key, 'completed_on' as column_name,
    's-P01-2025-07-20' as submission_id, 'Nhiệm vụ' as sheet_name, 6 as row_number, 'J6' as cell,
    null::varchar as related_cells, '<b>31/02/2025</b>' as value_found,
    'từ ngày giao' as value_expected, date '2025-07-20' as opened_on, null::date as closed_on,
    'OPEN' as state;

create table quality.scores as
select as_of_date, agency_code, 'tasks' as subject, unnest(['all', 'correct', 'sufficient', 'clean',
        'living']) as dimension,
    unnest([83.9, 90.0, 80.0, 95.5, 70.25]) as score, 80.0::double as numerator,
    100.0::double as denominator, 5.0::double as weight_sum, 'ASSESSED' as state, 'AMBER' as band,
    '' as rule_set_hash, 1 as method_version
from (select distinct as_of_date, agency_code from marts.fct_task_agencies);

create table quality.source_columns as
select submission_id, 'tasks' as form, 'Nhiệm vụ' as sheet_name,
    unnest(['task_code', 'status', 'percent_complete', 'started_on', 'completed_on']) as column_name,
    unnest(['A', 'G', 'H', 'I', 'J']) as column_letter, null::varchar as header_text
from raw.receipts where agency_code != 'BCD'
union all
select submission_id, 'register_tasks', 'Danh mục nhiệm vụ',
    unnest(['programme_code', 'task_code', 'title', 'lead_agency', 'coordinating_agencies',
        'assigned_on', 'deadline']),
    unnest(['A', 'B', 'C', 'D', 'E', 'F', 'G']), null
from raw.receipts where agency_code = 'BCD'
