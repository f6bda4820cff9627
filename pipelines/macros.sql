-- Table macros of the published file, each followed by questions that it answers. A statement that
-- creates a macro is made in the file. Any other is an example: the data dictionary shows it and a
-- test runs it. The comment above each says what it gives, in both languages.

-- vi: Ngày day, nếu các bảng có số liệu của ngày đó; nếu không thì báo lỗi, thay vì trả lời trống.
-- en: The day itself, if the tables speak of it; an error that names the days there are, if not.
create macro marts.known_day(day) as
case
    when day::date in (select facts.as_of_date from marts.fct_tasks as facts) then day::date
    else error(
        'Nothing is known of ' || day || '. Days: '
        || (select min(as_of_date) || ' to ' || max(as_of_date) from marts.fct_tasks)
    )
end;

-- vi: Nhiệm vụ có thay đổi từ sau ngày first_day đến hết ngày last_day: giao mới, hoàn thành, thành
-- quá hạn, rút khỏi danh mục, đổi trạng thái. Mỗi nhiệm vụ một dòng nên đếm được.
-- en: Tasks that changed after first_day and up to last_day: assigned, completed, fallen overdue,
-- withdrawn, of another status. One row per task, so rows may be counted. Assigned and completed go
-- by their own dates, as the measures of a window do; overdue compares the two days.
create macro marts.tasks_between(first_day, last_day) as table
with former as (
    from marts.fct_tasks
    where as_of_date = marts.known_day(first_day)
),

latter as (
    from marts.fct_tasks
    where as_of_date = marts.known_day(last_day)
),

compared as (
    select
        task_code,
        coalesce(latter.programme_code, former.programme_code) as programme_code,
        coalesce(latter.lead_agency_code, former.lead_agency_code) as lead_agency_code,
        coalesce(latter.assigned_on > first_day::date, false) as is_assigned,
        coalesce(
            latter.status_group = 'completed' and latter.completed_on > first_day::date, false
        ) as is_completed,
        coalesce(latter.is_overdue, false) and not coalesce(former.is_overdue, false)
            as has_fallen_overdue,
        latter.task_code is null as is_withdrawn,
        former.status as status_before,
        latter.status as status_after,
        latter.assigned_on,
        latter.deadline,
        latter.completed_on
    from former
    full join latter using (task_code)
)

select
    task_code,
    titles.title,
    compared.* exclude (task_code)
from compared
left join marts.dim_tasks as titles using (task_code)
where
    is_assigned or is_completed or has_fallen_overdue or is_withdrawn
    or status_before is distinct from status_after
order by task_code;

-- vi: Từ kỳ họp ngày 23/9/2025 đến 28/10/2025, nhiệm vụ nào đã thành quá hạn?
-- en: Which tasks fell overdue between 23 September and 28 October 2025?
select
    task_code,
    title,
    lead_agency_code,
    deadline
from marts.tasks_between('2025-09-23', '2025-10-28')
where has_fallen_overdue;

-- vi: Từ 20/7/2025 đến 23/9/2025 giao mới bao nhiêu, hoàn thành bao nhiêu, bao nhiêu thành quá hạn?
-- en: How many tasks were assigned, were completed and fell overdue from 20 July to 23 September?
select
    programme_code,
    count_if(is_assigned) as assigned,
    count_if(is_completed) as completed,
    count_if(has_fallen_overdue) as fallen_overdue
from marts.tasks_between('2025-07-20', '2025-09-23')
group by all
order by programme_code;

-- vi: Nhiệm vụ quá hạn vào một ngày, quá hạn lâu nhất trước, kèm tên cơ quan chủ trì đầu tiên.
-- en: Tasks overdue on a day, longest first, with the name that the first lead had on that day.
create macro marts.overdue_on(day) as table
select
    facts.task_code,
    titles.title,
    facts.programme_code,
    facts.lead_agency_code,
    leads.name_vi as lead_agency_vi,
    leads.name_en as lead_agency_en,
    facts.deadline,
    facts.days_overdue,
    facts.status,
    facts.percent_complete_pct,
    facts.obstacles,
    facts.reported_on
from marts.fct_tasks as facts
left join marts.dim_tasks as titles using (task_code)
left join marts.dim_agencies as leads
    on
        facts.lead_agency_code = leads.agency_code
        and facts.as_of_date between leads.valid_from and coalesce(leads.valid_to, 'infinity')
where facts.as_of_date = marts.known_day(day) and facts.is_overdue
order by facts.days_overdue desc, facts.task_code;

