-- Grain: rule, agency, record and first day: a registered row that the rule cannot judge, because
-- nobody reported it or a cell that the rule reads says nothing.
{{ config(tags=["after_quality"]) }}

with reads as (
    select
        rule_id,
        form,
        unnest(string_split(columns, ';')) as column_name
    from {{ ref("rules") }}
)

select
    rules.rule_id,
    rows.agency_code,
    rows.record_key,
    rows.valid_from,
    rows.valid_to
from {{ ref("int_rule_rows") }} as rows
inner join {{ ref("rules") }} as rules on rows.form = rules.form
where rows.submission_id is null

union all

select distinct
    reads.rule_id,
    rows.agency_code,
    rows.record_key,
    rows.valid_from,
    rows.valid_to
from {{ ref("int_rule_rows") }} as rows
inner join {{ ref("int_rule_gaps") }} as gaps
    on
        rows.form = gaps.form
        and rows.submission_id = gaps.submission_id
        and rows.record_key = gaps.record_key
inner join reads
    on
        gaps.form = reads.form
        and gaps.column_name = reads.column_name
-- A blank is excused where the register itself gives no date or names no coordinator.
where
    gaps.state = 'unreadable'
    or case gaps.column_name
        when 'deadline' then rows.deadline_kind = 'fixed'
        when 'coordinating_agencies' then rows.has_coordinators
        else true
    end
