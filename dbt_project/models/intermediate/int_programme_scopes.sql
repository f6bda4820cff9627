-- Grain: scope and programme. The blank scope holds every programme.
select
    programme_scope,
    programme_code
from {{ ref("programme_scopes") }}
where programme_scope is not null

union

select
    '' as programme_scope,
    programme_code
from {{ ref("programmes") }}
