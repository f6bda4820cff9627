-- Grain: agency code and interval of days, with the agency that answers for it then.
-- An abolished ministry hands over to its successor on the day after its end.
with recursive handed_over as (
    select
        agency_code,
        agency_code as resolved_code,
        -- Before its first row an agency answers for itself: registers may be older than our list.
        case
            when row_number() over (partition by agency_code order by valid_from) = 1
                then date '1900-01-01'
            else valid_from
        end as valid_from,
        coalesce(valid_to, {{ open_end() }}) as valid_to,
        successor_code
    from {{ ref("agencies") }}

    union all

    select
        before.agency_code,
        after.agency_code as resolved_code,
        greatest(before.valid_to + 1, after.valid_from) as valid_from,
        coalesce(after.valid_to, {{ open_end() }}) as valid_to,
        after.successor_code
    from handed_over as before
    inner join {{ ref("agencies") }} as after
        on
            before.successor_code = after.agency_code
            and coalesce(after.valid_to, {{ open_end() }}) > before.valid_to
)

select
    agency_code,
    resolved_code,
    valid_from,
    valid_to
from handed_over