-- vi: Những nhiệm vụ nào quá hạn lâu nhất vào ngày 28/10/2025?
-- en: Which tasks were overdue the longest on 28 October 2025?
select
    task_code,
    title,
    lead_agency_vi,
    days_overdue
from marts.overdue_on('2025-10-28')
limit 10;

-- vi: Vào ngày 28/10/2025, cơ quan chủ trì đầu tiên nào có nhiều nhiệm vụ quá hạn nhất?
-- en: Which first leads have the most overdue tasks on 28 October 2025?
select
    lead_agency_code,
    lead_agency_vi,
    count(*) as overdue,
    max(days_overdue) as longest
from marts.overdue_on('2025-10-28')
group by all
order by overdue desc, lead_agency_code;

-- vi: Tỷ lệ hồ sơ trực tuyến toàn trình của 'all', 'central', 'provinces' hoặc một cơ quan, cộng
-- các kỳ kết thúc từ first_day đến last_day rồi mới chia. Kỳ của cơ quan đã sáp nhập tính cho cơ
-- quan kế thừa.
-- en: The share of dossiers handled fully online, of 'all', 'central', 'provinces' or one agency:
-- the periods that end from first_day to last_day, summed before dividing. Those of an abolished
-- agency count for its successor. share_filed_online is the other definition in use: filed online
-- at all.
create macro marts.online_share(who, first_day, last_day) as table
select
    who as agency_code,
    count(distinct services.period_end) as periods,
    min(services.period_start) as period_start,
    max(services.period_end) as period_end,
    sum(services.dossiers_fully_online)::bigint as dossiers_fully_online,
    sum(services.dossiers_online)::bigint as dossiers_online,
    sum(services.dossiers_received)::bigint as dossiers_received,
    -- A share adds up rows that have both counts.
    sum(services.dossiers_fully_online) filter (where services.dossiers_received is not null)
    / nullif(
        sum(services.dossiers_received) filter (where services.dossiers_fully_online is not null),
        0
    ) as online_share,
    sum(services.dossiers_online) filter (where services.dossiers_received is not null)
    / nullif(
        sum(services.dossiers_received) filter (where services.dossiers_online is not null), 0
    ) as share_filed_online
from marts.fct_services as services
left join marts.dim_agencies as agencies
    on
        services.current_agency_code = agencies.agency_code
        and (select as_of_date from history.releases where is_this_file)
        between agencies.valid_from and coalesce(agencies.valid_to, 'infinity')
where
    services.is_counted
    and services.period_end between first_day::date and last_day::date
    and who in ('all', agencies.peer_group, services.current_agency_code);

-- vi: Trong mười kỳ đầu của năm hành chính 2025, bộ, ngành và địa phương đạt bao nhiêu so với 80 %?
-- en: How far from 80 % were ministries and provinces over the first ten periods of the year 2025?
select
    agency_code,
    round(100 * online_share, 2) as online_pct,
    round(80 - 100 * online_share, 2) as points_missing
from marts.online_share('central', '2024-12-15', '2025-10-14')
union all
select
    agency_code,
    round(100 * online_share, 2) as online_pct,
    round(80 - 100 * online_share, 2) as points_missing
from marts.online_share('provinces', '2024-12-15', '2025-10-14');

-- vi: Tỷ lệ của cả nước thay đổi thế nào theo từng tháng?
-- en: How did the national share move from month to month?
select
    months.period_end,
    round(100 * shares.online_share, 2) as online_pct,
    shares.dossiers_received
from (select distinct period_end from marts.fct_services where is_counted) as months
cross join lateral marts.online_share('all', months.period_end, months.period_end) as shares
order by months.period_end;

-- vi: Các cơ quan có hiệu lực vào một ngày: tên, mã và nhóm của ngày đó.
-- en: The agencies that existed on a day, by the names, codes and groups of that day.
create macro marts.agencies_on(day) as table
from marts.dim_agencies
where day::date between valid_from and coalesce(valid_to, 'infinity')
order by peer_group nulls last, agency_code;

-- vi: Trước và sau ngày sắp xếp 01/7/2025 có bao nhiêu tỉnh, thành phố?
-- en: How many provinces were there before and after the merger of 1 July 2025?
select
    '2025-06-30' as day,
    count(*) as provinces
from marts.agencies_on('2025-06-30')
where kind = 'province'
union all
select
    '2025-07-01' as day,
    count(*) as provinces
from marts.agencies_on('2025-07-01')
where kind = 'province';

