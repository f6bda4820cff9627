select
    measure,
    of_measure,
    agency_code
from {{ ref("measure_aliases") }}
