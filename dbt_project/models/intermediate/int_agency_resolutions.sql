-- Grain: agency code and interval of days, with the agency that answers for it then.
-- An abolished agency hands over to its successor on the day after its end.
with recursive codes as (
    -- A code that changed its name goes on as itself; only its last row names a successor.
    select
        agency_code,
        min(valid_from) as valid_from,
        max(coalesce(valid_to, {{ open_end() }})) as valid_to,
        max(successor_code) as successor_code
    from {{ ref("agencies") }}
    group by agency_code
),

handed_over as (
    select
        agency_code,
        agency_code as resolved_code,
        -- Before its first row an agency answers for itself: registers may be older than our list.
        date '1900-01-01' as valid_from,
        valid_to,
        successor_code
    from codes

    union all

    select
        before.agency_code,
        after.agency_code as resolved_code,
        greatest(before.valid_to + 1, after.valid_from) as valid_from,
        after.valid_to,
        after.successor_code
    from handed_over as before
    inner join codes as after
        on before.successor_code = after.agency_code and before.valid_to < after.valid_to
)

select
    agency_code,
    resolved_code,
    valid_from,
    valid_to
from handed_over
