-- A row whose agency has a report, but none for the last slot that has come due, or later.
-- The due time is stored in UTC; the day ends at Asia/Ho_Chi_Minh, 7 hours ahead all year.
with last_due as (
    select
        days.as_of_date,
        expected.agency_code,
        max(expected.reporting_date) as reporting_date,
        max(expected.serves_from) as serves_from
    from intermediate.int_days as days
    inner join intermediate.int_expected_submissions as expected
        on
            expected.form = '{form}'
            and cast(expected.due_at + interval 7 hour as date) <= days.as_of_date
    group by all
),

stale as (
    select
        last_due.as_of_date,
        last_due.agency_code,
        reports.reporting_date,
        last_due.reporting_date as due_date
    from last_due
    inner join intermediate.int_submissions as reports
        on
            reports.form = '{form}'
            and last_due.agency_code = reports.agency_code
            and last_due.as_of_date between reports.valid_from and reports.valid_to
            and last_due.serves_from > reports.reporting_date
)

select
    stale.as_of_date,
    rows.agency_code,
    rows.submission_id,
    rows.form,
    standing.sheet_name,
    standing.row_number,
    rows.record_key,
    cast(null as varchar) as column_name,
    strftime(stale.reporting_date, '%d/%m/%Y') as value_found,
    strftime(stale.due_date, '%d/%m/%Y') as value_expected,
    cast(null as varchar) as related_cells
from stale
inner join intermediate.int_rule_rows as rows
    on
        rows.form = '{form}'
        and stale.agency_code = rows.agency_code
        and stale.as_of_date between rows.valid_from and rows.valid_to
inner join intermediate.int_standing_rows as standing
    on
        rows.form = standing.form
        and rows.agency_code = standing.agency_code
        and rows.submission_id = standing.submission_id
        and rows.record_key = standing.record_key
