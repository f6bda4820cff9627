select
    form,
    label_vi,
    label_en,
    sender,
    peer_group,
    time,
    subject,
    mart
from {{ ref("forms") }}
