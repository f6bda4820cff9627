"""What each figure counts and where its cells are, as questions to the published file.

What belongs here: conditions and SQL for tasks. What does not: asking (`trace.py`), the other forms
(`trace_rows.py`).
"""

EXISTS = "true"
ASSIGNED = "assigned_on > window_start and assigned_on <= day"
COUNTED = {
    "tasks_assigned": EXISTS,
    "tasks_involving_agency": EXISTS,
    "agencies_with_tasks": EXISTS,
    "tasks_completed": "status_group = 'completed'",
    "tasks_completed_on_time": "status = 'DONE_ON_TIME'",
    "tasks_completed_late": "status = 'DONE_LATE'",
    "tasks_in_progress": "status_group = 'in_progress'",
    "tasks_overdue": "status_group = 'overdue'",
    "tasks_unknown": "status_group = 'unknown'",
    "on_time_share_of_done": "status_group = 'completed'",
    "on_time_share_of_due": "status_group = 'completed' or deadline <= day",
    "tasks_assigned_in_window": ASSIGNED,
    "tasks_completed_in_window": "status_group = 'completed' and completed_on > window_start",
    "tasks_assigned_in_window_completed": f"status_group = 'completed' and {ASSIGNED}",
    "tasks_assigned_in_window_completed_on_time": f"status = 'DONE_ON_TIME' and {ASSIGNED}",
    "tasks_assigned_in_window_overdue": f"status_group = 'overdue' and {ASSIGNED}",
}
"""What a measure counts: the tasks for which this holds. A share is traced to its denominator."""

BY_REGISTER = {measure for measure, condition in COUNTED.items() if condition in {EXISTS, ASSIGNED}}
"""Measures that the register alone decides."""

REGISTER = ("task_code", "programme_code", "lead_agency", "assigned_on", "deadline")
WORD = ("status", "percent_complete", "started_on", "completed_on")
SOURCES = {
    "title": ("title",),
    "programme_code": ("programme_code",),
    "lead_agency_code": ("lead_agency",),
    "lead_agencies": ("lead_agency",),
    "coordinating_agencies": ("coordinating_agencies",),
    "assigned_on": ("assigned_on",),
    "deadline": ("deadline",),
    "deadline_original": ("deadline",),
    "deadline_precision": ("deadline",),
    "deadline_kind": ("deadline",),
    "deliverable": ("deliverable",),
    "legal_basis": ("legal_basis",),
    "status_reported": ("status",),
    "status_reported_raw": ("status",),
    "percent_complete_pct": ("percent_complete",),
    "started_on": ("started_on",),
    "completed_on": ("completed_on",),
    "has_evidence": ("evidence",),
    "obstacles": ("obstacles",),
    "proposal": ("proposal",),
}
"""Source columns of a published column; any other is derived from the word and the deadline."""

TASKS = """
    with words as (
        select facts.*, words.agency_code as of_agency, words.status as word,
            words.status_group as word_group, words.completed_on as word_completed_on
        from marts.fct_tasks as facts
        inner join marts.fct_task_agencies as words using (as_of_date, task_code)
        where as_of_date = $day and words.agency_code = $agency
    ),
    counted as (
        select task_code, programme_code, assigned_on, deadline, status, status_group, completed_on
        from marts.fct_tasks where as_of_date = $day and (
            $agency = 'all' or task_code in (
                select task_code from marts.fct_task_agencies as w
                inner join marts.dim_agencies as a on a.agency_code = w.agency_code
                    and $day between a.valid_from and coalesce(a.valid_to, date '9999-12-31')
                where w.as_of_date = $day and a.peer_group = $agency))
        union all
        select task_code, programme_code, assigned_on, deadline, word, word_group,
            word_completed_on
        from words
    )
    select task_code from counted, (select $day as day, $window::date as window_start)
    where ($scope = '' or list_contains(string_split($scope, '+'), programme_code))
        and ({condition})
    order by task_code
"""

NAMED = """
    select distinct programme_scope, coalesce(window_start::varchar, '') as since
    from marts.fct_measures where measure = $measure
"""

REPORTING = "select distinct agency_code from marts.dim_agencies where peer_group is not null"

PUBLISHED = """
    select value, numerator, denominator from marts.fct_measures
    where as_of_date = $day and measure = $measure and programme_scope = $programme_scope
        and agency_code = $agency_code and window_start is not distinct from $window_start::date
"""

CELLS = """
    with asked as (select unnest($tasks::varchar[]) as task_code),
    addresses as (
        select task_code, 'BCD' as agency_code, 'register' as role, 'register_tasks' as form,
            register_submission_id as submission_id, register_sheet_name as sheet_name,
            register_row_number as row_number, unnest([
                {{name: 'task_code', value: task_code}},
                {{name: 'programme_code', value: facts.programme_code}},
                {{name: 'title', value: titles.title}},
                {{name: 'lead_agency', value: titles.lead_agencies}},
                {{name: 'coordinating_agencies', value: titles.coordinating_agencies}},
                {{name: 'assigned_on', value: facts.assigned_on::varchar}},
                {{name: 'deadline', value: facts.deadline::varchar}},
                {{name: 'deliverable', value: null}},
                {{name: 'legal_basis', value: null}}
            ]) as source
        from asked inner join marts.fct_tasks as facts using (task_code)
        left join marts.dim_tasks as titles using (task_code)
        where facts.as_of_date = $day
        union all
        select task_code, agency_code, role, 'tasks', submission_id, sheet_name, row_number,
            unnest([
                {{name: 'status', value: status_reported}},
                {{name: 'percent_complete', value: percent_complete_pct::varchar}},
                {{name: 'started_on', value: started_on::varchar}},
                {{name: 'completed_on', value: completed_on::varchar}},
                {{name: 'evidence', value: null}},
                {{name: 'obstacles', value: null}},
                {{name: 'proposal', value: null}}
            ])
        from asked inner join marts.fct_task_agencies using (task_code)
        where as_of_date = $day and ({words})
    )
    select task_code as record_key, addresses.agency_code, role, submission_id, files.file_name,
        sheet_name, row_number, source.name as column_name,
        columns.column_letter || row_number as cell, source.value as value
    from addresses
    left join (
        select submission_id, any_value(file_name) as file_name from marts.fct_submissions
        group by all
    ) as files using (submission_id)
    left join quality.source_columns as columns
        using (submission_id, form, sheet_name)
    where columns.column_name is not distinct from
            (case when submission_id is null then null else source.name end)
        and list_contains($columns::varchar[], source.name)
    order by task_code, role != 'register', role desc, agency_code, columns.column_letter
"""
