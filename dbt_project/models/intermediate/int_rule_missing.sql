-- Grain: rule, agency, record and first day: a reported row that the rule cannot judge, because a
-- cell that it reads says nothing. Rows that nobody reported are the same for every rule, and
-- counted in `int_rule_agencies`.
{{ config(tags=["after_quality"]) }}

with reads as (
    select
        rule_id,
        form,
        unnest(string_split(columns, ';')) as column_name
    from {{ ref("rules") }}
)

select distinct
    reads.rule_id,
    rows.agency_code,
    rows.record_key,
    rows.valid_from,
    rows.valid_to
from {{ ref("int_rule_gaps") }} as gaps
inner join reads
    on
        gaps.form = reads.form
        and gaps.column_name = reads.column_name
inner join {{ ref("int_rule_rows") }} as rows
    on
        gaps.form = rows.form
        and gaps.submission_id = rows.submission_id
        and gaps.record_key = rows.record_key
-- A blank is excused where the register itself gives nothing.
where gaps.state = 'unreadable' or not list_contains(rows.excused_columns, gaps.column_name)