-- vi: Các lỗi đang mở của một cơ quan, tại từng ô, kèm quy tắc và cách sửa; nặng nhất trước.
-- en: The open findings of an agency, each at its cell, with the rule and how to mend it; gravest
-- first.
create macro marts.findings_of(agency) as table
select
    findings.rule_id,
    rules.severity,
    rules.dimension,
    findings.form,
    findings.record_key,
    files.file_name,
    findings.sheet_name,
    findings.cell,
    findings.value_found,
    findings.value_expected,
    rules.sentence_vi,
    rules.sentence_en,
    rules.how_to_fix_vi,
    rules.how_to_fix_en,
    findings.opened_on
from quality.findings as findings
inner join quality.rules as rules using (rule_id, rule_version)
left join (
    select
        submission_id,
        any_value(file_name) as file_name
    from marts.fct_submissions
    group by all
) as files using (submission_id)
where findings.agency_code = agency and findings.state = 'OPEN'
order by
    list_position(['critical', 'warning', 'info'], rules.severity),
    findings.form, findings.sheet_name, findings.row_number, findings.cell, findings.rule_id;

-- vi: Bộ Công an cần sửa gì trước?
-- en: What should the Ministry of Public Security mend first?
select
    severity,
    file_name,
    sheet_name,
    cell,
    value_found,
    how_to_fix_vi
from marts.findings_of('BCA')
limit 20;

-- vi: Các nhiệm vụ mà một số liệu đã công bố đếm, theo mã của số đó trong marts.reconciliation.
-- en: The tasks that a published figure counts, by its id in marts.reconciliation; with the
-- standing that is counted: the nation's, or one agency's own word. A share lists its denominator.
create macro marts.figure_tasks(figure) as table
with standing as (
    select
        asked.figure_id,
        asked.measure,
        asked.as_of_date,
        asked.agency_code,
        asked.window_start,
        facts.task_code,
        facts.assigned_on,
        facts.deadline,
        if(words.task_code is null, facts.status, words.status) as status,
        if(words.task_code is null, facts.status_group, words.status_group) as status_group,
        if(words.task_code is null, facts.completed_on, words.completed_on) as completed_on
    from marts.reconciliation as asked
    inner join marts.fct_tasks as facts using (as_of_date)
    left join marts.fct_task_agencies as words using (as_of_date, task_code, agency_code)
    where
        asked.figure_id = upper(figure)
        and asked.verdict != 'NOT_COMPUTABLE'
        and (
            asked.programme_scope = ''
            or list_contains(string_split(asked.programme_scope, '+'), facts.programme_code)
        )
        and (
            asked.agency_code = 'all'
            or words.task_code is not null
            or (asked.as_of_date, facts.task_code, asked.agency_code) in (
                select (named.as_of_date, named.task_code, agencies.peer_group)
                from marts.fct_task_agencies as named
                inner join marts.dim_agencies as agencies
                    on
                        named.agency_code = agencies.agency_code
                        and named.as_of_date
                        between agencies.valid_from and coalesce(agencies.valid_to, 'infinity')
            )
        )
)

select
    standing.* exclude (window_start),
    titles.title
from standing
left join (select task_code, title from marts.dim_tasks) as titles using (task_code)
where
    case
        when measure like '%completed_on_time' then status = 'DONE_ON_TIME'
        when measure like '%completed_late' then status = 'DONE_LATE'
        when measure = 'tasks_completed_in_window'
            then status_group = 'completed' and completed_on > window_start
        when measure like '%completed' or measure = 'on_time_share_of_done'
            then status_group = 'completed'
        when measure = 'on_time_share_of_due'
            then status_group = 'completed' or deadline <= as_of_date
        when measure like '%overdue' then status_group = 'overdue'
        when measure = 'tasks_in_progress' then status_group = 'in_progress'
        when measure = 'tasks_unknown' then status_group = 'unknown'
        else
            measure in (
                'tasks_assigned', 'tasks_assigned_in_window', 'tasks_involving_agency',
                'agencies_with_tasks'
            )
    end
    and (measure not like 'tasks_assigned_in_window%' or assigned_on > window_start)
order by task_code;

-- vi: Số nhiệm vụ quá hạn đã công bố mang mã F006 gồm những nhiệm vụ nào?
-- en: Which tasks make up the printed number of overdue tasks, F006?
select
    task_code,
    title,
    status,
    deadline
from marts.figure_tasks('F006');

