-- Grain: submission and form that can be taken, numbered within (agency, form, reporting date).
-- A version with fewer than 70 % of the rows of the one it would replace is held; the next one is
-- compared with the version that stands, which is why this walks version by version. Cells that say
-- what the standing version says are that version, saved again by another program: no new one.
with recursive versions as (
    select
        *,
        row_number() over (
            partition by agency_code, form, snapshot_scope, reporting_date
            order by received_at, submission_id
        ) as version_number
    from {{ ref("int_submission_forms") }}
    where
        not is_refused
        and not is_unread
        and not is_withdrawn
        and form != 'unknown'
        and coalesce(answer, '') != 'refuse'
        and (identity_doubt is null or answer = 'accept')
),

walked as (
    select
        versions.*,
        false as has_fallen,
        false as is_same_content,
        versions.rows_received as standing_rows,
        versions.content_hash as standing_hash
    from versions
    where versions.version_number = 1

    union all

    select
        versions.*,
        versions.answer is null
        and versions.rows_received < 0.7 * walked.standing_rows as has_fallen,
        coalesce(versions.content_hash = walked.standing_hash, false) as is_same_content,
        case
            when versions.answer is null and versions.rows_received < 0.7 * walked.standing_rows
                then walked.standing_rows
            else versions.rows_received
        end as standing_rows,
        case
            when versions.answer is null and versions.rows_received < 0.7 * walked.standing_rows
                then walked.standing_hash
            else versions.content_hash
        end as standing_hash
    from walked
    inner join versions
        on
            walked.agency_code = versions.agency_code
            and walked.form = versions.form
            and walked.snapshot_scope = versions.snapshot_scope
            and walked.reporting_date = versions.reporting_date
            and walked.version_number + 1 = versions.version_number
)

select
    submission_id,
    form,
    agency_code,
    snapshot_scope,
    reporting_date,
    version_number,
    has_fallen,
    is_same_content,
    coalesce(
        version_number = max(version_number) filter (where not has_fallen and not is_same_content)
            over (partition by agency_code, form, snapshot_scope, reporting_date),
        false
    ) as is_newest
from walked
