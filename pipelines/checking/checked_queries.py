"""What `nq57 check` asks a warehouse that it has built; `$1` is the submission.

What belongs here: SQL. What does not: what becomes of the answers (`checked.py`).
"""

from __future__ import annotations

SENT = """
    select status, reason_code, detail, reporting_date, unmatched_sheets, template
    from raw.readings where submission_id = $1"""
FORMS = """
    select form, sheet_name, header_row, rows_received, missing_columns
    from raw.reading_forms where submission_id = $1 order by rowid"""
NOTES = """
    select form, sheet_name, code, detail
    from raw.reading_notes where submission_id = $1 order by note_number"""
QUESTIONS = """
    select 'header', form, header_text, column_name from raw.header_questions
    where submission_id = $1 and verdict = 'asked'
    union all
    select 'row', form, cast(row_number as varchar), record_key from raw.row_matches
    where submission_id = $1 and verdict = 'asked'
    order by all"""
HAS_REGISTER = """
    select count(*) > 0 from raw.reading_forms where form like 'register\\_%' escape '\\'"""
EARLIER_FORMS = """
    select distinct forms.form
    from raw.reading_forms as forms
    inner join raw.readings as readings using (submission_id)
    inner join raw.receipts as receipts using (submission_id)
    inner join raw.readings as this on this.submission_id = $1
    inner join raw.receipts as sent on sent.submission_id = $1
    where receipts.agency_code = sent.agency_code
        and readings.reporting_date < this.reporting_date"""
SAME_CONTENT = """
    select readings.submission_id
    from raw.readings as readings
    inner join raw.receipts as receipts using (submission_id)
    inner join raw.readings as this on this.submission_id = $1
    inner join raw.receipts as sent on sent.submission_id = $1
    where readings.submission_id <> $1 and readings.content_hash = this.content_hash
        and receipts.agency_code = sent.agency_code"""
STANDING = """
    select form, reason_code from intermediate.int_submissions
    where submission_id = $1 and status <> 'ACCEPTED' order by form"""
# Without a register no row is expected, and what fails in it is no finding of a run.
FOUND = {
    True: """
    select * from quality.findings where submission_id = $1 and state = 'OPEN'""",
    False: """
    select failing.*, columns.column_letter || failing.row_number as cell
    from measured.failing_rows as failing
    left join quality.source_columns as columns
        using (submission_id, form, sheet_name, column_name)
    where submission_id = $1
        and coalesce(as_of_date, (select as_of_date from raw.run))
            = (select as_of_date from raw.run)""",
}
FINDINGS = """
    select found.rule_id, found.form, coalesce(found.sheet_name, forms.sheet_name),
        found.row_number, found.cell, columns.header_text, found.record_key, found.value_found,
        found.value_expected, found.related_cells
    from ({found}) as found
    inner join raw.reading_forms as forms using (submission_id, form)
    left join raw.source_columns as columns
        on found.submission_id = columns.submission_id and found.form = columns.form
            and found.sheet_name = columns.sheet_name and found.column_name = columns.column_name
    order by forms.rowid, found.row_number nulls first, length(found.cell), found.cell,
        found.rule_id, found.record_key"""
NOT_IN_FILE = """
    select distinct expected.form
    from intermediate.int_expected_submissions as expected
    inner join raw.receipts as sent on sent.submission_id = $1
    inner join raw.readings as this on this.submission_id = $1
    where expected.agency_code = sent.agency_code
        and this.reporting_date between expected.serves_from and expected.serves_to
        and expected.form not in (
            select form from raw.reading_forms where submission_id = $1 and rows_received > 0
        )
    order by expected.form"""
REPAIRS = """
    select replace(column_repair, '_repair', ''), repair, count(*), min(row_number)
    from (
        unpivot (
            select row_number, columns('_repair$') from raw.{table} where submission_id = $1
        ) on columns('_repair$') into name column_repair value repair
    )
    group by all order by all"""
