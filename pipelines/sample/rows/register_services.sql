-- Procedures 9.dddddd, which no real one bears: each central agency's own, and 30 that all
-- provinces share at the same level. 53 are essential, of which 38 are online, wholly or in part.
with reporting_dates (reporting_date) as (
    values (date '2025-09-23'), (date '2025-10-28')
),

owners as (
    select
        member_code as owner_code,
        'central' as peer_group,
        draw('procedures|' || member_code, 5, 19) as procedures
    from seeds.agency_group_members
    where group_code = 'G-CENTRAL'
    union all
    select
        'provinces' as owner_code,
        'provinces' as peer_group,
        30 as procedures
),

numbered as (
    select
        owners.owner_code,
        owners.peer_group,
        one.n,
        row_number() over (order by owners.peer_group, owners.owner_code, one.n) as number,
        row_number() over (
            partition by owners.peer_group order by md5(owners.owner_code || '|' || one.n)
        ) as place,
        count(*) over (partition by owners.peer_group) as procedures
    from owners, unnest(range(owners.procedures)) as one (n)
),

levels as (
    select
        *,
        case
            when place * 100 <= procedures * if(peer_group = 'central', 52, 37) then 'full'
            when place * 100 <= procedures * if(peer_group = 'central', 77, 70) then 'partial'
            else 'none'
        end as service_level
    from numbered
),

ranked as (
    select
        *,
        row_number() over (
            partition by peer_group, service_level = 'none' order by md5('essential|' || number)
        ) as rank
    from levels
),

quotas (peer_group, is_offline, essential) as (
    values
    ('central', false, 25), ('central', true, 10), ('provinces', false, 13), ('provinces', true, 5)
),

procedures as (
    select
        ranked.owner_code,
        ranked.peer_group,
        '9.' || lpad((100 + 7 * ranked.number)::varchar, 6, '0') as procedure_code,
        ['Cấp', 'Cấp lại', 'Gia hạn', 'Điều chỉnh', 'Thu hồi', 'Công nhận', 'Xác nhận'][
            1 + ranked.n % 7
        ] || ' ' || [
            'giấy phép hoạt động', 'chứng chỉ hành nghề', 'giấy chứng nhận đủ điều kiện',
            'quyết định công nhận', 'thẻ hành nghề'
        ][1 + ranked.n % 5] as procedure_title,
        ranked.service_level,
        ranked.rank <= quotas.essential as is_essential
    from ranked
    inner join quotas
        on
            ranked.peer_group = quotas.peer_group
            and (ranked.service_level = 'none') = quotas.is_offline
)

select
    members.member_code as agency_code,
    reporting_dates.reporting_date,
    procedures.procedure_code,
    procedures.procedure_title || ' do ' || if(
        procedures.peer_group = 'central', agencies.name_vi, 'cấp tỉnh'
    ) || ' quản lý (giả định)' as procedure_name,
    procedures.service_level,
    procedures.is_essential
from procedures
inner join seeds.agency_group_members as members
    on
        members.group_code = if(procedures.peer_group = 'central', 'G-CENTRAL', 'G-PROVINCES')
        and procedures.owner_code in (members.member_code, 'provinces')
inner join seeds.agencies as agencies
    on
        members.member_code = agencies.agency_code
        and '2025-09-23' between agencies.valid_from and coalesce(agencies.valid_to, '9999')
cross join reporting_dates
