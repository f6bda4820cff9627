{#-
The status of a task on a day. Deadline, completion and day are inclusive. One definition for an
agency's own word and for the nation.

Arguments are SQL expressions: is_done, completed_on (not after the day), is_started, has_report,
deadline, deadline_kind, deadline_state (`unreadable` when the register's cell says nothing), day.
-#}
{% macro task_status(
    is_done, completed_on, is_started, has_report, deadline, deadline_kind, deadline_state, day
) -%}
    case
        when {{ is_done }} and {{ completed_on }} is null then 'DONE_UNKNOWN_DATE'
        when {{ is_done }} and {{ completed_on }} > {{ deadline }} then 'DONE_LATE'
        when {{ is_done }} then 'DONE_ON_TIME'
        when {{ deadline_kind }} in ('regular', 'annual') then 'REGULAR'
        when {{ deadline_kind }} in ('conditional', 'none') and {{ deadline_state }} != 'unreadable'
            then 'NO_DEADLINE'
        when {{ deadline }} is null or not {{ has_report }} then 'UNKNOWN'
        when {{ is_started }} and {{ day }} > {{ deadline }} then 'IN_PROGRESS_LATE'
        when {{ is_started }} then 'IN_PROGRESS_ON_TIME'
        when {{ day }} > {{ deadline }} then 'NOT_STARTED_LATE'
        else 'NOT_STARTED_ON_TIME'
    end
{%- endmacro %}

{#- The four groups in which the committee counts. -#}
{% macro status_group(status) -%}
    case
        when {{ status }} like 'DONE_%' then 'completed'
        when {{ status }} like '%_LATE' then 'overdue'
        when {{ status }} = 'UNKNOWN' then 'unknown'
        else 'in_progress'
    end
{%- endmacro %}

{#- Whether the word that was reported says other than what the dates say. -#}
{% macro has_status_conflict(status_reported, is_done, is_started) -%}
    coalesce(
        ({{ status_reported }} = 'DONE') != {{ is_done }}
        or ({{ status_reported }} = 'NOT_STARTED' and {{ is_started }}),
        false
    )
{%- endmacro %}