-- vi: Các dòng báo cáo mà một số liệu đã công bố về dịch vụ công, CSDL, chỉ tiêu, tiêu chí cấp xã
-- đếm. said là cả dòng ở dạng JSON, counts là tên các cột được cộng hoặc được xét.
-- en: The rows of services, datasets, indicators or commune criteria that a published figure
-- counts: said is the whole row as JSON, counts the names of the columns that are added up or
-- looked at.
create macro marts.figure_rows(figure) as table
with asked as (
    select
        figures.figure_id,
        figures.as_of_date,
        coalesce(aliases.agency_code, figures.agency_code) as agency_code,
        coalesce(measures.form, 'indicators') as form,
        measures.slice,
        measures.span,
        -- A share adds up rows that have a value in both its columns.
        case
            when measures.denominator is not null
                then list_filter(
                    [measures.numerator, measures.denominator], lambda one : one != 'rows'
                )
            else []
        end as needed,
        case
            when measures.measure is null
                then ['value', 'measured_on', 'target', 'target_on', 'unit']
            else
                list_concat(
                    [
                        split_part(measures.numerator, ' ', -1),
                        split_part(measures.denominator, ' ', -1),
                        if(measures.span = 'standing', null, 'period_end')
                    ],
                    (
                        select list(distinct slices.column_name)
                        from marts.dim_slices as slices
                        where
                            slices.form = measures.form
                            and slices.slice in (measures.slice, measures.numerator_slice)
                    )
                )
        end as counts,
        split_part(figures.measure, 'indicator:', 2) as indicator
    from marts.reconciliation as figures
    left join marts.dim_measure_aliases as aliases using (measure)
    left join marts.dim_measures as measures
        on coalesce(aliases.of_measure, figures.measure) = measures.measure
    where figures.figure_id = upper(figure) and figures.verdict != 'NOT_COMPUTABLE'
),

entries as (
    select
        'services' as form,
        to_json(facts) as said
    from marts.fct_services as facts
    where (select form = 'services' from asked)
    union all
    select 'datasets', to_json(facts) from marts.fct_datasets as facts
    where (select form = 'datasets' from asked)
    union all
    select 'commune_criteria', to_json(facts) from marts.fct_commune_criteria as facts
    where (select form = 'commune_criteria' from asked)
    union all
    select 'register_services', to_json(facts) from marts.dim_services as facts
    where (select form = 'register_services' from asked)
    union all
    select 'register_datasets', to_json(facts) from marts.dim_datasets as facts
    where (select form = 'register_datasets' from asked)
    union all
    select 'register_criteria', to_json(facts) from marts.dim_criteria as facts
    where (select form = 'register_criteria' from asked)
    union all
    select 'register_communes', to_json(facts) from marts.dim_communes as facts
    where (select form = 'register_communes' from asked)
    union all
    select 'indicators', to_json(facts) from marts.fct_indicators as facts
    where (lower(indicator_code), measured_on) = (select (indicator, as_of_date) from asked)
    union all by name
    -- What was measured on the day, else the target that the register sets for it.
    select 'indicators' as form, 'register_indicators' as sheet_form, to_json(facts) as said
    from marts.dim_indicators as facts
    where
        (lower(indicator_code), target_on) = (select (indicator, as_of_date) from asked)
        and (indicator_code, target_on) not in (
            select (indicator_code, measured_on) from marts.fct_indicators
        )
),

read as (
    select
        asked.*,
        coalesce(said ->> 'current_agency_code', said ->> 'agency_code', 'BCD') as owner_code,
        entries.sheet_form,
        (said ->> 'period_end')::date as period_end,
        (said ->> 'valid_from')::date as valid_from,
        coalesce((said ->> 'valid_to')::date, (said ->> 'withdrawn_on')::date - 1) as valid_to,
        said
    from asked
    inner join entries using (form)
)

select
    read.figure_id,
    coalesce(read.sheet_form, read.form) as form,
    read.owner_code as agency_code,
    said ->> 'submission_id' as submission_id,
    said ->> 'sheet_name' as sheet_name,
    (said ->> 'row_number')::integer as row_number,
    read.period_end,
    read.said,
    read.counts
from read
left join marts.dim_agencies as agencies
    on
        read.owner_code = agencies.agency_code
        and read.as_of_date between agencies.valid_from and coalesce(agencies.valid_to, 'infinity')
where
    read.agency_code in ('all', agencies.peer_group, read.owner_code)
    and coalesce((read.said ->> 'is_counted')::boolean, true)
    and (
        read.form = 'indicators'
        or read.as_of_date
        between coalesce(read.valid_from, '-infinity') and coalesce(read.valid_to, 'infinity')
    )
    -- The administrative year begins on 15 December: 17 days on it is the calendar's. A day speaks
    -- of that of the last month that has ended, from 14 January on.
    and coalesce(
        read.period_end <= read.as_of_date
        and year(read.period_end + 17) = year(read.as_of_date - 13),
        true
    )
    and len(list_filter(read.needed, lambda one : (read.said ->> one) is null)) = 0
    and not exists (
        from marts.dim_slices as slices
        where
            slices.form = read.form
            and slices.slice = read.slice
            and not coalesce(
                list_contains(string_split(slices.codes, '|'), read.said ->> slices.column_name),
                false
            )
    )
