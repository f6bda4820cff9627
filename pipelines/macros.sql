-- Table macros of the published file, each followed by questions that it answers.
-- A statement that creates a macro is made in the file. Any other is an example: the data dictionary
-- shows it and a test runs it. The comment above each says what it gives, in both languages.

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

-- vi: Vào ngày 28/10/2025, cơ quan nào chủ trì nhiều nhiệm vụ quá hạn nhất?
-- en: Which agencies lead the most overdue tasks on 28 October 2025?
select
    lead_agency_code,
    lead_agency_vi,
    count(*) as overdue,
    max(days_overdue) as longest
from marts.overdue_on('2025-10-28')
group by all
order by overdue desc, lead_agency_code;

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
