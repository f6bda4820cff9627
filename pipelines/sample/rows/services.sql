-- Ten periods of every registered procedure, told on one day. Received dossiers and those handled
-- fully online add up to round totals, from which the published shares follow: 39.98 % in all,
-- 54.46 % of the ministries, 16.94 % of the provinces. What is pending carries over exactly.
with totals (peer_group, received, fully_online) as (
    values ('central', 6140000, 3343844), ('provinces', 3860000, 653884)
),

periods as (
    select
        months.n as period,
        (date '2024-12-15' + to_months(months.n::integer))::date as period_start,
        (date '2025-01-15' + to_months(months.n::integer))::date - 1 as period_end
    from range(10) as months (n)
),

registered as (
    select
        services.*,
        if(members.group_code = 'G-CENTRAL', 'central', 'provinces') as peer_group
    from register_services as services
    inner join seeds.agency_group_members as members
        on
            services.agency_code = members.member_code
            and members.group_code in ('G-CENTRAL', 'G-PROVINCES')
    where services.reporting_date = '2025-09-23'
),

weighed as (
    select
        registered.*,
        periods.*,
        registered.agency_code || registered.procedure_code as service,
        registered.agency_code || registered.procedure_code || periods.period as word,
        draw('size|' || registered.agency_code, 2, 6)
        * draw('size|' || registered.procedure_code, 10, 400)
        * draw('size|' || word, 90, 110)
        * case registered.service_level
            when 'full' then if(registered.peer_group = 'central', 9, 4)
            when 'partial' then 6
            else 4
        end as weight
    from registered
    cross join periods
),

-- Cumulative rounding: whole numbers in proportion to the weights, and their sum exact.
received as (
    select
        weighed.*,
        totals.fully_online as fully_online_total,
        totals.received * sum(weighed.weight) over before_and_here
        // sum(weighed.weight) over peers
        - totals.received * (sum(weighed.weight) over before_and_here - weighed.weight)
        // sum(weighed.weight) over peers as received
    from weighed
    inner join totals on weighed.peer_group = totals.peer_group
    window
        peers as (partition by weighed.peer_group),
        before_and_here as (
            partition by weighed.peer_group
            order by weighed.agency_code, weighed.procedure_code, weighed.period
            rows unbounded preceding
        )
),

handled as (
    select
        *,
        case
            when service_level <> 'full' then 0
            when peer_group = 'central' then draw('full|' || service, 700, 800) + 8 * period
            else draw('full|' || service, 520, 680) + 12 * period
        end * received as fully_online_weight
    from received
),

online as (
    select
        *,
        fully_online_total * sum(fully_online_weight) over before_and_here
        // sum(fully_online_weight) over peers
        - fully_online_total * (sum(fully_online_weight) over before_and_here - fully_online_weight)
        // sum(fully_online_weight) over peers as fully_online,
        received * draw('pending|' || word, 30, 180) // 1000 as pending,
        draw('part|' || word, 0, 600) as filed_part,
        draw('part|' || service, 150, 500) as filed_share
    from handled
    window
        peers as (partition by peer_group),
        before_and_here as (
            partition by peer_group
            order by agency_code, procedure_code, period
            rows unbounded preceding
        )
),

settled as (
    select
        *,
        case service_level
            when 'full' then fully_online + (received - fully_online) * filed_part // 1000
            when 'partial' then received * (filed_share + 10 * period) // 1000
            else 0
        end as filed_online,
        coalesce(
            lag(pending) over (partition by agency_code, procedure_code order by period),
            received * 80 // 1000
        ) + received - pending as resolved
    from online
)

select
    agency_code,
    date '2025-10-25' as reporting_date,
    procedure_code,
    period_start,
    period_end,
    procedure_name,
    service_level,
    received::bigint as dossiers_received,
    filed_online::bigint as dossiers_online,
    fully_online::bigint as dossiers_fully_online,
    resolved::bigint as dossiers_resolved,
    (resolved - resolved * draw('late|' || word, 0, 60) // 1000)::bigint as resolved_on_time,
    (resolved * draw('late|' || word, 0, 60) // 1000)::bigint as resolved_late,
    pending::bigint as dossiers_pending,
    (resolved * draw('digitised|' || word, 500, 980) // 1000)::bigint as results_digitised,
    (filed_online * draw('vneid|' || word, 100, 500) // 1000)::bigint as dossiers_via_vneid,
    (received * draw('reused|' || word, 0, 400) // 1000)::bigint as dossiers_reusing_data
from settled