qualify read.span is distinct from 'latest' or read.period_end = max(read.period_end) over ()
order by agency_code, submission_id, row_number;

-- vi: Tỷ lệ 39,98 % (F025) được cộng từ bao nhiêu dòng của bao nhiêu cơ quan?
-- en: From how many rows of how many agencies is the share of F025 added up?
select
    count(*) as rows_counted,
    count(distinct agency_code) as agencies,
    sum((said ->> 'dossiers_fully_online')::bigint) as dossiers_fully_online,
    sum((said ->> 'dossiers_received')::bigint) as dossiers_received
from marts.figure_rows('F025');

-- vi: Các ô đứng sau một số liệu đã công bố: tệp, trang tính, ô và giá trị đã đọc.
-- en: The cells behind a published figure: file, sheet, cell and the value that was read there.
create macro marts.figure_cells(figure) as table
with tasks as (
    select
        counted.figure_id,
        counted.agency_code as asked_agency,
        counted.measure in (
            'tasks_assigned', 'tasks_assigned_in_window', 'tasks_involving_agency',
            'agencies_with_tasks'
        ) as is_by_register,
        facts.*,
        titles.lead_agencies as lead_agency,
        titles.coordinating_agencies
    from marts.figure_tasks(figure) as counted
    inner join marts.fct_tasks as facts using (as_of_date, task_code)
    left join marts.dim_tasks as titles using (task_code)
),

entries as (
    select
        figure_id,
        'register_tasks' as form,
        task_code as record_key,
        'BCD' as agency_code,
        register_submission_id as submission_id,
        register_sheet_name as sheet_name,
        register_row_number as row_number,
        {
            'task_code': task_code,
            'programme_code': programme_code,
            'lead_agency': lead_agency,
            'coordinating_agencies': coordinating_agencies,
            'assigned_on': assigned_on,
            'deadline': deadline
        }::json as said,
        if(
            is_by_register,
            json_keys(said),
            ['task_code', 'programme_code', 'lead_agency', 'assigned_on', 'deadline']
        ) as counts
    from tasks
    union all
    select
        tasks.figure_id,
        'tasks',
        words.task_code,
        words.agency_code,
        words.submission_id,
        words.sheet_name,
        words.row_number,
        {
            'status': words.status_reported,
            'percent_complete': words.percent_complete_pct,
            'started_on': words.started_on,
            'completed_on': words.completed_on
        }::json as said,
        json_keys(said)
    from tasks
    inner join marts.fct_task_agencies as words using (as_of_date, task_code)
    where
        not tasks.is_by_register
        and (
            words.agency_code = tasks.asked_agency
            or (tasks.asked_agency in ('all', 'central', 'provinces') and words.role = 'lead')
        )
    union all
    select
        figure_id,
        form,
        concat_ws(
            '/', said ->> 'procedure_code', said ->> 'dataset_code', said ->> 'indicator_code',
            said ->> 'commune_code', said ->> 'criterion_code'
        ),
        agency_code,
        submission_id,
        sheet_name,
        row_number,
        said,
        counts
    from marts.figure_rows(figure)
)

select
    entries.figure_id,
    entries.form,
    entries.record_key,
    entries.agency_code,
    files.file_name,
    entries.sheet_name,
    columns.column_letter || entries.row_number as cell,
    columns.column_name,
    entries.said ->> columns.column_name as value
from entries
inner join quality.source_columns as columns using (submission_id, form, sheet_name)
left join (
    select
        submission_id,
        any_value(file_name) as file_name
    from marts.fct_submissions
    group by all
) as files using (submission_id)
where
    list_contains(entries.counts, columns.column_name)
    -- Rows that are merely counted are told apart by their codes.
    or (
        entries.counts[1] = 'rows'
        and columns.column_name in (
            'procedure_code', 'dataset_code', 'commune_code', 'criterion_code'
        )
    )
order by
    entries.record_key, entries.agency_code, files.file_name, entries.row_number,
    length(columns.column_letter), columns.column_letter;

-- vi: Số 27 nhiệm vụ quá hạn (F006) được tính từ những ô nào?
-- en: From which cells is the number of F006 counted?
select
    record_key,
    agency_code,
    file_name,
    sheet_name,
    cell,
    column_name,
    value
from marts.figure_cells('F006');
